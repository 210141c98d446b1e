import { afterEach, expect, test } from 'vitest';
import { EngineEnded, EngineError, type WarmEngine } from './warm-engine.ts';
import { warmThread } from './warm-thread.ts';

/** A thread that does as it is told, so that each way to fail can be asked for. */
const entry = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { threadId } from 'node:worker_threads';
    import { serveEngine } from ${JSON.stringify(new URL('./serve-engine.ts', import.meta.url).href)};
    let calls = 0;
    serveEngine(async (request) => {
      calls++;
      if (request === 'spin') for (;;);
      if (request === 'fill') for (const all = [];;) all.push(new Array(10_000).fill(all.length));
      if (request === 'exit') process.exit(3);
      if (request === 'throw') throw Object.assign(new RangeError('too far'), { code: 'E_FAR' });
      return { request, threadId, calls };
    });
  `)}`,
);

type Answer = { request: string; threadId: number; calls: number };
let thread: WarmEngine;
afterEach(() => thread.close());

const ask = async (request: string, timeLimitMs = 20_000, signal?: AbortSignal) =>
  (await thread.call(request, { timeLimitMs, signal })) as Answer;

test('one thread answers all calls, in order', async () => {
  thread = warmThread(entry);
  const answers = await Promise.all(['a', 'b', 'c'].map((request) => ask(request)));
  expect(answers.map(({ request }) => request)).toEqual(['a', 'b', 'c']);
  expect(answers.map(({ calls }) => calls)).toEqual([1, 2, 3]);
});

test('a call over its time ends the thread; the calls behind it are served by a fresh one', async () => {
  thread = warmThread(entry);
  const first = await ask('a');
  const spin = ask('spin', 100);
  const behind = ask('b');
  await expect(spin).rejects.toMatchObject({ name: 'EngineEnded', reason: 'time' });
  expect((await behind).threadId).not.toBe(first.threadId);
  expect((await behind).calls).toBe(1);
});

test('a thread out of memory ends alone, and says so', async () => {
  thread = warmThread(entry, { heapMb: 16 });
  await expect(ask('fill')).rejects.toMatchObject({ name: 'EngineEnded', reason: 'memory' });
  expect((await ask('a')).calls).toBe(1);
});

test('a thread that exits is told from one that is slow', async () => {
  thread = warmThread(entry);
  await expect(ask('exit')).rejects.toMatchObject({ name: 'EngineEnded', reason: 'crash' });
  expect((await ask('a')).calls).toBe(1);
});

test('errors keep their name, code and message on their way out', async () => {
  thread = warmThread(entry);
  const error = await ask('throw').catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(EngineError);
  expect((error as EngineError).fault).toEqual({ name: 'RangeError', code: 'E_FAR', message: 'too far' });
});

test('an aborted call rejects with the reason, whether it waits or runs', async () => {
  thread = warmThread(entry);
  await ask('a');
  const stop = new AbortController();
  const running = ask('spin', 20_000, stop.signal);
  const waiting = ask('b', 20_000, stop.signal);
  const other = ask('c');
  stop.abort(new Error('cancelled'));
  await expect(running).rejects.toThrow('cancelled');
  await expect(waiting).rejects.toThrow('cancelled');
  expect((await other).request).toBe('c');
  await expect(ask('d', 20_000, stop.signal)).rejects.toThrow('cancelled');
});

test('closing refuses what is open', async () => {
  thread = warmThread(entry);
  const open = [ask('spin'), ask('b')];
  const ends = Promise.allSettled(open);
  await thread.close();
  for (const end of await ends) expect(end).toMatchObject({ reason: expect.any(EngineEnded) });
});
