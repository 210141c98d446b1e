/**
 * `npm run loaders [-- --python PATH]`: every export loaded by the library it is for, and compared with its chains.
 * Without a Python it makes a venv of its own under .cota/loaders with the versions of requirements.txt, which loads
 * some gigabytes; COTA_LOADERS_PYTHON names one that has them. Never a test: the suite needs no Python.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { makeExports } from './make-export.ts';

const VENV = '.cota/loaders';
const HERE = import.meta.dirname;

interface Line {
  readonly check: string;
  readonly ok?: boolean;
  readonly skipped?: string;
  readonly error?: string;
  readonly [fact: string]: unknown;
}

const { values } = parseArgs({ options: { python: { type: 'string' }, verbose: { type: 'boolean' } } });
const python = values.python ?? process.env.COTA_LOADERS_PYTHON ?? (await ownPython());
if (python === undefined) {
  process.stdout.write('There is no python3 to make a venv with: skipped. Name one with --python.\n');
  process.exit(0);
}
const folder = await mkdtemp(join(tmpdir(), 'cota-loaders-'));
try {
  await makeExports(folder);
  const lines = await checks(python, folder);
  for (const line of lines) process.stdout.write(`${row(line)}\n`);
  if (lines.length === 0 || lines.some(({ ok }) => ok === false)) process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}

function row({ check, ok, skipped, error, ...facts }: Line): string {
  const state = skipped !== undefined ? 'skipped' : ok ? 'ok' : 'FAILED';
  const words =
    skipped ??
    error ??
    Object.entries(facts)
      .map(([name, value]) => `${name} ${value}`)
      .join(', ');
  return `${check.padEnd(42)}  ${state.padEnd(8)}  ${words}`;
}

async function checks(command: string, at: string): Promise<Line[]> {
  const child = spawn(command, [join(HERE, 'check.py'), at], {
    stdio: ['ignore', 'pipe', values.verbose ? 'inherit' : 'ignore'],
  });
  const lines: Line[] = [];
  for await (const line of createInterface({ input: child.stdout })) lines.push(JSON.parse(line) as Line);
  return lines;
}

async function ownPython(): Promise<string | undefined> {
  const command = join(VENV, 'bin/python');
  if (existsSync(join(VENV, 'done'))) return command;
  if ((await run('python3', ['-m', 'venv', VENV])) !== 0) return undefined;
  process.stdout.write(`Installing the libraries into ${VENV}; this takes a while, once.\n`);
  const installed = await run(command, ['-m', 'pip', 'install', '--quiet', '-r', join(HERE, 'requirements.txt')]);
  const factory = ['-m', 'pip', 'install', '--quiet', '--no-deps', 'llamafactory==0.9.5'];
  if (installed === 0) await run(command, factory);
  if (installed !== 0) throw new Error(`pip could not install ${join(HERE, 'requirements.txt')}`);
  await run(command, ['-c', `open(${JSON.stringify(join(VENV, 'done'))}, 'w').close()`]);
  return command;
}

const run = (command: string, args: readonly string[]): Promise<number | null> =>
  new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
    child.on('error', () => resolve(null));
    child.on('exit', resolve);
  });
