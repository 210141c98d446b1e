/** MCP servers of other authors as tools of real runs: over stdio and HTTP, killed, slow, absent, changed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import type { Observation, ToolSpec } from '../../shared/contract.ts';
import { cleanEnv } from '../child-env.ts';
import { type Proc, replayModels, startTestCluster, type TestCluster } from '../harness.ts';
import { MODEL, SCHEDULER } from '../promises/witness.ts';

const EVERYTHING = new URL('../../node_modules/@modelcontextprotocol/server-everything/dist/index.js', import.meta.url)
  .pathname;
const FILES = new URL('../../node_modules/@modelcontextprotocol/server-filesystem/dist/index.js', import.meta.url)
  .pathname;
const OWN_SERVER = new URL('./mcp-odd-server.ts', import.meta.url).pathname;

let cluster: TestCluster;
let worker: Proc;
let http: ChildProcess;
let port: number;
let specs: readonly ToolSpec[] = [];
let away: Readonly<Record<string, string>> = {};
let number = 0;

beforeAll(async () => {
  cluster = await startTestCluster({ models: replayModels(), appendonly: false });
  port = await freePort();
  const tools = join(cluster.dir, 'config', 'tools.yaml');
  await mkdir(join(cluster.dir, 'config'));
  const node = process.execPath;
  await writeFile(
    tools,
    stringify({
      mcp: {
        stdio: {
          command: node,
          args: [EVERYTHING],
          prefix: 'every_',
          env: { GIVEN: 'to the server' },
          deterministic: ['get-sum'],
          tools: [
            'echo',
            'get-sum',
            'get-tiny-image',
            'get-env',
            'get-structured-content',
            'trigger-long-running-operation',
          ],
          timeout_s: 2,
        },
        web: { url: `http://127.0.0.1:${port}/mcp`, prefix: 'web_', tools: ['echo'] },
        odd: {
          command: 'sh',
          args: ['-c', `echo welcome; "${node}" "${OWN_SERVER}"; true`],
          prefix: 'odd_',
          timeout_s: 5,
        },
        files: {
          command: node,
          args: [FILES, new URL('../../infra/demo', import.meta.url).pathname],
          prefix: 'files_',
        },
        unheard: { command: 'another-program-of-nobody' },
        absent: { command: 'no-such-program-of-anybody', tools: ['fly'] },
      },
    }),
  );
  http = startHttp();
  cluster.start(MODEL);
  cluster.start(SCHEDULER);
  worker = cluster.start('workers/tools/main.ts', {
    COTA_POOLS: 'cpu,remote',
    COTA_TOOLS: tools,
    SECRET_OF_OURS: 'hidden',
  });
  await cluster.until('all servers are there', async () => {
    await cluster.shared.fleet.refresh();
    specs = cluster.shared.fleet.tools();
    const card = cluster.shared.fleet.workers().find((one) => one.kind === 'tools');
    const names = card?.tools ?? [];
    const notReady = card?.toolsNotReady ?? {};
    away = card?.serversAway ?? {};
    return ['every_echo', 'web_echo', 'odd_say', 'files_read_media_file'].every(
      (name) => names.includes(name) && !(name in notReady),
    );
  });
});

afterAll(async () => {
  http?.kill('SIGKILL');
  await cluster?.stop();
});

const startHttp = (): ChildProcess =>
  spawn(process.execPath, [EVERYTHING, 'streamableHttp'], {
    env: { ...cleanEnv(), PORT: String(port) },
    stdio: 'ignore',
  });

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

test('a server that never was there is told to the fleet, where its tools are not named', () => {
  expect(away).toEqual({ unheard: expect.stringContaining('another-program-of-nobody') });
});

type Action = readonly [name: string, args: object];

/** A run of these actions, one a turn. @returns what came of each, and the images of the run */
async function act(
  ...actions: Action[]
): Promise<{ seen: Observation[]; images: readonly { name: string; width: number }[] }> {
  const key = await record(actions);
  const id = await cluster.submit({
    tools: specs,
    budgets: { replies: actions.length + 2, turnTokens: 500 },
    replay: { key, observations: 'live' },
  } as never);
  const run = await cluster.closed(id, 30_000);
  expect(run.outcome).toMatchObject({ status: 'completed', answer: 'done' });
  return { seen: run.steps.flatMap((step) => (step.kind === 'action' ? [step.observation] : [])), images: run.images };
}

