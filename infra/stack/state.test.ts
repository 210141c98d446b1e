import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { UserError } from '../user-error.ts';
import { identityOf } from './identity.ts';
import { claim, endLeftovers, keyOf, readRunning, readState, type StackState, writeState } from './state.ts';

let data: string;
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'cota-state-'));
});
afterEach(() => rmSync(data, { recursive: true }));

const mine = (change: Partial<StackState> = {}): StackState => ({
  version: 1,
  pid: process.pid,
  identity: identityOf(process.pid) ?? '',
  startedAt: 1_000,
  ready: true,
  url: 'http://127.0.0.1:8123',
  apiKey: 'cota_0123456789abcdef',
  redisUrl: 'redis://127.0.0.1:6379',
  models: 'models.yaml',
  settings: {},
  processes: [],
  ...change,
});

test('a second stack of a folder is refused with the address of the first, until the first gives it up', () => {
  const release = claim(data);
  writeState(data, mine());
  expect(() => claim(data)).toThrow(UserError);
  expect(() => claim(data)).toThrow(/already at http:\/\/127\.0\.0\.1:8123 \(process \d+\).*cota down/);
  release();
  expect(readState(data)).toBeUndefined();
  claim(data)();
});

test('the claim of a process that was killed is taken over; so is one whose pid belongs to another process now', () => {
  writeFileSync(join(data, 'up.pid'), '999999@123');
  claim(data)();
  writeFileSync(join(data, 'up.pid'), `${process.pid}@1`);
  claim(data)();
  writeFileSync(join(data, 'up.pid'), '');
  claim(data)();
});

test('a state whose process is gone, or is another one, does not run', () => {
  writeState(data, mine());
  expect(readRunning(data)?.url).toBe('http://127.0.0.1:8123');
  writeState(data, mine({ identity: `${process.pid}@1` }));
  expect(readState(data)).toBeDefined();
  expect(readRunning(data)).toBeUndefined();
  writeFileSync(join(data, 'state.json'), '{"version":');
  expect(readState(data)).toBeUndefined();
});

test('what a killed stack left is ended, but never a process that only has its pid', async () => {
  const left = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' });
  const other = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' });
  const [leftPid, otherPid] = [left.pid as number, other.pid as number];
  const identity = identityOf(leftPid) as string;
  const processes = [
    { name: 'tools-1', pid: leftPid, identity, log: '', restarts: 0 },
    { name: 'model-1', pid: otherPid, identity: `${otherPid}@1`, log: '', restarts: 0 },
  ];
  writeState(data, mine({ processes }));
  expect(endLeftovers(data)).toEqual([]);
  writeState(data, mine({ identity: `${process.pid}@1`, processes }));
  expect(endLeftovers(data)).toEqual(['tools-1']);
  for (let waited = 0; identityOf(leftPid) !== undefined && waited < 5_000; waited += 20) await sleep(20);
  expect(identityOf(leftPid)).toBeUndefined();
  expect(identityOf(otherPid)).toBeDefined();
  other.kill('SIGKILL');
});

test('the key is made once and is for its owner only, as is the state', () => {
  const key = keyOf(data);
  expect(key).toMatch(/^cota_[A-Za-z0-9_-]{32}$/);
  expect(keyOf(data)).toBe(key);
  writeState(data, mine());
  for (const file of ['key', 'state.json']) expect(statSync(join(data, file)).mode & 0o777).toBe(0o600);
  expect(readFileSync(join(data, 'key'), 'utf8')).toBe(`${key}\n`);
});
