/** /v1/runs: the newest runs of a tenant, and asking one again. */
import { decodeTime } from 'ulid';
import { z } from 'zod';
import { CotaError } from '../../../shared/errors.ts';
import { runIdOf } from '../../../shared/keys.ts';
import type { RunView } from '../../../shared/response.ts';
import { findRun } from '../../../shared/run/find-run.ts';
import { forgetRuns, recentRuns } from '../../../shared/run/recent-runs.ts';
import { retriedConfig, retriedImages } from '../../../shared/run/retry-run.ts';
import { runStatusFilter, runSummary, summaryOf } from '../../../shared/run/run-summary.ts';
import { submit } from '../../../shared/run/submit.ts';
import type { ApiParts, ApiRequest, Handler } from '../http.ts';
import { idempotencyKey } from '../idempotency-key.ts';
import { modelsOf } from '../models-of.ts';
import { presentRun } from './responses.ts';

export const listRunsQuery = z.strictObject({
  status: runStatusFilter.optional(),
  limit: z.coerce.number().int().min(1).max(100).default(20),
  after: z
    .string()
    .refine((id) => runIdOf(id) !== undefined, 'after is the id of a run: the last one of the page before.')
    .optional(),
});
export const runList = z.strictObject({
  object: z.literal('list'),
  data: z.array(runSummary),
  first_id: z.string().nullable(),
  last_id: z.string().nullable(),
  has_more: z.boolean(),
});

/** Runs that are read at a time while those of a status are looked for. */
const PORTION = 50;
/** A run that is remembered and not there is still being made, or was: a retry of its request may make it later. */
const GONE_AFTER_MS = 3_600_000;

export const listRuns: Handler = async ({ tenant, query, signal }, parts) => {
  const { status, limit, after } = query as z.infer<typeof listRunsQuery>;
  const portion = status === undefined ? limit + 1 : PORTION;
  const found: z.infer<typeof runSummary>[] = [];
  let from = after === undefined ? undefined : runIdOf(after);
  while (found.length <= limit) {
    signal.throwIfAborted();
    const ids = await recentRuns(parts.redis, tenant, { limit: portion, after: from });
    const runs = await Promise.all(ids.map((id) => findRun(parts, tenant, id)));
    const summaries = runs.filter((run) => run !== undefined).map(summaryOf);
    found.push(...summaries.filter((one) => status === undefined || one.status === status));
    await forgetRuns(
      parts.redis,
      tenant,
      ids.filter((id, index) => runs[index] === undefined && isOld(id)),
    );
    if (ids.length < portion) break;
    from = ids.at(-1);
  }
  const data = found.slice(0, limit);
  const [first_id, last_id] = [data[0]?.id ?? null, data.at(-1)?.id ?? null];
  return { body: { object: 'list', data, first_id, last_id, has_more: found.length > limit } };
};

const isOld = (runId: string): boolean => Date.now() - decodeTime(runId.slice(6, 32).toUpperCase()) > GONE_AFTER_MS;

export const retryRun: Handler = async (request, parts) => {
  const { env, fleet, vitals } = parts;
  await vitals.assertRoom();
  const earlier = await runIn(request, parts);
  const models = await modelsOf(request.tenant, parts, earlier.config.model);
  const config = retriedConfig(earlier, { models, tools: fleet.tools(), now: vitals.now() });
  const key = idempotencyKey(request);
  const body = { retry: earlier.id };
  const run = await submit(parts, {
    tenant: request.tenant,
    config,
    images: retriedImages(earlier),
    // A key may name a request for a response too.
    ...(key === undefined ? {} : { idempotency: { key: `retry ${key}`, body, ttlS: env.COTA_IDEMPOTENCY_TTL_S } }),
  });
  return { body: presentRun(run, parts) };
};

async function runIn({ params, tenant }: ApiRequest, parts: ApiParts): Promise<RunView> {
  const runId = runIdOf(params.id ?? '');
  const run = runId === undefined ? undefined : await findRun(parts, tenant, runId);
  if (run) return run;
  throw new CotaError('not_found', `There is no run '${(params.id ?? '').slice(0, 100)}', or it was deleted.`);
}