async function record(actions: readonly Action[]): Promise<string> {
  number += 1;
  const turns = [
    ...actions.map(([name, args]) => ({ thought: 'Next.', actions: [{ name, arguments: args }] })),
    { thought: 'Done.', actions: [{ name: 'Terminate', arguments: { answer: 'done' } }] },
  ];
  const recording = {
    version: 1,
    question: 'q',
    turns: turns.map((turn) => ({ text: JSON.stringify(turn) })),
    observations: [],
  };
  const key = `t/default/recordings/mcp-${number}.json`;
  await cluster.shared.objects.put(key, Buffer.from(JSON.stringify(recording)), { contentType: 'application/json' });
  return key;
}

/** Processes of the machine whose command line has all of these words. */
function processesWith(...words: string[]): number[] {
  return readdirSync('/proc').flatMap((entry) => {
    try {
      const line = readFileSync(`/proc/${entry}/cmdline`, 'utf8');
      return words.every((word) => line.includes(word)) && Number(entry) > 0 ? [Number(entry)] : [];
    } catch {
      return [];
    }
  });
}

const parentOf = (pid: number): number =>
  Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);

test('a reference server takes part in a run: words, numbers, JSON, and a picture that the next tool works on', async () => {
  const { seen, images } = await act(
    ['every_echo', { message: 'hello' }],
    ['every_get-sum', { a: 2, b: 40 }],
    ['every_get-structured-content', { location: 'New York' }],
    ['every_get-tiny-image', {}],
    ['Crop', { image: 'image-0', bbox: [0, 0, 0.5, 0.5] }],
    ['web_echo', { message: 'over HTTP' }],
  );
  expect(seen).toMatchObject([
    { ok: true, result: { text: 'Echo: hello' } },
    { ok: true, result: { text: 'The sum of 2 and 40 is 42.' } },
    { ok: true, result: { data: { temperature: expect.any(Number), conditions: expect.any(String) } } },
    { ok: true, result: { images: ['image-0'], text: expect.stringContaining('MCP logo') }, images: [{ width: 20 }] },
    { ok: true, result: { image: 'image-1' } },
    { ok: true, result: { text: 'Echo: over HTTP' } },
  ]);
  expect(images.map(({ name }) => name)).toEqual(['image-0', 'image-1']);
});

test('a second one gives files: a picture from a folder, and no word of what lies outside of it', async () => {
  const { seen, images } = await act(
    ['files_read_media_file', { path: new URL('../../infra/demo/menu.png', import.meta.url).pathname }],
    ['files_read_text_file', { path: '/etc/passwd' }],
  );
  expect(seen[0]).toMatchObject({ ok: true, result: { images: ['image-0'] } });
  expect(images[0]?.width).toBeGreaterThan(300);
  expect(seen[1]).toMatchObject({
    ok: false,
    error: { code: 'mcp_error', message: expect.stringMatching(/Access denied/) },
  });
});

test('its tools are shown with their own schema, its version and engine; what is deterministic is cached', async () => {
  const sum = specs.find((spec) => spec.name === 'every_get-sum');
  expect(sum).toMatchObject({
    description: 'Returns the sum of two numbers',
    parameters: { properties: { a: { type: 'number' }, b: { type: 'number' } }, required: ['a', 'b'] },
    example: { a: 1, b: 1 },
    pool: 'remote',
    engine: expect.stringMatching(/^mcp:stdio@\d/),
    deterministic: true,
  });
  const key = await record([
    ['every_get-sum', { a: 5, b: 6 }],
    ['every_get-sum', { a: 5, b: 6 }],
  ]);
  const id = await cluster.submit({ tools: specs as ToolSpec[], replay: { key, observations: 'live' } });
  const run = await cluster.closed(id);
  expect(run.steps.flatMap((step) => (step.kind === 'action' ? [step.cached] : []))).toEqual([false, true]);
});

