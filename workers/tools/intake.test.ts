import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { CotaError } from '../../shared/errors.ts';
import { ObjectMissing, type ObjectStore, openBucketReader } from '../../shared/object-store.ts';
import { createSafeFetch, type SafeFetch } from '../../shared/safe-fetch.ts';
import { sampleRun } from '../../test/sample-run.ts';
import { takeIn } from './intake.ts';

let server: Server;
let base: string;
let web: SafeFetch;
let png: Buffer;
/** Requests that wait for their answer, the path first. */
let asked: [path: string, response: ServerResponse][];
let most: number;
let stored: string[];
beforeAll(async () => {
  const picture = sharp({ create: { width: 4, height: 4, channels: 3, background: 'red' } });
  png = await picture.png().toBuffer();
  server = createServer((request, response) => {
    asked.push([request.url ?? '', response]);
    most = Math.max(most, asked.length);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  web = createSafeFetch({ allow: [base], allowHttp: true });
});
beforeEach(() => {
  [asked, most, stored] = [[], 0, []];
});
afterAll(async () => {
  await web.close();
  server.close();
});

const objects = {
  put: async (key: string) => void stored.push(key),
  get: async (key: string) => {
    throw new ObjectMissing(key);
  },
} as unknown as ObjectStore;
const limits = { maxBytes: 20_000_000, maxPixels: 100_000_000 };
const buckets = openBucketReader({}, []);
const never = new AbortController().signal;

function takeInAll(paths: readonly string[], { signal = never, fails = 0 } = {}) {
  const sources = paths.map((path) => ({ from: 'url' as const, url: `${base}/${path}` }));
  return takeIn(
    { ...sampleRun({ config: { sources }, images: [] }), fails },
    objects,
    { limits, web, buckets },
    signal,
  );
}

const numbers = (count: number) => Array.from({ length: count }, (_, index) => String(index));

function answer(path: string | undefined, status = 200, headers: Readonly<Record<string, string>> = {}): void {
  const at = path === undefined ? 0 : asked.findIndex(([known]) => known === `/${path}`);
  const [found] = asked.splice(at, 1);
  if (!found) throw new Error(`nobody asked for ${path}`);
  found[1].writeHead(status, headers).end(status === 200 ? png : '');
}

test('a process holds eight images at a time, and four of one run', async () => {
  const runs = [takeInAll(numbers(16))];
  await expect.poll(() => asked.length).toBe(4);
  await sleep(50);
  expect(most).toBe(4);
  runs.push(takeInAll(numbers(6)), takeInAll(numbers(6)));
  await expect.poll(() => asked.length).toBe(8);
  await sleep(50);
  let done = false;
  const all = Promise.all(runs).finally(() => {
    done = true;
  });
  while (!done) {
    if (asked.length > 0) answer(undefined);
    await sleep(1);
  }
  expect(most).toBe(8);
  const names = (count: number) => numbers(count).map((number) => `image-${number}`);
  expect((await all).map((images) => images.map(({ name }) => name))).toEqual([names(16), names(6), names(6)]);
});

test('the first image that fails ends the others: nothing more is fetched, nothing is stored afterwards', async () => {
  const taking = takeInAll(numbers(16));
  const failed = expect(taking).rejects.toMatchObject({ code: 'failed_to_download_image' });
  await expect.poll(() => asked.length).toBe(4);
  answer('0');
  await expect.poll(() => asked.length).toBe(4);
  answer('2', 404);
  await failed;
  const [before, requests] = [stored.length, asked.length];
  for (const [path] of [...asked]) answer(path.slice(1));
  await sleep(100);
  expect(stored).toHaveLength(before);
  expect(asked).toHaveLength(0);
  expect(requests).toBeLessThanOrEqual(4);
});

test('a run that is cancelled ends at once, and leaves its place to others', async () => {
  const stop = new AbortController();
  const slow = [takeInAll(numbers(8), { signal: stop.signal }), takeInAll(numbers(8), { signal: stop.signal })];
  await expect.poll(() => asked.length).toBe(8);
  const next = takeInAll(['next']);
  stop.abort(new Error('cancelled'));
  for (const end of await Promise.allSettled(slow)) expect(end).toMatchObject({ reason: stop.signal.reason });
  await expect.poll(() => asked.some(([path]) => path === '/next')).toBe(true);
  answer('next');
  expect(await next).toHaveLength(1);
  expect(stored).toHaveLength(2);
});

test.each([
  ['2', 2_000],
  ['999999999', 3_600_000],
  ['9'.repeat(400), undefined],
  [undefined, undefined],
])('a host that says when to come back (Retry-After: %s) is believed within reason', async (header, retryAfterMs) => {
  for (const status of [429, 503]) {
    const taking = takeInAll(['busy']).catch((error: unknown) => error);
    await expect.poll(() => asked.length).toBe(1);
    answer('busy', status, header === undefined ? {} : { 'retry-after': header });
    const error = await taking;
    expect(error).toBeInstanceOf(CotaError);
    expect(error).toMatchObject({ code: 'server_error', retryAfterMs });
  }
});

test('a file that was deleted before its run was taken in fails the run, and says what to do', async () => {
  const source = { from: 'store', key: 't/acme/content/file-1', bytes: 10, copy: true } as const;
  const run = sampleRun({ config: { sources: [source] }, images: [] });
  const taking = takeIn(run, objects, { limits, web, buckets }, never);
  await expect(taking).rejects.toMatchObject({ code: 'image_file_not_found', message: /deleted.*upload it again/ });
  const large = { ...source, bytes: limits.maxBytes + 1 };
  const tooLarge = takeIn(
    sampleRun({ config: { sources: [large] }, images: [] }),
    objects,
    { limits, web, buckets },
    never,
  );
  await expect(tooLarge).rejects.toMatchObject({ code: 'image_file_too_large' });
});
