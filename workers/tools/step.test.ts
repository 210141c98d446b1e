import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { type ObjectStore, openObjectStore } from '../../shared/object-store.ts';
import { createSafeFetch } from '../../shared/safe-fetch.ts';
import { sampleModelStep, sampleRun } from '../../test/sample-run.ts';
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

async function act(tool: Tool, fails: number) {
  const actions = [{ name: tool.name, arguments: {} }];
  const steps = [{ ...sampleModelStep('', { actions }), startedAt: 1, endedAt: 1 }];
  const run = { ...sampleRun(), kind: 'action' as const, step: 1, turn: 0, steps, fails };
  const web = createSafeFetch({ allow: [], allowHttp: false });
  const handle = toolStepHandler({
    ...{ objects, cache: openToolCache(objects), tools: new Map([[tool.name, tool]]) },
    intake: { limits: { maxBytes: 1, maxPixels: 1 }, web },
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
    await expect(act(tool, 0)).rejects.toMatchObject({ name: 'ToolFailed' });
    expect(await act(tool, 1)).toMatchObject({ step: { observation: { ok: false, error: { code: 'tool_failed' } } } });
  },
);

test('pictures that are kept at the same time get names of their own', async () => {
  const run = sampleRun();
  const context = openToolContext(run, objects, new AbortController().signal);
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
