/** What a failing engine costs the runs of its model, with a real worker in front of a fake engine. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { checkQueues } from '../../infra/cli/doctor/cluster.ts';
import { getModel } from '../../services/api/handlers/models.ts';
import type { ApiParts } from '../../services/api/http.ts';
import { loadModels } from '../../shared/models.ts';
import { delta, type Exchange, type FakeServer, fail, startFakeServer } from '../fake-openai-server.ts';
import { startTestCluster, type TestCluster } from '../harness.ts';
import { freePort } from '../redis-server.ts';

const ANSWER = JSON.stringify({ thought: 'Easy.', actions: [{ name: 'Terminate', arguments: { answer: '2' } }] });
const ATTEMPTS = 2;

let cluster: TestCluster;
let engine: FakeServer;
let trainedView: ApiParts['trainedView'];
let port: number;
/** How completions are answered; the list of models always is. */
let answer: (exchange: Exchange) => void;

const startEngine = async (): Promise<void> => {
  engine = await startFakeServer((exchange) => {
    if (exchange.request.url === '/v1/models') fail(200, { data: [] })(exchange);
    else answer(exchange);
  }, port);
};
const good = ({ send, response }: Exchange): void => {
  send(delta(ANSWER, 'stop'));
  send('[DONE]');
  response.end();
};
const asked = (word: string): number => engine.exchanges.filter(({ body }) => body.includes(word)).length;
const readModel = (id: string) =>
  getModel(
    { params: { id }, tenant: 'default' } as unknown as Parameters<typeof getModel>[0],
    {
      ...cluster.shared,
      models: loadModels(cluster.env.COTA_MODELS),
      trainedView,
      modelsCreated: 1,
    } as unknown as ApiParts,
  );
const shown = async (id: string): Promise<{ readonly served: boolean; readonly paused: string | null }> => {
  await cluster.shared.fleet.refresh();
  return ((await readModel(id)) as { readonly body: { readonly cota: { served: boolean; paused: string | null } } })
    .body.cota;
};

beforeAll(async () => {
  port = await freePort();
  cluster = await startTestCluster({
    models: JSON.stringify({
      default: 'm',
      models: {
        m: { backend: 'openai', base_url: `http://127.0.0.1:${port}/v1`, dialect: 'taco', concurrency: 8 },
        other: { backend: 'replay', dialect: 'taco', turns: [{ text: ANSWER }] },
      },
    }),
    env: { COTA_ATTEMPTS: String(ATTEMPTS) },
    appendonly: false,
  });
  trainedView = await cluster.shared.trained.watch();
  await startEngine();
  for (const entry of ['workers/model/main.ts', 'services/scheduler/main.ts']) cluster.start(entry);
  await cluster.until('the model is served', async () => (await shown('m')).served);
});
beforeEach(() => {
  answer = good;
});
afterAll(async () => {
  await trainedView?.close();
  await cluster?.stop();
  await engine?.stop();
});

it('a run whose prompt breaks the reply off each time spends its attempts, and its neighbours go on meanwhile', async () => {
  answer = (exchange) => {
    if (!exchange.body.includes('POISON')) return good(exchange);
    exchange.send(delta('{'));
    setTimeout(() => exchange.response.destroy(), 20);
  };
  const poison = await cluster.submit({ model: 'm', question: 'POISON' });
  const closed = cluster.closed(poison);
  let slowest = 0;
  for (let i = 0; i < 10; i++) {
    const began = performance.now();
    await cluster.closed(await cluster.submit({ model: 'm' }));
    slowest = Math.max(slowest, performance.now() - began);
  }
  expect((await closed).outcome).toMatchObject({
    status: 'failed',
    error: { code: 'server_error', message: expect.stringMatching(/answers other requests.*\(2 attempts\)/) },
  });
  expect(asked('POISON')).toBe(ATTEMPTS);
  expect(slowest, 'a pause of the breaker takes over two seconds').toBeLessThan(1_500);
  expect((await shown('m')).served).toBe(true);
});

it('an engine that is restarted in the middle of its replies costs no attempt, and hides no other model', async () => {
  answer = ({ send }) => send(delta('{'));
  const runs: string[] = [];
  for (let i = 0; i < 6; i++) runs.push(await cluster.submit({ model: 'm', question: 'RESTART' }));
  await cluster.until('all are being answered', async () => asked('RESTART') === runs.length);
  await engine.stop();
  await cluster.until('the API shows the model as away', async () => !(await shown('m')).served);
  expect(await shown('m')).toMatchObject({ paused: 'the engine of m is away' });
  expect(await shown('other'), 'the same worker serves it').toMatchObject({ served: true, paused: null });
  expect(await queueFindings()).toMatchObject({
    'model.m': { level: 'fail', found: expect.stringMatching(/^model\.m: the engine of m is away/) },
    'model.other': { level: 'ok' },
  });
  await cluster.closed(await cluster.submit({ model: 'other' }));
  // Long enough for each run to have been tried more often than it has attempts.
  await sleep(4_000);
  for (const run of runs) expect(await cluster.shared.runs.read(run)).toMatchObject({ status: 'running', fails: 0 });
  answer = good;
  await startEngine();
  for (const run of runs) expect((await cluster.closed(run)).outcome).toMatchObject({ status: 'completed' });
  await cluster.until('the API shows the model as served', async () => (await shown('m')).served);
});

/** The doctor's, by queue. */
async function queueFindings(): Promise<Record<string, object>> {
  const { redis, fleet, env } = cluster.shared;
  const found: Record<string, object> = {};
  const surroundings = { env, models: undefined, objects: undefined };
  for await (const finding of checkQueues(redis, fleet.workers(), [], surroundings)) {
    found[finding.found.split(':')[0] ?? ''] = finding;
  }
  return found;
}

it('an engine that lists its models and completes nothing is asked less and less often, by one run at a time', async () => {
  const at: number[] = [];
  const began = performance.now();
  answer = (exchange) => {
    at.push(performance.now() - began);
    fail(503, { error: { message: 'overloaded' } })(exchange);
  };
  const runs: string[] = [];
  for (let i = 0; i < 8; i++) runs.push(await cluster.submit({ model: 'm' }));
  await sleep(12_000);
  // Those that are asked together, as the first ones are, find the same outage.
  const gaps = at.map((ms, index) => ms - (at[index - 1] ?? ms)).filter((gap) => gap > 1_000);
  const times = `asked at ${at.map(Math.round).join(' ')} ms`;
  expect(at.length, times).toBeLessThanOrEqual(runs.length + 4);
  expect(gaps.length, times).toBeGreaterThan(1);
  for (const [index, gap] of gaps.slice(1).entries()) expect(gap, times).toBeGreaterThan(1.2 * (gaps[index] ?? 0));
  answer = good;
  for (const run of runs) expect((await cluster.closed(run)).outcome).toMatchObject({ status: 'completed' });
}, 90_000);
