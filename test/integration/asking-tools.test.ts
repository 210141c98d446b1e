/** Tools that ask others, in runs of a real cluster: a model behind a server that fails at times, and a knowledge base. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { responseOf } from '../../shared/response.ts';
import { cancelRun } from '../../shared/run/end-run.ts';
import { writeBase } from '../../workers/tools/engines/knowledge/write-base.ts';
import { delta, type Exchange, type FakeServer, fail, speak, startFakeServer } from '../fake-openai-server.ts';
import { startTestCluster, type TestCluster, testConfig } from '../harness.ts';
import { freePort } from '../redis-server.ts';

const say = (name: string, args: object) => ({
  text: JSON.stringify({ thought: '', actions: [{ name, arguments: args }] }),
});
const model = (turn: object) => ({
  ...{ backend: 'replay', dialect: 'taco', prompt: 'short' },
  turns: [turn, say('Terminate', { answer: 'done' })],
});

let dir: string;
let cluster: TestCluster;
let engine: FakeServer;
let answer: (exchange: Exchange) => void;
let port: number;

const startEngine = async (): Promise<void> => {
  engine = await startFakeServer((exchange) => {
    if (exchange.request.url === '/v1/models') fail(200, { data: [] })(exchange);
    else answer(exchange);
  }, port);
};
const asked = (): number => engine.exchanges.filter(({ body }) => body.includes('aspartame')).length;

beforeAll(async () => {
  port = await freePort();
  dir = await mkdtemp(join(tmpdir(), 'cota-asking-'));
  const base = writeBase(join(dir, 'kb.sqlite'), 'en');
  base.add({ title: 'Zorblax', text: 'The zorblax was drawn by Quib in 1911.' });
  base.finish();
  const settings = { language_model: 'gpt', knowledge: { base: 'local', path: 'kb.sqlite' } };
  await writeFile(join(dir, 'tools.yaml'), JSON.stringify(settings));
  const models = {
    asks: model(say('QueryLanguageModel', { query: 'What is aspartame?' })),
    looks: model(say('QueryKnowledgeBase', { query: 'Who drew the zorblax?' })),
    // No model worker serves it: only the tool asks it.
    gpt: { backend: 'openai', base_url: `http://127.0.0.1:${port}/v1`, dialect: 'taco', limits: { concurrency: 1 } },
  };
  cluster = await startTestCluster({
    models: JSON.stringify({ models }),
    env: {
      ...{ COTA_POOLS: 'remote', COTA_SERVE: 'asks,looks', COTA_TOOLS: join(dir, 'tools.yaml'), COTA_ATTEMPTS: '2' },
    },
    appendonly: false,
  });
  await startEngine();
  for (const worker of ['model', 'tools']) cluster.start(`workers/${worker}/main.ts`);
  cluster.start('services/scheduler/main.ts');
});
beforeEach(() => {
  answer = speak;
});
afterAll(async () => {
  await cluster?.stop();
  await engine?.stop();
  await rm(dir, { recursive: true, force: true });
});

const submit = (name: string, tool: string): Promise<string> => {
  const [calculate] = testConfig({}).tools;
  return cluster.submit({ model: name, tools: [{ ...calculate!, name: tool, pool: 'remote' }] });
};
const question = () => submit('asks', 'QueryLanguageModel');

it('the tokens of an answer are in the step, the trace and the response', async () => {
  const run = await cluster.closed(await question());
  expect(run.outcome).toMatchObject({ status: 'completed', answer: 'done' });
  const trace = await cluster.trace(run.id);
  const [, step] = trace.steps;
  expect(step).toMatchObject({
    observation: { ok: true, result: { result: 'Hello' } },
    usage: { inputTokens: 11, outputTokens: 3, cachedTokens: 8 },
  });
  expect(trace.usage).toMatchObject({ inputTokens: 11, outputTokens: 3 });
  expect(responseOf(run).usage).toMatchObject({ input_tokens: 11, output_tokens: 3, total_tokens: 14 });
});

it('runs that ask at the same time keep to the limit of the model', async () => {
  let [open, most] = [0, 0];
  answer = (exchange) => {
    open += 1;
    most = Math.max(most, open);
    setTimeout(() => {
      open -= 1;
      speak(exchange);
    }, 150);
  };
  const runs = await Promise.all(Array.from({ length: 4 }, question));
  for (const id of runs) {
    expect((await cluster.closed(id)).steps[1]).toMatchObject({ observation: { ok: true } });
  }
  expect(most).toBe(1);
});

it('an engine that goes away in the middle of an answer makes the run wait, for nothing, until it is back', async () => {
  answer = ({ send }) => send(delta('It is'));
  const id = await question();
  await cluster.until(
    'it is being answered',
    async () => asked() > 0 && engine.exchanges.at(-1)?.body.includes('aspartame'),
  );
  await engine.stop();
  await sleep(1_500);
  expect(await cluster.shared.runs.read(id)).toMatchObject({ status: 'running', kind: 'action', fails: 0 });
  answer = speak;
  await startEngine();
  expect((await cluster.closed(id)).outcome).toMatchObject({ status: 'completed' });
});

it('cancel stops a question at the engine', async () => {
  answer = ({ send }) => send(delta('It is'));
  const before = asked();
  const id = await question();
  await cluster.until('it is being answered', async () => asked() > before);
  await cancelRun(cluster.shared, 'default', id);
  await engine.closed(engine.exchanges.findLastIndex(({ body }) => body.includes('aspartame')));
  expect((await cluster.closed(id)).outcome).toMatchObject({ status: 'cancelled' });
});

it('what a base of the operator says comes from the cache the second time', async () => {
  for (const cached of [false, true]) {
    const run = await cluster.closed(await submit('looks', 'QueryKnowledgeBase'));
    expect(run.steps[1]).toMatchObject({
      observation: { ok: true, result: { title: 'Zorblax', summary: 'The zorblax was drawn by Quib in 1911.' } },
      cached,
    });
  }
});
