import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { identityOf, killGroup } from './identity.ts';

/** A supervisor in miniature: two processes, one of which ignores SIGTERM, and the last will. Prints their pids. */
const SUPERVISOR = `
import { spawn } from 'node:child_process';
import { openLastWill } from ${JSON.stringify(new URL('./last-will.ts', import.meta.url).href)};
const will = openLastWill(1_000);
const start = (script) => spawn('sh', ['-c', script], { detached: true, stdio: 'ignore' });
const early = start('trap "" TERM; sleep 1000; sleep 1000');
const late = start('exec sleep 1000');
const gone = start('exec sleep 1000');
will.add(early.pid, 'early');
will.add(late.pid, 'late');
will.add(gone.pid, 'early');
will.gone(gone.pid);
console.log([early.pid, late.pid, gone.pid].join(' '));
process.stdin.on('data', () => { will.close(); process.exit(0); });
`;

let started: number[] = [];
afterEach(() => {
  for (const pid of started) killGroup(pid, 'SIGKILL');
});

async function startSupervisor(): Promise<{ supervisor: ChildProcess; pids: number[] }> {
  const supervisor = spawn(process.execPath, ['--input-type=module', '-e', SUPERVISOR], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = (await once(supervisor.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
  // The script reads its pipe line by line; what is written before the kill is read after it.
  await sleep(200);
  started = line.toString().trim().split(' ').map(Number);
  return { supervisor, pids: started };
}

const alive = (pid: number): boolean => identityOf(pid) !== undefined;

async function allGone(pids: readonly number[]): Promise<void> {
  for (let waited = 0; pids.some(alive); waited += 50) {
    if (waited > 15_000) throw new Error(`still alive: ${pids.filter(alive).join(', ')}`);
    await sleep(50);
  }
}

test('what a killed supervisor leaves is ended, also what ignores SIGTERM; what it said is gone is left alone', async () => {
  const { supervisor, pids } = await startSupervisor();
  expect(pids.every(alive)).toBe(true);
  supervisor.kill('SIGKILL');
  await allGone(pids.slice(0, 2));
  expect(alive(pids[2] as number)).toBe(true);
});
