import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import type { WorkerCard } from '../../shared/fleet.ts';
import { type ObjectStore, openBucketReader, openObjectStore } from '../../shared/object-store.ts';
import { createSafeFetch } from '../../shared/safe-fetch.ts';
import { sampleModelStep, sampleRun, sampleTool } from '../../test/sample-run.ts';
import { toolServices } from '../../test/tool-services.ts';
import { openToolCache } from './cache.ts';
import { openToolContext } from './context.ts';
import { toolStepHandler } from './step.ts';
import type { Tool } from './tool.ts';

let dir: string;
let objects: ObjectStore;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cota-tool-step-'));
  objects = await openObjectStore({ driver: 'fs', root: dir, linkSecret: 'a secret of some length' });
});
afterAll(async () => {
  await objects.close();
  await rm(dir, { recursive: true, force: true });
});

const broken = (error: Error): Tool => ({
  ...{ name: 'Broken', version: '1', engine: 'none', description: '', returns: '', example: {}, pool: 'remote' },
  ...{ arguments: z.object({}), timeLimitMs: 1_000, deterministic: false, cache: false },
  run: () => Promise.reject(error),
});

const OTHER: WorkerCard = {
  ...{ id: 'other', kind: 'tools', pid: 1, host: 'h', queues: ['tools.v.other'], models: {}, tools: [], startedAt: 1 },
};

interface Act {
  readonly fails?: number;
  /** The version that the run is pinned to. */
  readonly pinned?: string;
  /** What another worker carries out: name -> version. */
  readonly elsewhere?: Readonly<Record<string, string>>;
  /** What that worker lacks: name -> remedy. */
  readonly lacking?: Readonly<Record<string, string>>;
  /** Name of the action; the tool's, unless this worker has no such tool. */
  readonly action?: string;
  /** Steps that wait for the other worker. */
  readonly waiting?: number;
}

async function act(tool: Tool, options: Act = {}) {
  const { fails = 0, pinned = '1', elsewhere = {}, lacking = {}, action = tool.name, waiting = 0 } = options;
  const actions = [{ name: action, arguments: {} }];
  const steps = [{ ...sampleModelStep('', { actions }), startedAt: 1, endedAt: 1 }];
  const tools = [{ ...sampleTool(action, {}), version: pinned }];
  const run = { ...sampleRun({ config: { tools } }), kind: 'action' as const, step: 1, turn: 0, steps, fails };
  const web = createSafeFetch({ allow: [], allowHttp: false });
  const handle = toolStepHandler({
    ...{ objects, services: toolServices(objects), cache: openToolCache(objects), tools: new Map([[tool.name, tool]]) },
    fleet: {
      workers: () => [
        { ...OTHER, tools: Object.keys(elsewhere), toolVersions: { ...elsewhere }, toolsNotReady: { ...lacking } },
      ],
      tools: () => tools,
    },
    ...{ queues: { waiting: async () => waiting }, concurrency: 1 },
    intake: { limits: { maxBytes: 1, maxPixels: 1 }, web, buckets: openBucketReader({}, []) },
  });
  try {
    return await handle({ run, now: 1, signal: new AbortController().signal });
  } finally {
    await web.close();
  }
}

test.each(['connect ECONNREFUSED 127.0.0.1:1', 'write EPIPE', 'Connection is closed.'])(
  'a tool whose own server is gone (%s) is tried once more, then the model is told',
  async (message) => {
    const tool = broken(new Error(message));
    await expect(act(tool)).rejects.toMatchObject({ name: 'ToolFailed' });
    expect(await act(tool, { fails: 1 })).toMatchObject({
      step: { observation: { ok: false, error: { code: 'tool_failed' } } },
    });
  },
);

const works: Tool = { ...broken(new Error()), name: 'Works', run: async () => ({ done: true }) };

test('an action is handed on to a worker of the pinned version, where one is there and has room', async () => {
  const newer = { pinned: '2', elsewhere: { Works: '2' } };
  await expect(act(works, newer)).rejects.toMatchObject({ queue: 'tools.v.other' });
  const mine = { step: { toolVersion: '1' } };
  expect(await act(works, { ...newer, waiting: 2 })).toMatchObject(mine);
  expect(await act(works, { pinned: '2' }), 'nobody has it').toMatchObject(mine);
  expect(await act(works, { pinned: '2', elsewhere: { Works: '3' } })).toMatchObject(mine);
  expect(await act(works, { elsewhere: { Works: '2' } }), 'this one has it').toMatchObject(mine);
});

test('an action that this worker does not know is handed on too, or waits for a worker and spends no attempt', async () => {
  const other = { action: 'New', elsewhere: { New: '1' }, waiting: 100 };
  await expect(act(works, other)).rejects.toMatchObject({ queue: 'tools.v.other' });
  await expect(act(works, { ...other, pinned: '2' })).rejects.toMatchObject({ queue: 'tools.v.other' });
  await expect(act(works, { action: 'New' })).rejects.toMatchObject({ code: 'tool_away', retryAfterMs: 10_000 });
});

test('an action whose tool lacks something here waits for a worker that has it; the model is told where none has', async () => {
  const lacks: Tool = { ...works, status: () => ({ ready: false, reason: 'No weights here.', remedy: 'pull them' }) };
  const elsewhere = { Works: '1' };
  await expect(act(lacks, { elsewhere })).rejects.toMatchObject({ code: 'tool_away', retryAfterMs: 1_000 });
  const told = { step: { observation: { ok: false, error: { code: 'tool_not_ready', message: 'No weights here.' } } } };
  expect(await act(lacks)).toMatchObject(told);
  expect(await act(lacks, { elsewhere, lacking: { Works: 'pull them' } })).toMatchObject(told);
  expect(await act(lacks, { elsewhere: { Works: '2' } }), 'the other is of another version').toMatchObject(told);
});

test('pictures that are kept at the same time get names of their own', async () => {
  const run = sampleRun();
  const context = openToolContext(run, toolServices(objects), new AbortController().signal);
  const pictures = await Promise.all(
    ['red', 'green', 'blue'].map((background) =>
      sharp({ create: { width: 2, height: 2, channels: 3, background } })
        .png()
        .toBuffer(),
    ),
  );
  const names = await Promise.all(pictures.map((picture) => context.tool.keepImage(picture)));
  const first = run.images.length;
  expect(names).toEqual([0, 1, 2].map((index) => `image-${first + index}`));
  expect(context.kept().map(({ name }) => name)).toEqual(names);
});
