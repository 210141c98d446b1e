import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import type { ToolSpec } from '../../shared/contract.ts';
import type { WorkerCard } from '../../shared/fleet.ts';
import { paths } from '../../shared/keys.ts';
import { openLifecycle } from '../../shared/lifecycle.ts';
import { type ObjectStore, openObjectStore } from '../../shared/object-store.ts';
import { openLog } from '../../shared/telemetry.ts';
import type { CatalogueEntry } from '../../shared/weights/catalogue.ts';
import { folderSource } from '../../shared/weights/folder.ts';
import { pull } from '../../shared/weights/pull.ts';
import { pushToStore, removeFromStore, storedReceipt, verifyStore } from '../../shared/weights/store.ts';
import { openWeights } from '../../shared/weights/weights.ts';
import { until } from '../../test/cota-command.ts';
import { notReady, tellNotReady, warmUpAll, watchReadiness } from './readiness.ts';
import { fetchStoredWeights } from './stored-weights.ts';
import type { Tool } from './tool.ts';

let dir: string;
let objects: ObjectStore;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cota-stored-'));
  objects = await openObjectStore({ driver: 'fs', root: join(dir, 'store'), linkSecret: 'a secret of some length' });
});
afterAll(async () => {
  await objects.close();
  await rm(dir, { recursive: true, force: true });
});

const entry: CatalogueEntry = {
  ...{
    id: 'tiny',
    engine: 'depth',
    dtype: 'fp32',
    repo: 'org/tiny',
    revision: 'main',
    licence: 'MIT',
    description: '',
  },
  ...{ source: 'https://example.org', tools: ['Deep'] },
  files: ['config.json', 'onnx/model.onnx'].map((path) => ({ path, bytes: null, sha256: null })),
};
const log = openLog('test', 'silent');
const signal = new AbortController().signal;

async function pulledInto(root: string) {
  const from = join(dir, 'from');
  await rm(from, { recursive: true, force: true });
  await mkdir(join(from, 'onnx'), { recursive: true });
  await writeFile(join(from, 'config.json'), '{}');
  await writeFile(join(from, 'onnx/model.onnx'), randomBytes(200_000));
  return (await pull({ root, entry, source: await folderSource(from), signal, force: true })).receipt;
}

test('a worker that lacks weights fetches them from the store when they appear, loads them, and tells the fleet', async () => {
  const weights = openWeights(join(dir, 'worker'), [entry]);
  let loaded = 0;
  const tool: Tool = {
    ...{ name: 'Deep', version: '1', description: '', returns: '', example: {}, pool: 'vision' },
    ...{ arguments: z.object({}), timeLimitMs: 1_000, deterministic: false, cache: false },
    get engine() {
      const state = weights.find('tiny');
      return state.ready ? `depth@${state.hash}` : 'depth';
    },
    status() {
      const state = weights.find('tiny');
      return state.ready ? { ready: true } : { ready: false, reason: 'no depth here', remedy: state.remedy };
    },
    async warmUp() {
      loaded += 1;
    },
    run: async () => ({}),
  };
  const lifecycle = openLifecycle(log, 1_000);
  const updates: { change: Partial<WorkerCard>; specs: readonly ToolSpec[] | undefined }[] = [];
  const presence = {
    update: async (change: Partial<WorkerCard>, specs?: readonly ToolSpec[]) => void updates.push({ change, specs }),
    leave: async () => undefined,
  };
  const missing = notReady([tool]);
  expect(missing).toEqual({ Deep: 'cota models pull tiny' });
  watchReadiness({ log, lifecycle }, presence, [tool], missing, { everyMs: 20 });
  fetchStoredWeights({ objects, log, lifecycle }, weights, 20);

  const made = await pulledInto(join(dir, 'elsewhere'));
  await pushToStore(objects, join(dir, 'elsewhere'), made);
  const { change, specs } = await until('the worker is ready', () => updates[0]);
  expect(change).toEqual({ toolsNotReady: {} });
  expect(loaded, 'before the fleet hears of it').toBe(1);
  const state = weights.find('tiny');
  expect(specs?.[0]?.engine).toBe(state.ready && `depth@${state.hash}`);
  expect(state).toMatchObject({
    ready: true,
    receipt: { from: 'the object store', files: made.files.map(({ sha256 }) => ({ sha256 })) },
  });
  await lifecycle.stop('test over');
});

