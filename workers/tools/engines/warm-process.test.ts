import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, expect, test } from 'vitest';
import { EngineEnded, EngineError, type WarmEngine } from './warm-engine.ts';
import { warmProcess } from './warm-process.ts';

const dir = mkdtempSync(join(tmpdir(), 'cota-warm-process-'));
afterAll(() => rmSync(dir, { recursive: true }));
const here = (file: string) => JSON.stringify(new URL(file, import.meta.url).href);

function script(name: string, source: string): URL {
  writeFileSync(join(dir, name), source);
  return pathToFileURL(join(dir, name));
}

/** An engine that does as it is told. `block` stands for native code: nothing gets through to it until it returns. */
const entry = script(
  'engine.mjs',
  `
  import { setTimeout as sleep } from 'node:timers/promises';
  import { serveEngine } from ${here('./serve-engine.ts')};
  let [calls, cancelled] = [0, 0];
  const block = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  serveEngine(async (request, signal) => {
    calls++;
    if (request.block) block(request.block);
    for (let left = request.batches ?? 0; left > 0; left--) {
      block(50);
      await sleep(0);
      if (signal.aborted) cancelled++;
      signal.throwIfAborted();
    }
    if (request.exit) process.exit(3);
    if (request.fill) for (const all = [];;) all.push(new Array(100_000).fill(all.length));
    if (request.throw) throw Object.assign(new RangeError('too far'), { code: 'E_FAR' });
    return { bytes: request.bytes?.length, pid: process.pid, calls, cancelled };
  });
`,
);

type Ask = { block?: number; batches?: number; exit?: boolean; fill?: boolean; throw?: boolean; bytes?: Uint8Array };
type Answer = { bytes?: number; pid: number; calls: number; cancelled: number };
let engine: WarmEngine;
afterEach(() => engine?.close());

const ask = async (request: Ask = {}, signal?: AbortSignal, timeLimitMs = 20_000) =>
  (await engine.call(request, { timeLimitMs, signal })) as Answer;

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test('a process out of memory ends alone, and says so', async () => {
  engine = warmProcess(entry, { heapMb: 32, patienceMs: 0 });
  await expect(ask({ fill: true })).rejects.toMatchObject({ name: 'EngineEnded', reason: 'memory' });
  expect((await ask()).calls).toBe(1);
});

test('without patience an aborted call ends its process at once', async () => {
  engine = warmProcess(entry, { patienceMs: 0 });
  const { pid } = await ask();
  const stop = new AbortController();
  const blocked = ask({ block: 20_000 }, stop.signal);
  setTimeout(() => stop.abort(new Error('cancelled')), 100);
  await expect(blocked).rejects.toThrow('cancelled');
  expect((await ask()).pid).not.toBe(pid);
});

test('one process answers all calls in order, and bytes get there whole', async () => {
  engine = warmProcess(entry);
  const answers = await Promise.all([ask({ bytes: new Uint8Array(3_000_000) }), ask(), ask()]);
  expect(answers[0]).toMatchObject({ bytes: 3_000_000 });
  expect(answers.map(({ calls }) => calls)).toEqual([1, 2, 3]);
  expect(new Set(answers.map(({ pid }) => pid)).size).toBe(1);
});

test('an aborted call is refused at once; the process stays, its late answer is nobody’s, and the next call waits', async () => {
  engine = warmProcess(entry);
  const { pid } = await ask();
  const stop = new AbortController();
  const aborted = ask({ block: 800 }, stop.signal);
  const next = ask({ bytes: new Uint8Array(7) });
  const given = new AbortController();
  const impatient = ask({}, given.signal);
  await new Promise((resolve) => setTimeout(resolve, 100));
  const started = performance.now();
  stop.abort(new Error('cancelled'));
  await expect(aborted).rejects.toThrow('cancelled');
  given.abort(new Error('cancelled while it waited'));
  await expect(impatient).rejects.toThrow('cancelled while it waited');
  expect(performance.now() - started).toBeLessThan(300);
  expect(await next).toMatchObject({ pid, bytes: 7, calls: 3 });
});

