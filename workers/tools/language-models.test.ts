/** Questions of tools to a model: what they cost, what bounds them, and what a failing engine means to the step. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { ActionStep, JsonObject, RunConfig } from '../../shared/contract.ts';
import { readEnv } from '../../shared/env.ts';
import { codeOf, ruleOf } from '../../shared/errors.ts';
import { openModelGate } from '../../shared/model-gate.ts';
import { type ObjectStore, openBucketReader, openObjectStore } from '../../shared/object-store.ts';
import { recordingOf } from '../../shared/run/recording.ts';
import { next } from '../../shared/run/run-machine.ts';
import type { Trace } from '../../shared/run/trace.ts';
import { createSafeFetch } from '../../shared/safe-fetch.ts';
import { metrics } from '../../shared/telemetry.ts';
import { loadToolsConfig } from '../../shared/tools-config.ts';
import { openWeights } from '../../shared/weights/weights.ts';
import { caught, type Exchange, type FakeServer, fail, speak, startFakeServer } from '../../test/fake-openai-server.ts';
import { ownRedis } from '../../test/own-redis.ts';
import { sampleModelStep, sampleRun, sampleTool } from '../../test/sample-run.ts';
import { toolServices } from '../../test/tool-services.ts';
import { openToolCache } from './cache.ts';
import { openLanguageModels } from './language-models.ts';
import { ocr } from './ocr.ts';
import { queryLanguageModel } from './query-language-model.ts';
import { setToolSettings, type ToolSettings } from './settings.ts';
import { toolStepHandler } from './step.ts';
import type { Tool } from './tool.ts';

const own = ownRedis();
let dir: string;
let objects: ObjectStore;
let server: FakeServer;
let answer: (exchange: Exchange) => void;
const stops: (() => unknown)[] = [];

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cota-asked-'));
  objects = await openObjectStore({ driver: 'fs', root: dir, linkSecret: 'a secret of some length' });
  server = await startFakeServer((exchange) => {
    if (exchange.request.url === '/v1/models') fail(200, { data: [] })(exchange);
    else answer(exchange);
  });
});
afterAll(async () => {
  for (const stop of stops) await stop();
  setToolSettings(undefined);
  await server?.stop();
  await objects?.close();
  await rm(dir, { recursive: true, force: true });
});
beforeEach(async () => {
  answer = speak;
  await own.redis.flushall();
});
afterEach(() => setToolSettings(undefined));

const asked = (): number => server.exchanges.filter(({ request }) => request.url !== '/v1/models').length;
const lastBody = () => JSON.parse(server.exchanges.at(-1)?.body ?? '{}');

/** Settings with models `gpt` (the fake server), `local` (an engine in a worker) and `told` (recorded turns). */
async function settle(more: { readonly gpt?: object; readonly tools?: object } = {}): Promise<ToolSettings> {
  const models = {
    gpt: { backend: 'openai', base_url: server.baseUrl, dialect: 'taco', ...more.gpt },
    local: { backend: 'onnx', path: 'nowhere', dialect: 'nano' },
    told: { backend: 'replay', dialect: 'taco', turns: [{ text: 'Told.' }] },
  };
  await writeFile(join(dir, 'models.yaml'), JSON.stringify({ models }));
  await writeFile(join(dir, 'tools.yaml'), JSON.stringify(more.tools ?? {}));
  const env = readEnv({ COTA_MODELS: join(dir, 'models.yaml'), COTA_TOOLS: join(dir, 'tools.yaml') });
  const settings = {
    env,
    config: loadToolsConfig(env.COTA_TOOLS),
    weights: openWeights(dir),
    session: { device: 'cpu' },
  };
  setToolSettings(settings as ToolSettings);
  return settings as ToolSettings;
}

