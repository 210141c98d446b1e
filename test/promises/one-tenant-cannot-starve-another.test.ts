/**
 * One tenant floods the cluster with runs and requests; another one, who asks a question now and then, gets its answers
 * as if nothing were. Real processes: API, scheduler, one model worker.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBatchBench, requestLine } from '../batch-cluster.ts';
import { replayModels, startTestCluster, type TestCluster } from '../harness.ts';
import { freePort } from '../redis-server.ts';

const KEY = 'test-key-0123456789abcdef';
const TURN_MS = 100;
const FLOOD = 1_500;

let cluster: TestCluster;
let url: string;
beforeAll(async () => {
  const models = replayModels({ turns: 1, delayMs: TURN_MS, concurrency: 8 });
  // As in production: three runs in flight for each that is worked on.
  cluster = await startTestCluster({ models, env: { COTA_MAX_IN_FLIGHT: '0' } });
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  for (const entry of ['services/scheduler/main.ts', 'workers/model/main.ts', 'workers/tools/main.ts'])
    cluster.start(entry);
  cluster.start('services/api/main.ts', { COTA_PORT: String(port) });
  await cluster.until('the API is ready', async () => (await fetch(`${url}/readyz`).catch(() => undefined))?.ok);
  await cluster.until('the model is served', async () => {
    const reply = await call(KEY, 'GET', '/v1/models');
    return ((await reply.json()) as { data: { cota: { served: boolean } }[] }).data[0]?.cota.served;
  });
});
afterAll(() => cluster?.stop());

function call(key: string, method: string, path: string, body?: unknown): Promise<Response> {
  return fetch(url + path, {
    method,
    body: body === undefined ? null : JSON.stringify(body),
    headers: { authorization: `Bearer ${key}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
  });
}

async function tenant(id: string, quotas: object = {}): Promise<string> {
  expect((await call(KEY, 'POST', '/v1/tenants', { id, quotas })).status).toBe(200);
  const made = await call(KEY, 'POST', '/v1/api_keys', { tenant: id, name: id });
  return ((await made.json()) as { key: string }).key;
}

const question = { input: 'What is 1 + 1?', cota: { tools: [] } };

/** Asks and waits for the answer. @returns milliseconds */
async function ask(key: string): Promise<number> {
  const started = performance.now();
  const reply = await call(key, 'POST', '/v1/responses', question);
  expect(((await reply.json()) as { status: string }).status).toBe('completed');
  return performance.now() - started;
}

const openRuns = async (key: string): Promise<number> =>
  ((await (await call(key, 'GET', '/v1/tenant')).json()) as { usage: { open_runs: { used: number } } }).usage.open_runs
    .used;

test('runs of a tenant that sends many wait; those of one that sends few do not', async () => {
  const [flood, calm] = [await tenant('flood'), await tenant('calm')];
  const alone = [];
  for (let i = 0; i < 5; i++) alone.push(await ask(calm));
  const left = Array.from({ length: FLOOD }).values();
  const send = async (): Promise<void> => {
    for (const _ of left) {
      expect((await call(flood, 'POST', '/v1/responses', { ...question, background: true })).status).toBe(200);
    }
  };
  const sending = Promise.all(Array.from({ length: 16 }, send));
  await cluster.until('the queue is long', async () => (await openRuns(flood)) > 200);
  const beside = [];
  for (let i = 0; i < 10; i++) beside.push(await ask(calm));
  const waiting = await openRuns(flood);
  const median = (values: number[]): number => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
  // In turn it would have waited for all of them: seconds for every hundred.
  expect(waiting).toBeGreaterThan(150);
  expect(median(beside)).toBeLessThan(2_500);
  await sending;
});

test('a batch of thousands of lines waits for those who ask', async () => {
  const asker = await tenant('asker');
  const alone = [];
  for (let i = 0; i < 10; i++) alone.push(await ask(asker));
  const { create, batches } = openBatchBench(cluster);
  const lines = Array.from({ length: 4_000 }, (_, line) =>
    requestLine(`line-${line}`, { model: 'replayed', ...question }),
  );
  const batch = await create(lines, { tenant: 'large' });
  const done = async (): Promise<number> => {
    const now = await batches.find('large', batch.id);
    return now ? (await batches.counts(now)).completed : 0;
  };
  await cluster.until('the batch is at work', async () => (await done()) > 20);
  const beside = [];
  for (let i = 0; i < 20; i++) beside.push(await ask(asker));
  expect(await done(), 'the batch is still at work').toBeLessThan(3_900);
  await batches.change('large', batch.id, { type: 'cancel', now: 1 });
  // The worst but one of each. A turn that has begun is let finish, so one turn more is fair.
  const late = (values: number[]): number => values.sort((a, b) => b - a)[1] ?? Number.NaN;
  expect(late(beside) / late(alone)).toBeLessThan(5);
});

test('requests of a tenant beyond its quota are refused; those of another one are not', async () => {
  const [loud, quiet] = [await tenant('loud', { requests_per_minute: 120 }), await tenant('quiet')];
  const statuses: number[] = [];
  let stopped = false;
  const shout = async (): Promise<void> => {
    while (!stopped) statuses.push((await call(loud, 'GET', '/v1/runs')).status);
  };
  const shouting = Promise.all(Array.from({ length: 8 }, shout));
  await cluster.until('the quota is spent', async () => statuses.includes(429));
  const seen: number[] = [];
  for (let i = 0; i < 50; i++) seen.push((await call(quiet, 'GET', '/v1/runs')).status);
  stopped = true;
  await shouting;
  expect(seen.every((status) => status === 200)).toBe(true);
  const passed = statuses.filter((status) => status === 200).length;
  // The bucket of 120 and what came into it meanwhile, 2 a second.
  expect(passed).toBeGreaterThanOrEqual(120);
  expect(passed).toBeLessThan(180);
  expect(statuses.length).toBeGreaterThan(passed);
});
