import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isAlive } from '../../shared/process-alive.ts';
import { runTrainer } from './trainer.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cota-trainer-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** As torchrun starts its ranks: in a session of its own, with the launcher's pipes. */
const launcher = (pidFile: string, then: string, first = ''): string[] => [
  'sh',
  '-c',
  `${first}setsid sh -c 'echo $$ > ${pidFile}.part; mv ${pidFile}.part ${pidFile}; exec sleep 60' & while [ ! -f ${pidFile} ]; do sleep 0.05; done; ${then}`,
];
const until = async (fits: () => boolean): Promise<void> => {
  const end = performance.now() + 8_000;
  while (!fits() && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 50));
};
const pidIn = (file: string): number => Number(readFileSync(file, 'utf8'));
const signals = () => ({ ask: new AbortController(), kill: new AbortController() });
const base = { env: { PATH: process.env.PATH ?? '' }, stopSignal: 'SIGTERM' as const, onLine: () => undefined };

describe.skipIf(process.platform !== 'linux')('what a launcher starts in sessions of its own', () => {
  it('ends with it, and does not hold its pipes', async () => {
    const pid = join(folder, 'ended');
    const { ask, kill } = signals();
    const end = await runTrainer({
      ...{ ...base, command: launcher(pid, 'exit 3'), cwd: folder, ask: ask.signal, kill: kill.signal },
    });
    expect(end).toMatchObject({ code: 3 });
    await until(() => !isAlive(pidIn(pid)));
    expect(isAlive(pidIn(pid))).toBe(false);
  });

  it('ends where the trainer is ended', async () => {
    const pid = join(folder, 'killed');
    const { ask, kill } = signals();
    const command = launcher(pid, 'sleep 60', 'trap "" TERM; ');
    const ended = runTrainer({ ...base, command, cwd: folder, ask: ask.signal, kill: kill.signal });
    await until(() => existsSync(pid));
    kill.abort();
    expect((await ended).signal).toBe('SIGKILL');
    await until(() => !isAlive(pidIn(pid)));
    expect(isAlive(pidIn(pid))).toBe(false);
  });

  it('ends where the worker dies', async () => {
    const [pid, script] = [join(folder, 'orphan'), join(folder, 'worker.mjs')];
    const command = JSON.stringify(launcher(pid, 'sleep 60'));
    await writeFile(
      script,
      `import { runTrainer } from ${JSON.stringify(join(import.meta.dirname, 'trainer.ts'))};
const never = new AbortController().signal;
await runTrainer({ command: ${command}, env: { PATH: process.env.PATH }, cwd: ${JSON.stringify(folder)}, stopSignal: 'SIGTERM', onLine() {}, ask: never, kill: never });`,
    );
    const worker = spawn(process.execPath, [script], { stdio: 'ignore' });
    await until(() => existsSync(pid));
    worker.kill('SIGKILL');
    await until(() => !isAlive(pidIn(pid)));
    expect(isAlive(pidIn(pid))).toBe(false);
  });
});