/** Carries QueryLanguageModel out as a tool worker does. */
function asking(
  settings: ToolSettings,
  config: Partial<RunConfig> = {},
  tool: Tool = queryLanguageModel as Tool,
  args: JsonObject = { query: 'What is aspartame?' },
) {
  const lifecycle = { onStop: (_: string, stop: () => unknown) => stops.push(stop) } as never;
  const ask = openLanguageModels({ redis: own.redis, objects, env: settings.env, lifecycle }, settings);
  const handle = toolStepHandler({
    ...{ objects, services: toolServices(objects, ask), cache: openToolCache(objects), concurrency: 1 },
    ...{ tools: new Map([[tool.name, tool]]), fleet: { workers: () => [], tools: () => [] } },
    queues: { waiting: async () => 0 },
    intake: {
      limits: { maxBytes: 1, maxPixels: 1 },
      web: createSafeFetch({ allow: [], allowHttp: false }),
      buckets: openBucketReader({}, []),
    },
  });
  const actions = [{ name: tool.name, arguments: args }];
  const tools = [sampleTool(tool.name, {})];
  return (fields: { fails?: number; outputTokens?: number; signal?: AbortSignal } = {}) => {
    const base = sampleRun({ config: { model: 'gpt', tools, ...config }, steps: [sampleModelStep('', { actions })] });
    const usage = { ...base.usage, outputTokens: fields.outputTokens ?? 0 };
    const run = { ...base, kind: 'action' as const, step: 1, turn: 0, usage, fails: fields.fails ?? 0 };
    const signal = fields.signal ?? new AbortController().signal;
    return { run, event: handle({ run, now: 1, signal }) as Promise<{ type: 'acted'; step: ActionStep }> };
  };
}

test('the model of the run answers, and its tokens are those of the step, the run and the metrics', async () => {
  const counted = async () =>
    (await metrics.tokens.get()).values.find(({ labels }) => labels.model === 'gpt' && labels.direction === 'input')
      ?.value ?? 0;
  const before = await counted();
  const { run, event } = asking(await settle())();
  const acted = await event;
  const usage = { inputTokens: 11, outputTokens: 3, cachedTokens: 8 };
  expect(acted.step).toMatchObject({ observation: { ok: true, result: { result: 'Hello' } }, usage, cached: false });
  expect(next(run, acted, 2).usage).toMatchObject({ ...usage, toolCalls: 1 });
  expect((await counted()) - before).toBe(11);
  expect(lastBody()).toMatchObject({
    model: 'gpt',
    max_tokens: 1_000,
    messages: [{ role: 'system' }, { role: 'user', content: 'What is aspartame?' }],
  });
});

test('a recording keeps the tokens, so that a replay spends its budget as the run did', async () => {
  const settings = await settle();
  const { run, event } = asking(settings)();
  const acted = await event;
  const trace = { question: 'Q', steps: [...run.steps, acted.step] } as unknown as Trace;
  const key = 't/test/recordings/asked.json';
  const text = JSON.stringify(recordingOf(trace));
  await objects.put(key, Buffer.from(text), { contentType: 'application/json' });
  const before = asked();
  const again = asking(settings, { replay: { key, observations: 'recorded' } })();
  const replayed = await again.event;
  expect(replayed.step).toMatchObject({ observation: acted.step.observation, usage: acted.step.usage });
  expect(next(again.run, replayed, 2).usage?.outputTokens).toBe(next(run, acted, 2).usage?.outputTokens);
  expect(asked()).toBe(before);
});

test('the engine is closed only when the steps that ask it have ended', async () => {
  const settings = await settle();
  const stages: string[] = [];
  const lifecycle = { onStop: (name: string) => stages.push(name) } as never;
  const ask = openLanguageModels({ redis: own.redis, objects, env: settings.env, lifecycle }, settings);
  // Registered by the worker after that, and so stopped before it.
  stages.push('steps');
  const signal = new AbortController().signal;
  await ask(sampleRun({ config: { model: 'gpt' } }), { text: 'Why?', maxTokens: 5 }, signal);
  expect(stages).toEqual(['asked models', 'steps']);
});

test('tools.yaml names another; without one, a run whose model has no server is told so', async () => {
  const { step } = await asking(await settle({ tools: { language_model: 'told' } }), { model: 'local' })().event;
  expect(step.observation).toMatchObject({ result: { result: 'Told.' } });
  expect(queryLanguageModel.engine).toBe('model:told');
  const none = await asking(await settle(), { model: 'local' })().event;
  expect(none.step.observation).toMatchObject({ error: { code: 'no_language_model' } });
  expect(queryLanguageModel.status?.()).toEqual({ ready: true });
});

test.each([
  [{ tools: { language_model: 'gone' } }, /asks model "gone".*has gpt, local, told/],
  [{ tools: { language_model: 'local' } }, /backend is onnx: name one whose backend is openai/],
  [{ gpt: { api_key_env: 'COTA_TEST_NO_SUCH_KEY' } }, /COTA_TEST_NO_SUCH_KEY, which is not set for this tool worker/],
])('it is not ready with a remedy: %j', async (more, remedy) => {
  const settings = await settle(more);
  expect(queryLanguageModel.status?.()).toMatchObject({ ready: false, remedy: expect.stringMatching(remedy) });
  const { step } = await asking(settings)().event;
  expect(step.observation).toMatchObject({ error: { code: 'tool_not_ready' } });
});

