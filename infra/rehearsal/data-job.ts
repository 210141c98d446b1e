/** A small data job: needs the data worker, its processes, OCR of the tool worker, and the store that they share. */
import { setTimeout as sleep } from 'node:timers/promises';
import { dataJobObject } from '../../shared/data/job-object.ts';
import { call } from './question.ts';

const PATIENCE_MS = 120_000;

const RECIPE = {
  ...{ name: 'rehearsal', seed: 1, filter: {}, export: ['parquet'], export_options: { undrawn: 'text' } },
  sources: [
    { name: 'read', program: { chains: 4, families: { 'look-up': 1 }, observe: { tool: 1 } } },
    { name: 'plain', program: { chains: 100 } },
  ],
};

/** @returns what came of it in words @throws Error where it does not come to its end */
export async function makeData(url: string, key: string): Promise<string> {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ recipe: RECIPE });
  const until = performance.now() + PATIENCE_MS;
  let job = await call(`${url}/v1/data/jobs`, { method: 'POST', headers, body }, dataJobObject, until);
  while (job.status === 'queued' || job.status === 'in_progress') {
    if (performance.now() > until)
      throw new Error(`the data job is ${job.status} after ${PATIENCE_MS / 1000} s. ${job.notice ?? ''}`);
    await sleep(500);
    job = await call(`${url}/v1/data/jobs/${job.id}`, { headers }, dataJobObject, until);
  }
  const rows = (stage: string): number => job.stages.find(({ name }) => name === stage)?.rows ?? 0;
  const [made, exported] = [rows('make'), rows('export')];
  if (job.status !== 'completed' || made !== 104 || exported === 0)
    throw new Error(`the data job is ${job.status}: ${made} chains, ${exported} exported. ${job.error?.message ?? ''}`);
  return `${made} chains, ${exported} exported`;
}
