import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ObjectStore, openObjectStore } from '../../shared/object-store.ts';
import { sampleImage, sampleRun } from '../../test/sample-run.ts';
import { openToolCache, type ToolCache } from './cache.ts';
import { findTool, type ToolOutcome } from './registry.ts';

let dir: string;
let objects: ObjectStore;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cota-tool-cache-'));
  objects = await openObjectStore({ driver: 'fs', root: dir, linkSecret: 'a secret of some length' });
});
afterAll(async () => {
  await objects.close();
  await rm(dir, { recursive: true, force: true });
});

const never = new AbortController().signal;
const told: ToolOutcome = { ok: true, result: { text: 'a' } };

/** Equal calls of a tenant of its own, and what they carry out, one `finish` each. */
function calls(tenant: string, cache: ToolCache = openToolCache(objects)) {
  const run = { ...sampleRun({ images: [sampleImage(0)] }), tenant };
  const started: { finish(outcome: ToolOutcome): void; fail(error: Error): void }[] = [];
  const call = (signal = never) => {
    const execute = () => {
      const { promise, resolve, reject } = Promise.withResolvers<ToolOutcome>();
      started.push({ finish: resolve, fail: reject });
      signal.addEventListener('abort', () => reject(signal.reason));
      return promise.then((observation) => ({ observation, images: [] }));
    };
    return cache.through(findTool('OCR'), { image: 'image-0' }, run, execute, signal);
  };
  const begun = (count: number) => expect.poll(() => started.length).toBe(count);
  return { call, started, begun };
}

/** Long enough for whoever should not have begun to begin. */
const settled = () => new Promise((resolve) => setTimeout(resolve, 100));

test('equal calls at the same time are carried out once', async () => {
  const { call, started, begun } = calls('once');
  const all = Promise.all(Array.from({ length: 5 }, () => call()));
  await begun(1);
  await settled();
  started[0]!.finish(told);
  const given = await all;
  expect(started).toHaveLength(1);
  expect(given.map(({ cached }) => cached)).toEqual([false, true, true, true, true]);
  expect(given.map(({ observation }) => observation)).toEqual(Array(5).fill(told));
});

test('when the one that works is cancelled, those who wait for it begin once among themselves', async () => {
  const { call, started, begun } = calls('cancelled');
  const stop = new AbortController();
  const first = call(stop.signal);
  await begun(1);
  const others = Promise.all(Array.from({ length: 4 }, () => call()));
  stop.abort(new Error('cancelled'));
  await expect(first).rejects.toThrow('cancelled');
  await begun(2);
  await settled();
  started[1]!.finish(told);
  expect((await others).filter(({ cached }) => !cached)).toHaveLength(1);
  expect(started).toHaveLength(2);
});

test('what failed, or is an error for the model, is done again by the next, one after the other', async () => {
  const { call, started, begun } = calls('failing');
  const [broken, refused, good, last] = [call(), call(), call(), call()];
  await begun(1);
  started[0]!.fail(new Error('no store'));
  await expect(broken).rejects.toThrow('no store');
  await begun(2);
  started[1]!.finish({ ok: false, error: { code: 'tool_timeout', message: '' } });
  expect(await refused).toMatchObject({ observation: { ok: false }, cached: false });
  await begun(3);
  started[2]!.finish(told);
  expect(await good).toMatchObject({ cached: false });
  expect(await last).toMatchObject({ cached: true });
  expect(started).toHaveLength(3);
});

test('one that waits for another ends at once when it is cancelled, and the other goes on', async () => {
  const { call, started, begun } = calls('waiter');
  const first = call();
  await begun(1);
  const stop = new AbortController();
  const waiter = call(stop.signal);
  await settled();
  stop.abort(new Error('cancelled'));
  await expect(waiter).rejects.toThrow('cancelled');
  started[0]!.finish(told);
  expect(await first).toMatchObject({ cached: false });
});

test('a success is found in the store by another process', async () => {
  const { call, started, begun } = calls('store');
  const first = call();
  await begun(1);
  started[0]!.finish(told);
  await first;
  const elsewhere = calls('store', openToolCache(objects));
  expect(await elsewhere.call()).toEqual({ observation: told, images: [], cached: true });
  expect(elsewhere.started).toHaveLength(0);
});

test('a result that names a given image names it as the run does that gets it from the cache', async () => {
  const cache = openToolCache(objects);
  const [one, other] = [sampleImage(0), sampleImage(1)];
  const tool = findTool('GetTextToImagesSimilarity');
  const first = { ...sampleRun({ images: [one, other] }), tenant: 'names' };
  const outcome: ToolOutcome = { ok: true, result: { best_image_index: 1, best_image: 'image-1' } };
  const args = { text: 'a dog', images: ['image-0', 'image-1'] };
  await cache.through(tool, args, first, async () => ({ observation: outcome, images: [] }), never);
  // The same bytes under other names, and another picture where the first run had the dog.
  const images = [
    { ...other, name: 'image-0' },
    { ...sampleImage(2), name: 'image-1' },
    { ...one, name: 'image-2' },
  ];
  const second = { ...sampleRun({ images }), tenant: 'names' };
  const again = { text: 'a dog', images: ['image-2', 'image-0'] };
  for (const from of [cache, openToolCache(objects)]) {
    const given = await from.through(tool, again, second, () => Promise.reject(new Error('not kept')), never);
    expect(given).toMatchObject({
      cached: true,
      observation: { ok: true, result: { best_image_index: 1, best_image: 'image-0' } },
    });
  }
});
