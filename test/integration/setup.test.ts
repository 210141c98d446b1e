/** infra/setup.sh, with a PATH that holds only what a case says is installed; npm and apt-get only note that they were called. */
import { execFile } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

const SETUP = new URL('../../infra/setup.sh', import.meta.url).pathname;
/** What every system has. */
const BASICS = ['ln', 'readlink', 'sleep', 'sh', 'dirname', 'cmp', 'cp', 'mkdir', 'rm', 'chmod', 'cat'];

let root: string;
let bin: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cota setup '));
  bin = join(root, 'bin');
  mkdirSync(bin);
  mkdirSync(join(root, 'infra'));
  copyFileSync(SETUP, join(root, 'infra', 'setup.sh'));
  writeFileSync(join(root, 'package-lock.json'), '{"lock": 1}');
  for (const name of BASICS) {
    const found = ['/bin', '/usr/bin'].map((folder) => join(folder, name)).find((path) => existsSync(path));
    symlinkSync(found as string, join(bin, name));
  }
  program('id', 'echo 1000');
  program('redis-server', 'exit 0');
  // As npm does: the modules, then the hidden lock file.
  program(
    'npm',
    `echo "npm $* ($ONNXRUNTIME_NODE_INSTALL)" >>"${root}/calls"; mkdir -p node_modules/.bin; cp "${bin}/id" node_modules/.bin/node; echo {} >node_modules/.package-lock.json`,
  );
});
afterEach(() => rmSync(root, { recursive: true }));

function program(name: string, script: string): void {
  writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(bin, name), 0o755);
}

interface Result {
  readonly code: number;
  readonly lines: readonly string[];
  /** What was called since the last run. */
  readonly calls: readonly string[];
}

function setup(env: Readonly<Record<string, string>> = {}): Promise<Result> {
  const linesOf = (text: string): string[] => text.split('\n').filter((line) => line !== '');
  return new Promise((resolve) => {
    execFile(
      '/bin/sh',
      [join(root, 'infra', 'setup.sh')],
      { cwd: '/', env: { PATH: bin, ...env } },
      (error, stdout, stderr) => {
        const file = join(root, 'calls');
        const calls = existsSync(file) ? linesOf(readFileSync(file, 'utf8')) : [];
        rmSync(file, { force: true });
        resolve({ code: error ? Number(error.code) : 0, lines: linesOf(stdout + stderr), calls });
      },
    );
  });
}

const INSTALL = 'npm install --no-save --loglevel=error --no-audit --no-fund --no-progress (skip)';
const NOTHING = { code: 0, lines: [], calls: [] };

test('a fresh clone gets its modules, without CUDA libraries; a second run says and does nothing', async () => {
  expect(await setup()).toEqual({
    code: 0,
    lines: [expect.stringContaining('installing node modules')],
    calls: [INSTALL],
  });
  expect(await setup()).toEqual(NOTHING);
});

test('a changed lock file installs again; one that is only newer does not', async () => {
  await setup();
  const later = new Date(Date.now() + 60_000);
  utimesSync(join(root, 'package-lock.json'), later, later);
  expect(await setup()).toEqual(NOTHING);
  writeFileSync(join(root, 'package-lock.json'), '{"lock": 2}');
  utimesSync(join(root, 'package-lock.json'), later, later);
  expect((await setup()).calls).toEqual([INSTALL]);
});

test('an install that was interrupted is done again', async () => {
  await setup();
  rmSync(join(root, 'node_modules', '.package-lock.json'));
  expect((await setup()).calls).toEqual([INSTALL]);
});

test('npm that fails, or is not there, ends with one line of ours', async () => {
  program('npm', 'echo "npm error network" >&2; exit 1');
  const failed = await setup();
  expect(failed.code).toBe(1);
  expect(failed.lines.slice(1)).toEqual([
    'npm error network',
    expect.stringMatching(/^cota: npm install failed: .*registry/),
  ]);
  rmSync(join(bin, 'npm'));
  expect(await setup()).toMatchObject({ code: 1, lines: [expect.stringContaining('install Node.js')] });
});

test('without Redis, one line says what to install', async () => {
  await setup();
  rmSync(join(bin, 'redis-server'));
  const missing = await setup();
  expect(missing).toMatchObject({ code: 1, calls: [] });
  expect(missing.lines).toHaveLength(1);
  expect(missing.lines[0]).toMatch(/^cota: Redis is missing: install redis-server or valkey-server .*COTA_REDIS_URL/);
});

test('valkey-server, or a Redis elsewhere, will do', async () => {
  await setup();
  rmSync(join(bin, 'redis-server'));
  expect(await setup({ COTA_REDIS_URL: 'redis://redis.example:6379' })).toEqual(NOTHING);
  program('valkey-server', 'exit 0');
  expect(await setup()).toEqual(NOTHING);
});

test('root gets redis-server by apt-get, whose lists may be missing', async () => {
  await setup();
  rmSync(join(bin, 'redis-server'));
  program('id', 'echo 0');
  const note = `echo "apt-get $1 ($DEBIAN_FRONTEND)" >>"${root}/calls"; echo noise; echo noise >&2`;
  program(
    'apt-get',
    `${note}; if [ "$1" = update ]; then echo >"${root}/updated"; exit 0; fi; [ -e "${root}/updated" ] && cp "${bin}/npm" "${bin}/redis-server"`,
  );
  const said = { code: 0, lines: [expect.stringContaining('installing redis-server')] };
  const calls = [
    'apt-get install (noninteractive)',
    'apt-get update (noninteractive)',
    'apt-get install (noninteractive)',
  ];
  expect(await setup()).toEqual({ ...said, calls });
  expect(await setup()).toEqual(NOTHING);
});

test('apt-get that fails ends with one line, and its words in a file', async () => {
  await setup();
  rmSync(join(bin, 'redis-server'));
  program('id', 'echo 0');
  program('apt-get', 'echo "E: Unable to locate package"; exit 100');
  const failed = await setup();
  expect(failed.code).toBe(1);
  expect(failed.lines[1]).toMatch(
    /^cota: apt-get could not install redis-server \(see .cota\/logs\/apt.log\): install redis-server/,
  );
  expect(readFileSync(join(root, '.cota', 'logs', 'apt.log'), 'utf8')).toContain('Unable to locate package');
});
