/** The tools over MCP and REST, called by the official client of another author: real API, real workers, no model. */
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningApi, startApi } from '../../services/api/start.ts';
import type { ImageRef } from '../../shared/contract.ts';
import { API_KEY, dataUrl } from '../api-harness.ts';
import { openCota } from '../cota-command.ts';
import { replayModels, startTestCluster, type TestCluster } from '../harness.ts';
import { SCHEDULER, TOOLS } from '../promises/witness.ts';

let cluster: TestCluster;
let api: RunningApi;
const opened: Client[] = [];

/** A folder like that of Cota, in which the tutorial of docs/tools.md was followed word for word. */
let followed: string;

async function followTutorial(): Promise<string> {
  const root = new URL('../..', import.meta.url).pathname;
  const docs = readFileSync(join(root, 'docs', 'tools.md'), 'utf8');
  const tutorial = docs.slice(docs.indexOf('## A tool of your own'), docs.indexOf('## MCP servers as tools'));
  const code = /copy it to `([^`]+)`[^\n]*\n\n```ts\n([\s\S]*?)```/.exec(tutorial);
  const yaml = /```yaml\n([\s\S]*?)```/.exec(tutorial);
  if (!code?.[1] || !code[2] || !yaml?.[1]) throw new Error('docs/tools.md has no tutorial any more');
  const dir = await mkdtemp(join(tmpdir(), 'cota-tutorial-'));
  for (const part of ['shared', 'workers', 'node_modules']) await symlink(join(root, part), join(dir, part));
  await mkdir(join(dir, code[1], '..'));
  await writeFile(join(dir, code[1]), code[2]);
  await writeFile(join(dir, 'tools.yaml'), yaml[1]);
  return dir;
}

beforeAll(async () => {
  followed = await followTutorial();
  cluster = await startTestCluster({ models: replayModels(), appendonly: false, env: { COTA_MAX_IN_FLIGHT: '0' } });
  cluster.start(TOOLS, { COTA_POOLS: 'cpu,vision', COTA_TOOLS: join(followed, 'tools.yaml') });
  cluster.start(SCHEDULER);
  api = await startApi({ ...cluster.env, COTA_PORT: 0, COTA_WORKER_ID: 'api-in-test' });
  await cluster.until('tools are served', async () => {
    await api.parts.fleet.refresh();
    return api.parts.fleet.workers().some((worker) => worker.tools.includes('OCR'));
  });
});

afterAll(async () => {
  await Promise.all(opened.map((client) => client.close()));
  await api?.parts.lifecycle.stop('test is over');
  await cluster?.stop();
  await rm(followed, { recursive: true, force: true });
});

async function connect(mode: 'legacy' | { pin: string }, key = API_KEY): Promise<Client> {
  const client = new Client({ name: 'a-test', version: '1' }, { versionNegotiation: { mode } });
  opened.push(client);
  await client.connect(
    new StreamableHTTPClientTransport(new URL(`${api.url}/mcp`), {
      requestInit: { headers: { authorization: `Bearer ${key}` } },
    }),
  );
  return client;
}

const picture = async (): Promise<string> => {
  const svg = `<svg width="420" height="120"><rect width="420" height="120" fill="#fff"/><text x="20" y="80" font-family="sans-serif" font-size="60">Total 12.50</text></svg>`;
  return dataUrl(await sharp(Buffer.from(svg)).png().toBuffer());
};

const post = (path: string, body: unknown, headers = {}): Promise<Response> =>
  fetch(api.url + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });

for (const mode of ['legacy', { pin: '2026-07-28' }] as const) {
  const era = mode === 'legacy' ? 'an earlier client' : 'a client of 2026-07-28';

  test(`${era} lists the tools that can work now, each with what it takes`, async () => {
    const client = await connect(mode);
    const { tools } = await client.listTools();
    const names = tools.map((tool) => tool.name);
    expect(names).toEqual([...names].sort());
    expect(names).toEqual(expect.arrayContaining(['Calculate', 'Crop', 'OCR']));
    expect(names).not.toContain('Terminate');
    const ocr = tools.find((tool) => tool.name === 'OCR');
    expect(Object.keys(ocr?.inputSchema.properties ?? {})).toEqual(['image', 'images']);
    expect(ocr?.annotations).toMatchObject({ readOnlyHint: true });
    const calculate = tools.find((tool) => tool.name === 'Calculate');
    expect(Object.keys(calculate?.inputSchema.properties ?? {})).toEqual(['expression']);
  });

  test(`${era} calls tools: a number, a text out of a picture, a picture`, async () => {
    const client = await connect(mode);
    const sum = await client.callTool({ name: 'Calculate', arguments: { expression: '2 * 3.65 + 1.20' } });
    expect(sum).toMatchObject({
      structuredContent: { result: 8.5 },
      content: [{ type: 'text', text: '{"result":8.5}' }],
    });

    const image = await picture();
    const read = await client.callTool({ name: 'OCR', arguments: { image: 'image-0', images: [image] } });
    expect(read.isError ?? false).toBe(false);
    expect((read.structuredContent as { text: string }).text).toContain('12.50');

    const cut = await client.callTool({
      name: 'Crop',
      arguments: { image: 'image-0', bbox: [0, 0, 0.5, 1], images: [image] },
    });
    expect(cut.structuredContent).toEqual({ image: 'image-1' });
    const made = cut.content.find((part) => part.type === 'image');
    if (made?.type !== 'image') throw new Error('no picture came back');
    const { width = 0, height } = await sharp(Buffer.from(made.data, 'base64')).metadata();
    expect(height).toBe(120);
    expect(width).toBeGreaterThan(200);
    expect(width).toBeLessThan(280);

    // What was made can be looked at by the next call.
    const says = cut.content.find((part) => part.type === 'text' && part.text.includes('file-'));
    const fileId = says?.type === 'text' ? /file-[0-9a-f]{64}/.exec(says.text)?.[0] : undefined;
    const again = await client.callTool({ name: 'OCR', arguments: { image: 'image-0', images: [fileId] } });
    expect((again.structuredContent as { text: string }).text).toContain('Total');
  });

  test(`${era} hears what was wrong with a call, in words that help`, async () => {
    const client = await connect(mode);
    const bad = await client.callTool({ name: 'Calculate', arguments: { expression: '2 *' } });
    expect(bad).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('Calculate') }] });
    const missing = await client.callTool({ name: 'OCR', arguments: { image: 'image-0' } });
    expect(missing).toMatchObject({
      isError: true,
      content: [{ text: expect.stringContaining('no images were sent along') }],
    });
    const local = await client.callTool({
      name: 'OCR',
      arguments: { image: 'image-0', images: ['https://127.0.0.1/a.png'] },
    });
    expect(local).toMatchObject({
      isError: true,
      content: [{ text: expect.stringMatching(/does not lead to the public internet/) }],
    });
    const wrong = await client.callTool({ name: 'OCR', arguments: { image: 'image-0', images: 7 } });
    expect(wrong).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('"images"') }] });
    await expect(client.callTool({ name: 'Fly', arguments: {} })).rejects.toMatchObject({
      code: -32602,
      message: expect.stringContaining("There is no tool 'Fly'"),
    });
    await expect(client.callTool({ name: 'Terminate', arguments: { answer: 'x' } })).rejects.toMatchObject({
      code: -32602,
    });
  });

  test(`the call of ${era} that goes away is cancelled`, async () => {
    const client = await connect(mode);
    const file = `${cluster.dir}/witness.txt`;
    const label = `gone-${JSON.stringify(mode).length}`;
    const calling = client.callTool({ name: 'Witness', arguments: { file, label, ms: 30_000 } });
    const run = await cluster.until('the call is under way', async () => {
      const reply = await fetch(`${api.url}/v1/runs`, { headers: { authorization: `Bearer ${API_KEY}` } });
      const { data } = (await reply.json()) as { data: { id: string; question: string; status: string }[] };
      return data.find((one) => one.question.includes(label) && one.status === 'in_progress');
    });
    await client.close();
    await expect(calling).rejects.toThrow();
    const ended = await cluster.closed(run.id, 10_000);
    expect(ended.outcome).toMatchObject({ status: 'cancelled' });
  });
}

test('/mcp has the door of the rest: keys, methods, JSON', async () => {
  await expect(connect('legacy', 'wrong-key-0123456789')).rejects.toThrow();
  const get = await fetch(`${api.url}/mcp`, { headers: { authorization: `Bearer ${API_KEY}` } });
  expect([get.status, get.headers.get('allow')]).toEqual([405, 'POST']);
  const text = await post(
    '/mcp',
    { jsonrpc: '2.0', id: 1, method: 'no/such' },
    { accept: 'application/json, text/event-stream' },
  );
  expect(await text.text()).toContain('-32601');
});

interface Called {
  readonly id: string;
  readonly response_id: string;
  readonly status: string;
  readonly result: Record<string, unknown> | null;
  readonly error: { code: string; message: string } | null;
  readonly images: readonly ImageRef[];
}

test('the same over REST; its run is one like others: events, list, trace, retry, the same key the same run', async () => {
  const body = { arguments: { expression: '6 * 7' } };
  const called = (await (await post('/v1/tools/Calculate/calls', body, { 'idempotency-key': 'k1' })).json()) as Called;
  expect(called).toMatchObject({
    object: 'tool.call',
    status: 'completed',
    result: { result: 42 },
    error: null,
    images: [],
  });
  const again = (await (await post('/v1/tools/Calculate/calls', body, { 'idempotency-key': 'k1' })).json()) as Called;
  expect(again).toEqual(called);

  const get = async (path: string): Promise<string> =>
    (await fetch(api.url + path, { headers: { authorization: `Bearer ${API_KEY}` } })).text();
  const response = JSON.parse(await get(`/v1/responses/${called.response_id}`)) as { output: { type: string }[] };
  expect(response.output.map(({ type }) => type)).toEqual(['function_call', 'function_call_output', 'message']);
  const events = await get(`/v1/responses/${called.response_id}?stream=true`);
  expect(events).toContain('response.completed');
  expect(JSON.parse(await get('/v1/runs'))).toMatchObject({
    data: expect.arrayContaining([expect.objectContaining({ id: called.id, answer: '{"result":42}' })]),
  });
  const trace = JSON.parse(await get(`/v1/runs/${called.id}/trace`)) as Record<string, unknown>;
  expect(trace).toMatchObject({ status: 'completed', stop_reason: 'call', usage: { replies: 0, toolCalls: 1 } });
  const retried = (await (await post(`/v1/runs/${called.id}/retry`, {})).json()) as { cota: { run_id: string } };
  expect((await cluster.closed(retried.cota.run_id)).outcome).toMatchObject({ answer: '{"result":42}' });

  const failed = (await (
    await post('/v1/tools/Calculate/calls', { arguments: { expression: '1/' } })
  ).json()) as Called;
  expect(failed).toMatchObject({
    status: 'failed',
    result: null,
    error: { message: expect.stringContaining('Calculate') },
  });
  const unknown = await post('/v1/tools/Fly/calls', {});
  expect([unknown.status, await unknown.text()]).toEqual([404, expect.stringContaining("There is no tool 'Fly'")]);
  const typo = await post('/v1/tools/Calculate/calls', { args: {} });
  expect([typo.status, await typo.text()]).toEqual([400, expect.stringContaining('args')]);
});

test('the tool of the tutorial works, and `cota call` calls tools', async () => {
  const white = dataUrl(
    await sharp({ create: { width: 9, height: 9, channels: 3, background: '#fff' } })
      .png()
      .toBuffer(),
  );
  const body = { arguments: { image: 'image-0' }, images: [white] };
  const bright = (await (await post('/v1/tools/Brightness/calls', body)).json()) as Called;
  expect(bright).toMatchObject({ status: 'completed', result: { brightness: 1 } });

  const cota = await openCota(replayModels());
  try {
    await writeFile(join(cota.dir, 'a.png'), Buffer.from(white.slice(white.indexOf(',') + 1), 'base64'));
    const target = ['--url', api.url, '--key', API_KEY];
    const call = (...args: string[]) => cota.run(['call', ...args, ...target]);
    const [measured, wrong, cut, misspelled] = await Promise.all([
      call('Brightness', '--image', 'a.png'),
      call('Calculate', 'expression=2 *'),
      call('Crop', 'bbox=[0, 0, 0.5, 0.5]', '--image', 'a.png', '--out', 'made'),
      call('calculat', 'expression=2'),
    ]);
    expect(cut).toMatchObject({ code: 0, out: expect.stringMatching(/image-1 +\/.*made\/image-1\.png/) });
    expect((await sharp(join(cota.dir, 'made/image-1.png')).metadata()).format).toBe('png');
    expect(misspelled).toMatchObject({ code: 2, err: expect.stringContaining('did you mean Calculate?') });
    expect([measured.code, measured.out]).toEqual([0, expect.stringMatching(/^1\n/)]);
    expect([wrong.code, wrong.out]).toEqual([1, expect.stringContaining('the expression ends too early')]);
    const trace = await cota.run(['trace', /run_\w+/.exec(measured.out)?.[0] ?? '', ...target]);
    expect(trace.out).toContain('asked for by a client itself');
  } finally {
    await cota.remove();
  }
});

test('a call outlives the worker that had it in hand', async () => {
  const file = join(cluster.dir, 'witness.txt');
  const body = { arguments: { file, label: 'outlives', ms: 1_500 }, background: true };
  const called = (await (await post('/v1/tools/Witness/calls', body)).json()) as Called;
  await cluster.until('it is in hand', async () => readFileSync(file, 'utf8').includes('outlives'));
  const pid = /outlives (\d+)/.exec(readFileSync(file, 'utf8'))?.[1];
  cluster.procs.find((proc) => String(proc.pid) === pid)?.kill('SIGKILL');
  cluster.start(TOOLS);
  const run = await cluster.closed(called.id);
  expect(run.outcome).toMatchObject({ status: 'completed', stopReason: 'call' });
  expect(readFileSync(file, 'utf8').match(/outlives/g)).toHaveLength(2);
});
