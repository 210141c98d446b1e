import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { capLog, followLog, lastLines, readLogLine, rotateLog } from './logs.ts';

let dir: string;
let file: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'cota-logs-'));
  file = join(dir, 'tools-1.log');
});
afterEach(() => rmSync(dir, { recursive: true }));

test.each([
  [
    '{"level":40,"time":0,"pid":1,"hostname":"vm","name":"tools","queue":"tools.cpu","msg":"paused"}',
    'warn',
    'paused  queue=tools.cpu',
  ],
  [
    '{"level":50,"time":0,"error":{"type":"Error","message":"no route to host","stack":"..."},"msg":"failed"}',
    'error',
    'failed  error="no route to host"',
  ],
  ['{"level":30,"time":0,"ms":12,"ids":["a","b"]}', 'info', 'ms=12  ids=["a","b"]'],
  ['{"level":"high"}', 'error', '{"level":"high"}'],
  ['{"level":30,"time":', 'error', '{"level":30,"time":'],
  ['Error: Cannot find module', 'error', 'Error: Cannot find module'],
  ['725:M 22 Nov 2026 12:00:00.123 * Ready to accept connections', 'info', 'Ready to accept connections'],
  ['725:M 22 Nov 2026 12:00:00.123 # Server initialized', 'info', 'Server initialized'],
  [
    '725:M 22 Nov 2026 12:00:00.123 # WARNING Memory overcommit must be enabled! ... may fail',
    'info',
    'WARNING Memory overcommit must be enabled! ... may fail',
  ],
  [
    "725:M 22 Nov 2026 12:00:00.123 # Can't open the append-only file: Permission denied",
    'warn',
    "Can't open the append-only file: Permission denied",
  ],
])('%s', (line, level, text) => {
  expect(readLogLine(line)).toMatchObject({ level, text });
});

test('the last lines of a long file, and none of a missing one', () => {
  writeFileSync(file, Array.from({ length: 20_000 }, (_, index) => `line ${index}\n`).join(''));
  expect(lastLines(file, 3)).toEqual(['line 19997', 'line 19998', 'line 19999']);
  expect(lastLines(join(dir, 'none.log'), 3)).toEqual([]);
});

test('a follower gives each line once, whole, also after the file was cut', () => {
  const follower = followLog(file, 0);
  const texts = (): string[] => follower.read().map((line) => line.text);
  expect(texts()).toEqual([]);
  appendFileSync(file, 'one\ntw');
  expect(texts()).toEqual(['one']);
  appendFileSync(file, 'o\n');
  expect(texts()).toEqual(['two']);
  capLog(file, 5);
  appendFileSync(file, 'new\n');
  expect(texts()).toEqual(['new']);
  expect(readFileSync(`${file}.1`, 'utf8')).toBe('one\ntwo\n');
});

test('a log within its bounds is left alone; that of an earlier start is set aside', () => {
  writeFileSync(file, 'short\n');
  capLog(file, 100);
  expect(readFileSync(file, 'utf8')).toBe('short\n');
  rotateLog(file);
  rotateLog(file);
  expect(readFileSync(`${file}.1`, 'utf8')).toBe('short\n');
});