test('a tool that cannot be loaded, or breaks when asked whether it is ready, costs its worker that tool alone', async () => {
  let hash = 'broken';
  const base = {
    ...{ version: '1', description: '', returns: '', example: {}, pool: 'vision' as const, run: async () => ({}) },
    ...{ arguments: z.object({}), timeLimitMs: 1_000, deterministic: false, cache: false },
  };
  let tries = 0;
  const tools: Tool[] = [
    {
      ...base,
      name: 'Deep',
      get engine() {
        return `depth@${hash}`;
      },
      async warmUp() {
        tries += 1;
        if (hash === 'broken') throw new Error('the model file cannot be read');
      },
    },
    {
      ...{ ...base, name: 'Odd', engine: 'none' },
      status: () => {
        throw new TypeError('no');
      },
    },
    { ...base, name: 'Plain', engine: 'none' },
  ];
  const missing = notReady(tools);
  expect(missing).toEqual({ Odd: 'it cannot say whether it is ready: no' });
  const faults = await warmUpAll([tools[0]!, tools[2]!], log);
  expect(faults).toEqual({ Deep: 'it cannot be loaded: the model file cannot be read' });
  const lifecycle = openLifecycle(log, 1_000);
  const updates: Partial<WorkerCard>[] = [];
  const presence = {
    update: async (change: Partial<WorkerCard>) => void updates.push(change),
    leave: async () => undefined,
  };
  const missingNow = watchReadiness({ log, lifecycle }, presence, tools, missing, { faults, everyMs: 20 });
  await new Promise((resolve) => setTimeout(resolve, 150));
  expect([updates, tries], 'it rests before it is tried again').toEqual([[], 1]);
  expect(missingNow()).toEqual({ ...missing, ...faults });
  hash = 'whole';
  await until('it is loaded', () => updates[0]);
  expect([updates, tries]).toEqual([[{ toolsNotReady: missing }], 2]);
  await lifecycle.stop('test over');
});

test('a store that takes its time before it reads gets every byte', async () => {
  const root = join(dir, 'slow');
  const made = await pulledInto(root);
  const slow: ObjectStore = {
    ...objects,
    async put(key, body, options) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      return objects.put(key, body, options);
    },
  };
  await pushToStore(slow, root, made);
  expect(await verifyStore(objects, entry)).toEqual([]);
});

test('the store is replaced whole, verified and cleared', async () => {
  const root = join(dir, 'second');
  const first = await pulledInto(root);
  await pushToStore(objects, root, first);
  const second = await pulledInto(root);
  expect(await pushToStore(objects, root, second)).toEqual(['onnx/model.onnx']);
  expect(await pushToStore(objects, root, second), 'nothing has changed').toEqual([]);
  const keys: string[] = [];
  for await (const { key } of objects.list(paths.weights('tiny'))) keys.push(key);
  expect(keys).toHaveLength(3);
  expect(await verifyStore(objects, entry)).toEqual([]);

  const key = paths.weightsFile('tiny', second.files[1]?.sha256 ?? '');
  await objects.put(key, Buffer.alloc(200_000), { contentType: 'application/octet-stream' });
  expect(await verifyStore(objects, entry)).toEqual([{ path: 'onnx/model.onnx', what: 'other bytes' }]);
  await objects.delete(key);
  expect(await verifyStore(objects, entry)).toEqual([{ path: 'onnx/model.onnx', what: 'missing' }]);
  await writeFile(join(root, 'org/tiny/onnx/model.onnx'), Buffer.alloc(200_000));
  await expect(pushToStore(objects, root, second)).rejects.toThrow(/onnx\/model.onnx of tiny in .* is broken/);

  await removeFromStore(objects, 'tiny');
  expect(await storedReceipt(objects, 'tiny')).toBeUndefined();
  await expect(removeFromStore(objects, 'tiny')).rejects.toThrow('the object store has nothing of tiny');
});

test('a tool that is called although it is not ready is in the log once in a while, with what to do', () => {
  const lines: unknown[] = [];
  const loud = { warn: (fields: unknown) => lines.push(fields) } as unknown as typeof log;
  let at = 0;
  const tell = tellNotReady(loud, () => at);
  const tool = {
    name: 'Deep',
    status: () => ({ ready: false, reason: '', remedy: 'cota models pull tiny' }),
  } as unknown as Tool;
  for (let call = 0; call < 5; call++) tell(tool);
  expect(lines).toEqual([{ tool: 'Deep', remedy: 'cota models pull tiny', calls: 1 }]);
  at = 61_000;
  tell(tool);
  expect(lines[1]).toEqual({ tool: 'Deep', remedy: 'cota models pull tiny', calls: 5 });
});
