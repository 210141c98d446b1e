/** The command `cota` as a person runs it: the script in the root, in a process of its own. */

import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cleanEnv } from './child-env.ts';
import { QUICK } from './harness.ts';

const COTA = new URL('../cota', import.meta.url).pathname;

export interface Said {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Cota {
  /** Data folder, models.yaml and whatever else a test puts there. */
  readonly dir: string;
  readonly data: string;
  run(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Said>;
  spawn(
    args: readonly string[],
    env?: Readonly<Record<string, string>>,
    stdin?: 'ignore' | 'pipe',
  ): { readonly child: ChildProcess; readonly said: Promise<Said> };
  /** Process ids of the stack by name, and that of its supervisor as `up`. */
  pids(): Readonly<Record<string, number>>;
  remove(): Promise<void>;
}

/** @param models models.yaml as text */
export async function openCota(models: string): Promise<Cota> {
  const dir = await mkdtemp(join(tmpdir(), 'cota-command-'));
  const data = join(dir, 'data');
  await writeFile(join(dir, 'models.yaml'), models);
  const base = { ...cleanEnv(), ...QUICK };
  const settings = { COTA_DATA: data, COTA_MODELS: join(dir, 'models.yaml'), NO_COLOR: '1' };

  const start: Cota['spawn'] = (args, env = {}, stdin = 'ignore') => {
    const child = spawn(COTA, [...args], {
      cwd: dir,
      env: { ...base, ...settings, ...env },
      stdio: [stdin, 'pipe', 'pipe'],
    });
    const texts = { out: '', err: '' };
    child.stdout?.on('data', (chunk: Buffer) => {
      texts.out += chunk.toString();
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      texts.err += chunk.toString();
    });
    const said = new Promise<Said>((resolve) => child.once('close', (code) => resolve({ code, ...texts })));
    return { child, said };
  };
  return {
    dir,
    data,
    spawn: start,
    run: (args, env) => start(args, env).said,
    pids() {
      const state = JSON.parse(readFileSync(join(data, 'state.json'), 'utf8')) as {
        pid: number;
        processes: { name: string; pid: number }[];
      };
      return { up: state.pid, ...Object.fromEntries(state.processes.map(({ name, pid }) => [name, pid])) };
    },
    remove: () => rm(dir, { recursive: true, force: true }),
  };
}

export async function until<T>(what: string, look: () => T | Promise<T>, withinMs = 30_000): Promise<NonNullable<T>> {
  const end = Date.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`${what}: not within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