test('code that looks at its signal between batches gives way to the next call', async () => {
  engine = warmProcess(entry);
  const { pid } = await ask();
  const stop = new AbortController();
  const aborted = ask({ batches: 1_000 }, stop.signal);
  setTimeout(() => stop.abort(new Error('cancelled')), 100);
  await expect(aborted).rejects.toThrow('cancelled');
  expect(await ask()).toMatchObject({ pid, calls: 3, cancelled: 1 });
});

test('a process that does not notice an abort, or takes too long, is killed; a fresh one serves the next call', async () => {
  engine = warmProcess(entry, { patienceMs: 200 });
  const { pid } = await ask();
  const stop = new AbortController();
  const aborted = ask({ block: 60_000 }, stop.signal);
  setTimeout(() => stop.abort(new Error('cancelled')), 100);
  const next = ask();
  await expect(aborted).rejects.toThrow('cancelled');
  const fresh = await next;
  expect(fresh).toMatchObject({ calls: 1 });
  expect(fresh.pid).not.toBe(pid);
  await expect(ask({ block: 60_000 }, undefined, 300)).rejects.toMatchObject({ name: 'EngineEnded', reason: 'time' });
  expect((await ask()).pid).not.toBe(fresh.pid);
});

test('a crash costs one call, and errors keep their name, code and message', async () => {
  engine = warmProcess(entry);
  const crash = ask({ exit: true });
  const next = ask({ throw: true });
  await expect(crash).rejects.toMatchObject({ name: 'EngineEnded', reason: 'crash' });
  const error = await next.catch((thrown: unknown) => thrown);
  expect((error as EngineError).fault).toEqual({ name: 'RangeError', code: 'E_FAR', message: 'too far' });
  expect(error).toBeInstanceOf(EngineError);
});

test('a process that cannot be started refuses its calls', async () => {
  engine = warmProcess(pathToFileURL(join(dir, 'missing.mjs')));
  for (const end of await Promise.allSettled([ask(), ask()]))
    expect(end).toMatchObject({ status: 'rejected', reason: expect.any(EngineEnded) });
});

test('closing kills a busy process and refuses what is open', async () => {
  engine = warmProcess(entry);
  const { pid } = await ask();
  const ends = Promise.allSettled([ask({ block: 60_000 }), ask()]);
  await engine.close();
  for (const end of await ends) expect(end).toMatchObject({ reason: expect.any(EngineEnded) });
  expect(isAlive(pid)).toBe(false);
});

/** An orphan counts as alive until init has heard of its end, which may take seconds. */
const ended = (pid: number) => expect.poll(() => isAlive(pid), { timeout: 15_000 }).toBe(false);

/** A process with an engine at work. It says the engine's id, then ends as it is told. */
async function parent(end: string) {
  const file = script(
    'parent.mjs',
    `
    import { warmProcess } from ${here('./warm-process.ts')};
    const engine = warmProcess(new URL(${JSON.stringify(entry.href)}));
    const call = (request) => engine.call(request, { timeLimitMs: 60_000 });
    process.stdout.write(String((await call({})).pid));
    const busy = (ms) => call({ block: ms }).catch(() => undefined);
    ${end}
  `,
  );
  const child = spawn(process.execPath, [file.pathname], { stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = once(child, 'exit');
  const [pid] = (await once(child.stdout, 'data')) as [Buffer];
  return { pid: Number(pid.toString()), exit: await closed };
}

test('a process that exits takes its engine along, whatever that does', async () => {
  const { pid, exit } = await parent('void busy(60_000); setTimeout(() => process.exit(0), 100);');
  expect(exit).toEqual([0, null]);
  await ended(pid);
});

test('an idle engine keeps no finished process alive', async () => {
  const { pid, exit } = await parent('');
  expect(exit).toEqual([0, null]);
  await ended(pid);
});

test('an engine whose process was killed ends after the work at hand', async () => {
  const { pid, exit } = await parent('void busy(500); setTimeout(() => process.kill(process.pid, "SIGKILL"), 100);');
  expect(exit).toEqual([null, 'SIGKILL']);
  await ended(pid);
});