test('what is wrong is told to the model: arguments, the own error of a tool, its time', async () => {
  const { seen } = await act(
    ['every_get-sum', { a: 'two' }],
    ['odd_fail', {}],
    ['every_trigger-long-running-operation', { duration: 20, steps: 1 }],
    ['fly', {}],
    ['odd_big', {}],
    ['odd_broken-picture', {}],
  );
  expect(seen[0]).toMatchObject({
    ok: false,
    error: { code: 'invalid_arguments', message: expect.stringMatching(/must have required property 'b'/) },
  });
  expect(seen[1]).toMatchObject({
    ok: false,
    error: { code: 'mcp_error', message: 'odd_fail: the moon is in the wrong place' },
  });
  expect(seen[2]).toMatchObject({
    ok: false,
    error: { code: 'tool_timeout', message: expect.stringContaining('within 2 seconds') },
  });
  expect(seen[3]).toMatchObject({
    ok: false,
    error: { code: 'tool_not_ready', message: expect.stringContaining('its server is away') },
  });
  expect(seen[4]).toMatchObject({ ok: true, result: { text: expect.stringMatching(/cut off: 1,000,000 characters/) } });
  expect(JSON.stringify(seen[4]).length).toBeLessThan(140_000);
  expect(seen[5]).toMatchObject({
    ok: true,
    result: { text: expect.stringContaining('a picture that cannot be used') },
    images: [],
  });
});

test('a server gets the path, the home and what tools.yaml gives it, and nothing of ours', async () => {
  const { seen } = await act(['every_get-env', {}]);
  const [first] = seen;
  if (!first?.ok) throw new Error(JSON.stringify(first));
  const env = JSON.parse(String(first.result.text)) as Record<string, string>;
  expect(env.GIVEN).toBe('to the server');
  expect(Object.keys(env).filter((name) => !['PATH', 'HOME', 'GIVEN'].includes(name))).toEqual([]);
});

test('an image of the run goes to a tool that wants one', async () => {
  const { seen } = await act(['every_get-tiny-image', {}], ['odd_look', { image: 'image-0', label: 'image-0' }]);
  expect(seen[1]).toMatchObject({
    ok: true,
    result: { text: expect.stringMatching(/^data:image\/png;base64,iVBOR.* label image-0$/) },
  });
});

test('a server that is killed during a call is an observation, and is there again for the next call', async () => {
  const { seen } = await act(['odd_die', {}], ['odd_say', { words: 'back' }]);
  expect(seen).toMatchObject([
    { ok: false, error: { code: 'mcp_away', message: expect.stringContaining('ended during the call') } },
    { ok: true, result: { text: 'back' } },
  ]);
});

test('a server at an address that was started anew has forgotten us, and is asked again', async () => {
  const before = http;
  before.kill('SIGKILL');
  await once(before, 'exit');
  http = startHttp();
  expect((await act(['web_echo', { message: 'again' }])).seen).toMatchObject([
    { ok: true, result: { text: 'Echo: again' } },
  ]);
});

test('a tool that a server adds later is announced and can be called', async () => {
  await act(['odd_grow', {}]);
  await cluster.until('the new tool is announced', async () => {
    await cluster.shared.fleet.refresh();
    specs = cluster.shared.fleet.tools();
    return specs.some((spec) => spec.name === 'odd_later');
  });
  expect((await act(['odd_later', {}])).seen).toMatchObject([{ ok: true, result: { text: 'grown' } }]);
});

test('nothing of a server outlives its worker, however that ends', async () => {
  const mine = (): number[] => processesWith(OWN_SERVER).filter((pid) => pid !== process.pid);
  const before = mine();
  expect(before.some((pid) => parentOf(pid) === worker.pid)).toBe(true);
  worker.kill('SIGKILL');
  await worker.exited;
  await cluster.until('all have ended', async () => mine().length === 0, 8_000);
});