test('an answer gets no more tokens than the budget of the run leaves, and none once that is spent', async () => {
  const ask = asking(await settle(), { budgets: { replies: 10, turnTokens: 2_000, outputTokens: 500 } });
  await ask({ outputTokens: 470 }).event;
  expect(lastBody().max_tokens).toBe(30);
  const before = asked();
  const { step } = await ask({ outputTokens: 500 }).event;
  expect(step).toMatchObject({ observation: { error: { code: 'budget_spent' } } });
  expect(step.usage).toBeUndefined();
  expect(asked()).toBe(before);
});

test('questions that a tool asks one after another spend the same budget', async () => {
  const twice: Tool = {
    ...(queryLanguageModel as Tool),
    async run(_args, { ask }) {
      await ask({ text: 'One?', maxTokens: 100 });
      return { result: (await ask({ text: 'Two?', maxTokens: 100 })).text };
    },
  };
  const budgets = { replies: 10, turnTokens: 2_000, outputTokens: 50 };
  const { step } = await asking(await settle(), { budgets }, twice)().event;
  expect(step.usage).toMatchObject({ inputTokens: 22, outputTokens: 6 });
  expect(lastBody().max_tokens).toBe(47);
});

const waits = (error: unknown): boolean => ruleOf(codeOf(error)).run === 'wait';

test("the model's limits hold for tools: the step waits for a slot that somebody else has, and asks nobody", async () => {
  const settings = await settle({ gpt: { limits: { concurrency: 1, tokens_per_minute: 100_000 } } });
  const gate = openModelGate(own.redis, 'gpt', { concurrency: 1 });
  expect(await gate.acquire('a turn of another run', 10, 60_000)).toBe(0);
  const ask = asking(settings);
  const before = asked();
  const error = await caught(ask().event);
  expect(error).toMatchObject({ code: 'rate_limit_exceeded', retryAfterMs: expect.any(Number) });
  expect(waits(error)).toBe(true);
  expect(asked()).toBe(before);
  await gate.release('a turn of another run', 0, 0);
  expect((await ask().event).step.observation).toMatchObject({ ok: true });
  expect((await ask().event).step.observation, 'its slot is free again').toMatchObject({ ok: true });
});

test('an engine that is overloaded makes the step wait, for all that ask this model, until it answers again', async () => {
  const ask = asking(await settle());
  answer = fail(429, { error: { message: 'slow down' } }, { 'retry-after': '1' });
  const error = await caught(ask().event);
  expect(error).toMatchObject({ name: 'BackendAway', retryAfterMs: 1_000 });
  expect(waits(error)).toBe(true);
  const gate = openModelGate(own.redis, 'gpt', {});
  expect(await gate.state()).toMatchObject({ is: 'open', trips: 1 });
  answer = speak;
  const before = asked();
  expect(waits(await caught(ask().event)), 'during the pause').toBe(true);
  expect(asked()).toBe(before);
  await sleep((await gate.state()).forMs + 50);
  // No model worker serves it: the tool itself finds out that the engine is back.
  expect((await ask().event).step.observation).toMatchObject({ ok: true });
  expect(await gate.state()).toMatchObject({ is: 'closed' });
});

test.each([
  ['a 500', fail(500, 'Internal Server Error')],
  [
    'garbage instead of a completion',
    ({ send, response, body }: Exchange) => {
      send(body.includes('"Hi"') ? { choices: [{ delta: { content: 'Hi' }, finish_reason: 'stop' }] } : 'not json');
      response.end();
    },
  ],
])('%s spends an attempt, then the model of the run is told', async (_name, breaks) => {
  const ask = asking(await settle());
  answer = breaks;
  const first = await caught(ask().event);
  expect(first).toMatchObject({ name: 'ToolFailed' });
  expect(ruleOf(codeOf(first)).run).toBe('retry');
  const { step } = await ask({ fails: 1 }).event;
  expect(step.observation).toMatchObject({ error: { code: 'tool_failed' } });
  expect(await openModelGate(own.redis, 'gpt', {}).state()).toMatchObject({ is: 'closed' });
});

