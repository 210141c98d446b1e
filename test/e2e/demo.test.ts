/** `npm run demo` as a stranger runs it: with the model that comes with Cota, real OCR, and every process for real. */

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { QUESTIONS } from '../../infra/demo/questions.ts';
import { readTrace } from '../../shared/run/trace.ts';
import { cleanEnv } from '../child-env.ts';
import { until } from '../cota-command.ts';

const ROOT = new URL('../..', import.meta.url).pathname;
const MODEL = join(ROOT, 'models', 'cota-nano', 'onnx', 'model.onnx');
const LIMIT_MS = 240_000;

let data: string;
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'cota-demo-'));
});
afterEach(() => rmSync(data, { recursive: true, force: true }));

interface Demo {
  readonly child: ChildProcess;
  readonly out: () => string;
  readonly ended: Promise<number | null>;
}

function startDemo(...args: string[]): Demo {
  const env = { ...cleanEnv(), COTA_DATA: data };
  const child = spawn('npm', ['run', '--silent', 'demo', '--', ...args], {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let out = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      out += chunk.toString();
    });
  }
  return { child, out: () => out, ended: new Promise((resolve) => child.once('close', resolve)) };
}

/** Processes that were started with this test's data folder, by their environment or arguments. */
function leftovers(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const [environ, cmdline] = ['environ', 'cmdline'].map((file) => readFileSync(`/proc/${pid}/${file}`, 'utf8'));
        return `${environ}${cmdline}`.includes(data) ? [`${pid} ${cmdline?.replaceAll('\0', ' ')}`] : [];
      } catch {
        return [];
      }
    });
}

const answersIn = (out: string): string[] => [...out.matchAll(/^answer +(.*)$/gm)].map((match) => match[1] ?? '');

describe.skipIf(!existsSync(MODEL))(`npm run demo (skipped only while ${MODEL} is missing)`, () => {
  test(
    'answers its questions with cota-nano, shows the chains and where they lie, and leaves nothing running',
    async () => {
      const demo = startDemo();
      expect(await demo.ended, demo.out()).toBe(0);
      const out = demo.out();
      expect(out).toMatch(/^3 of 3 runs completed; start [\d.]+ s, answers [\d.]+ s, stop [\d.]+ s$/m);
      expect(out.match(/^action +OCR\(image: image-0\)$/gm)).toHaveLength(QUESTIONS.length);
      expect(out).toMatch(/^action +Calculate\(expression: \d/m);
      const answers = answersIn(out);
      const right = QUESTIONS.filter(({ expected }, index) => Number(answers[index]) === Number(expected));
      expect(right.length, `answers: ${answers.join(', ')}`).toBeGreaterThanOrEqual(2);

      const files = [...out.matchAll(/^trace +(\S+)$/gm)].map((match) => join(ROOT, match[1] ?? ''));
      expect(files).toHaveLength(QUESTIONS.length);
      const questions = files.map((file) => readTrace(readFileSync(file, 'utf8')).question);
      expect(questions).toEqual(QUESTIONS.map(({ question }) => question));
      for (const [, file] of out.matchAll(/^image-0 +(\S+) /gm)) expect(existsSync(join(ROOT, file ?? ''))).toBe(true);
      expect(leftovers()).toEqual([]);
    },
    LIMIT_MS,
  );

  test(
    '--s3 keeps traces and images in an S3 server',
    async () => {
      const demo = startDemo('--s3');
      expect(await demo.ended, demo.out()).toBe(0);
      expect(demo.out()).toMatch(/^trace +s3:\/\/cota\/t\/default\/runs\/run_\w+\/trace\.json$/m);
      const kept = readdirSync(join(data, 'demo', 's3', 'cota'), { recursive: true }).map(String);
      expect(kept.filter((name) => name.includes('trace.json')).length).toBeGreaterThanOrEqual(QUESTIONS.length);
      expect(existsSync(join(data, 'demo', 'store'))).toBe(false);
      expect(leftovers()).toEqual([]);
    },
    LIMIT_MS,
  );

  test.each([
    ['while it starts', /^ready +redis/m],
    ['in the middle of a question', /^action +OCR/m],
  ])(
    'Ctrl-C %s ends it with nothing left running',
    async (_when, moment) => {
      const demo = startDemo();
      await until('that moment', () => moment.test(demo.out()), 120_000);
      expect(leftovers().length).toBeGreaterThan(1);
      // As a terminal does: to the whole foreground group.
      process.kill(-(demo.child.pid as number), 'SIGINT');
      expect(await demo.ended).not.toBe(0);
      await until('nothing left', () => leftovers().length === 0);
      expect(demo.out()).toMatch(/interrupted|stopped/);
    },
    LIMIT_MS,
  );
});
