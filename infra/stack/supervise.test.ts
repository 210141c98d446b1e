import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { childEnv } from '../../shared/env.ts';
import { identityOf } from './identity.ts';
import { type ProcessEvent, type Supervised, supervise, type Timing } from './supervise.ts';

const QUICK: Timing = { firstPauseMs: 20, mostPauseMs: 100, healthyMs: 60_000, loopAt: 3 };
let dir: string;
let running: Supervised[];
let events: ProcessEvent[];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'cota-supervise-'));
  running = [];
  events = [];
});
afterEach(async () => {
  await Promise.all(running.map((one) => one.stop()));
  rmSync(dir, { recursive: true });
});

function start(script: string, change: { stopWithinMs?: number; command?: string; timing?: Timing } = {}): Supervised {
  const spec = {
    name: 'child',
    command: change.command ?? 'sh',
    args: ['-c', script],
    env: childEnv({}),
    logFile: join(dir, 'child.log'),
    stopWithinMs: change.stopWithinMs ?? 5_000,
  };
  const one = supervise(spec, (event) => events.push(event), change.timing ?? QUICK);
  running.push(one);
  return one;
}

async function until(what: string, look: () => boolean): Promise<void> {
  for (let waited = 0; !look(); waited += 10) {
    if (waited > 10_000) throw new Error(`${what}: not within 10 s`);
    await sleep(10);
  }
}

const count = (is: ProcessEvent['is']): number => events.filter((event) => event.is === is).length;
const log = (): string => readFileSync(join(dir, 'child.log'), 'utf8');

test('a process that is killed is started again, and says so', async () => {
  const one = start('echo started; exec sleep 100');
  const first = one.pid;
  expect(first).toBeDefined();
  await until('first start', () => log().includes('started'));
  process.kill(first as number, 'SIGKILL');
  await until('second start', () => one.pid !== undefined && one.pid !== first);
  expect(one.restarts).toBe(1);
  expect(events.find((event) => event.is === 'ended')).toEqual({
    is: 'ended',
    name: 'child',
    how: 'was ended by SIGKILL',
    againInMs: 20,
  });
  await until('its words in the log', () => log() === 'started\nstarted\n');
});

test('pauses grow to a limit, and a crash loop is reported once, with the end of the log', async () => {
  start('echo "cannot open the door" >&2; exit 7');
  await until('five deaths', () => count('ended') >= 5);
  const pauses = events.flatMap((event) => (event.is === 'ended' ? [event.againInMs] : []));
  expect(pauses.slice(0, 5)).toEqual([20, 40, 80, 100, 100]);
  const loops = events.filter((event) => event.is === 'crash-loop');
  expect(loops).toHaveLength(1);
  expect(loops[0]).toMatchObject({ deaths: 3, how: 'ended with exit code 7', logFile: join(dir, 'child.log') });
  expect(loops[0]?.lines).toEqual(['cannot open the door', 'cannot open the door', 'cannot open the door']);
});

test('a process that was well for a while starts its count anew', async () => {
  start('sleep 0.2; exit 1', { timing: { ...QUICK, healthyMs: 100 } });
  await until('four deaths', () => count('ended') >= 4);
  expect(count('crash-loop')).toBe(0);
  expect(events.flatMap((event) => (event.is === 'ended' ? [event.againInMs] : [])).slice(0, 4)).toEqual([
    20, 20, 20, 20,
  ]);
});

test('exit code 2 (wrong settings) is reported at the first death', async () => {
  start('echo "COTA_PORT: expected a number" >&2; exit 2');
  await until('a report', () => count('crash-loop') === 1);
  expect(events.find((event) => event.is === 'crash-loop')).toMatchObject({
    deaths: 1,
    lines: ['COTA_PORT: expected a number'],
  });
});

test('a program that does not exist is reported, and stop still resolves', async () => {
  const one = start('', { command: '/nowhere/redis-server' });
  await until('a report', () => count('crash-loop') === 1);
  expect(events.find((event) => event.is === 'crash-loop')).toMatchObject({
    how: expect.stringContaining('cannot be started'),
  });
  await one.stop();
  expect(one.pid).toBeUndefined();
});

test('stop leaves nothing: neither a process that ignores SIGTERM nor its children', async () => {
  const one = start('trap "" TERM; sleep 1000 & echo $!; wait; sleep 1000', { stopWithinMs: 300 });
  await until('its child', () => /^\d+\n/.test(log()));
  const pids = [one.pid as number, Number.parseInt(log(), 10)];
  expect(pids.every((pid) => identityOf(pid) !== undefined)).toBe(true);
  const startedAt = performance.now();
  await one.stop();
  expect(performance.now() - startedAt).toBeGreaterThan(250);
  await until('both gone', () => pids.every((pid) => identityOf(pid) === undefined));
});

test('children of a process that died go with it', async () => {
  const one = start('sleep 1000 & echo $!; exec sleep 1000');
  await until('its child', () => /^\d+\n/.test(log()));
  const child = Number.parseInt(log(), 10);
  process.kill(one.pid as number, 'SIGKILL');
  await until('its child gone', () => identityOf(child) === undefined);
});

test('a process that is stopped while it waits to be started again stays stopped', async () => {
  const one = start('exit 1', { timing: { ...QUICK, firstPauseMs: 200 } });
  await until('a death', () => count('ended') === 1);
  await one.stop();
  await sleep(400);
  expect(count('started')).toBe(1);
});

test('hurry ends a stop that would take long', async () => {
  const one = start('trap "" TERM; echo ready; sleep 1000; sleep 1000', { stopWithinMs: 60_000 });
  await until('its trap', () => log().includes('ready'));
  const stopped = one.stop();
  one.hurry();
  await stopped;
  expect(one.pid).toBeUndefined();
});
