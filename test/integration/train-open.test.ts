/** How many fine-tuning jobs of a tenant may be open at a time, as the API says it. */
import { toFile } from 'openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiHarness, startApiHarness } from '../api-harness.ts';
import { sampleChain } from '../sample-chains.ts';
import { tinyRecipe } from '../tiny-training.ts';

let harness: ApiHarness;
let chains: string;
beforeAll(async () => {
  harness = await startApiHarness({ COTA_TRAIN_OPEN: '2' });
  const file = await toFile(Buffer.from(JSON.stringify(sampleChain(1))), 'chains.jsonl');
  chains = (await harness.client.files.create({ file, purpose: 'fine-tune' })).id;
});
afterAll(() => harness?.stop());

async function make(key: string): Promise<{ readonly status: number; readonly id?: string; readonly code?: string }> {
  const body = { model: 'counter', training_file: chains, recipe: tinyRecipe({}) };
  const reply = await harness.post('/v1/fine_tuning/jobs', body, { 'idempotency-key': key });
  const { id, error } = (await reply.json()) as { id?: string; error?: { code: string } };
  return { status: reply.status, ...(id === undefined ? {} : { id }), ...(error ? { code: error.code } : {}) };
}

test('beyond them a new one is refused, one that was asked for before is given again, and an end makes room', async () => {
  const made = await Promise.all(['a', 'b', 'c', 'd'].map(make));
  expect(made.map(({ status }) => status).sort()).toEqual([200, 200, 429, 429]);
  const nth = made.findIndex(({ status }) => status === 200);
  const [first, key] = [made[nth]!, 'abcd'[nth]!];
  const refused = 'abcd'[made.findIndex(({ status }) => status === 429)]!;
  expect(await make(key)).toEqual(first);
  expect(await make(refused)).toMatchObject({ status: 429, code: 'rate_limit_exceeded' });
  await harness.client.fineTuning.jobs.cancel(first.id as string);
  expect((await make(refused)).status).toBe(200);
  expect(await make(key)).toEqual(first);
});