test('a question that the engine refuses, and an answer without words, are told at once', async () => {
  const ask = asking(await settle());
  answer = fail(400, { error: { message: 'this is against the rules' } });
  expect((await ask().event).step.observation).toMatchObject({
    error: { code: 'model_refused', message: expect.stringMatching(/against the rules.*other words/) },
  });
  answer = ({ send, response }) => {
    send({ choices: [{ delta: { reasoning_content: 'Hm.' }, finish_reason: 'length' }] });
    send({ choices: [], usage: { prompt_tokens: 5, completion_tokens: 1_000 } });
    response.end();
  };
  const { step } = await ask().event;
  expect(step).toMatchObject({ observation: { error: { code: 'empty_reply' } }, usage: { outputTokens: 1_000 } });
});

test('cancel in the middle of an answer ends the request at the engine, and frees its slot', async () => {
  const settings = await settle({ gpt: { limits: { concurrency: 1 } } });
  answer = ({ send }) => send({ choices: [{ delta: { content: 'It is' }, finish_reason: null }] });
  const stop = new AbortController();
  const before = server.exchanges.length;
  const call = caught(asking(settings)({ signal: stop.signal }).event);
  while (server.exchanges.length === before) await sleep(10);
  stop.abort(new Error('cancelled'));
  expect(await call).toMatchObject({ message: 'cancelled' });
  await server.closed(before);
  expect(await openModelGate(own.redis, 'gpt', { concurrency: 1 }).acquire('next', 1, 1_000)).toBe(0);
});

test('a call of the tool by itself, without a model of its own, asks the first that a server answers', async () => {
  const call = { name: 'QueryLanguageModel', arguments: {} };
  const config = { model: 'calls', call, budgets: { replies: 1, turnTokens: 200 } };
  const { step } = await asking(await settle(), config)().event;
  expect(step.observation).toMatchObject({ ok: true });
  expect(lastBody()).toMatchObject({ model: 'gpt', max_tokens: 200 });
});

test('OCR by a vision model: the picture goes to it scaled to its limit, rows come back without places', async () => {
  const picture = sharp({ create: { width: 300, height: 200, channels: 3, background: 'red' } });
  await objects.put('t/test/image-0', await picture.png().toBuffer(), { contentType: 'image/png' });
  const tools = { engines: { ocr: 'vlm' }, vision_model: 'gpt' };
  const settings = await settle({ tools, gpt: { max_pixels: 15_000 } });
  expect(ocr).toMatchObject({ engine: 'vlm:gpt', deterministic: false, returns: expect.not.stringContaining('bbox') });
  const read = asking(settings, { model: 'local' }, ocr as Tool, { image: 'image-0' });
  answer = ({ send, response }) => {
    const text = '```text\nMenu\n\nTea  \t 2.50\n  Coffee   cup\t3.00\n```';
    send({ choices: [{ delta: { content: text }, finish_reason: 'length' }] });
    send({ choices: [], usage: { prompt_tokens: 300, completion_tokens: 20 } });
    response.end();
  };
  const { step } = await read().event;
  const row = (...cells: string[]) => ({ text: cells.join('\t'), cells: cells.map((text) => ({ text })) });
  const rows = [row('Menu'), row('Tea', '2.50'), row('Coffee cup', '3.00')];
  const text = 'Menu\nTea\t2.50\nCoffee cup\t3.00';
  expect(step).toMatchObject({ usage: { inputTokens: 300, outputTokens: 20 }, cached: false });
  expect(step.observation).toEqual({ ok: true, images: [], result: { text, rows, cut_off: true } });
  const [, { content }] = lastBody().messages;
  const [type, data] = content[0].image_url.url.split(';base64,');
  expect(type).toMatch(/^data:image\//);
  expect(await sharp(Buffer.from(data, 'base64')).metadata()).toMatchObject({ width: 150, height: 100 });

  answer = ({ send, response }) => {
    send({ choices: [{ delta: { content: '[no text]' }, finish_reason: 'stop' }] });
    response.end();
  };
  expect((await read().event).step.observation).toEqual({ ok: true, images: [], result: { text: '', rows: [] } });
});

test('OCR by a vision model that is not there is not ready', async () => {
  await settle({ tools: { engines: { ocr: 'vlm' }, vision_model: 'gone' } });
  expect(ocr.status?.()).toMatchObject({ ready: false, remedy: expect.stringContaining('"gone"') });
});
