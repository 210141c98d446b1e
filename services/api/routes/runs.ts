/** Runs beyond the response that a client asked for: lists of them, and asking one again. */
import { responseObject } from '../../../shared/response/schema.ts';
import { runSummary } from '../../../shared/run/run-summary.ts';
import { listRuns, listRunsQuery, retryRun, runList } from '../handlers/runs.ts';
import type { RouteGroup } from '../http.ts';

export const runs: RouteGroup = {
  title: 'Runs',
  routes: [
    {
      method: 'GET',
      path: '/v1/runs',
      handler: listRuns,
      summary: 'The newest runs that were asked for one by one, newest first; of the last 1,000.',
      schema: { query: listRunsQuery, reply: runList },
    },
    {
      method: 'POST',
      path: '/v1/runs/{id}/retry',
      handler: retryRun,
      opensRun: true,
      summary: 'A new run of the same question, images, tools and budgets, with the model as it is now.',
      schema: { reply: responseObject },
    },
  ],
  names: { RunSummary: runSummary },
};
