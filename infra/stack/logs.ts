/** Log files of the stack: JSON lines of our own processes, plain lines of others, both made readable. */
import {
  closeSync,
  copyFileSync,
  existsSync,
  fstatSync,
  openSync,
  readSync,
  renameSync,
  statSync,
  truncateSync,
} from 'node:fs';
import { styleText } from 'node:util';
import { z } from 'zod';

export const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
export type Level = (typeof LEVELS)[number];
const NUMBERS: Readonly<Record<Level, number>> = { trace: 10, debug: 20, info: 30, warn: 40, error: 50, fatal: 60 };

export interface LogLine {
  readonly level: Level;
  /** `14:03:59`, local time; undefined for lines that are not ours. */
  readonly time: string | undefined;
  readonly text: string;
}

const pinoLine = z.looseObject({ level: z.number(), time: z.number(), msg: z.string().optional() });
const pinoError = z.looseObject({ message: z.string(), code: z.string().optional() });
/** Fields that are the same in every line of a file. */
const DULL = new Set(['level', 'time', 'msg', 'name', 'pid', 'hostname']);

/** Reads a line of a log file; whatever is not JSON of ours is taken as it stands. */
export function readLogLine(line: string): LogLine {
  const parsed = line.startsWith('{') ? pinoLine.safeParse(jsonOf(line)) : undefined;
  if (!parsed?.success) return plainLine(line);
  const { level, time, msg = '' } = parsed.data;
  const facts = Object.entries(parsed.data)
    .filter(([field]) => !DULL.has(field))
    .map(([field, value]) => `${field}=${factOf(value)}`);
  return {
    level: LEVELS.findLast((name) => NUMBERS[name] <= level) ?? 'trace',
    time: new Date(time).toTimeString().slice(0, 8),
    text: [msg, ...facts].filter((part) => part !== '').join('  '),
  };
}

const REDIS_LINE = /^\d+:[A-Z] \d\d \w{3} \d{4} (\d\d:\d\d:\d\d)\.\d+ ([.*#-]) (.*)$/;
/** Redis marks with `#` what it must say, such as its version, as well as what is wrong. */
const TROUBLE = /error|fail|can't|cannot|unable|out of memory|corrupt|crash|denied|no space/i;
/** A hint for administrators that most machines get at every start. */
const HINT = /overcommit/;

/** Words of `cota up` itself, which keeps its terminal's lines in a file where it is detached. */
const FIRST_WORD = /^\w+/;
const UP_LEVELS: Readonly<Record<string, Level>> = { died: 'warn', failing: 'error', ended: 'warn', cota: 'error' };

export function readUpLine(line: string): LogLine {
  const word = FIRST_WORD.exec(line)?.[0] ?? '';
  return { level: Object.hasOwn(UP_LEVELS, word) ? (UP_LEVELS[word] ?? 'info') : 'info', time: undefined, text: line };
}

/** What is neither ours nor Redis' is Node's own last words, which are always news. */
function plainLine(line: string): LogLine {
  const [, time, mark, text = ''] = REDIS_LINE.exec(line) ?? [];
  if (mark === undefined) return { level: 'error', time: undefined, text: line };
  const level = mark === '#' && TROUBLE.test(text) && !HINT.test(text) ? 'warn' : 'info';
  return { level, time, text };
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
}

function factOf(value: unknown): string {
  const error = pinoError.safeParse(value);
  if (error.success) return JSON.stringify(error.data.message);
  return typeof value === 'string' && !/\s/.test(value) ? value : JSON.stringify(value);
}

/** A line for the terminal: `14:03:59  tools-1    warn   message  field=value`. */
export function showLogLine(process: string, line: LogLine): string {
  const colour = line.level === 'warn' ? 'yellow' : line.level === 'error' || line.level === 'fatal' ? 'red' : 'dim';
  const level = styleText(colour, line.level.padEnd(5), { stream: globalThis.process.stdout });
  return `${line.time ?? '        '}  ${process.padEnd(10)} ${level}  ${line.text}`;
}

export const atLeast = (line: LogLine, level: Level): boolean => NUMBERS[line.level] >= NUMBERS[level];

const TAIL_BYTES = 64 * 1024;

/** The last lines of a log file, readable; none when there is no file. */
export function lastLines(path: string, count: number): string[] {
  const { text } = readFrom(path, Math.max(0, sizeOf(path) - TAIL_BYTES));
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-count)
    .map((line) => readLogLine(line).text);
}

export interface Follower {
  /** Lines that were written since the last call. */
  read(): readonly LogLine[];
}

/**
 * @param from 0 for the whole file, undefined for what is written from now on
 * @param read what a line of this file says
 */
export function followLog(path: string, from: number | undefined, readLine = readLogLine): Follower {
  let offset = from ?? sizeOf(path);
  let rest = '';
  return {
    read() {
      if (sizeOf(path) < offset) offset = 0;
      const chunk = readFrom(path, offset);
      offset = chunk.end;
      const lines = (rest + chunk.text).split('\n');
      rest = lines.pop() ?? '';
      return lines.filter((line) => line.trim() !== '').map((line) => readLine(line));
    },
  };
}

/** Sets the log of an earlier start aside, as `<name>.log.1`. */
export function rotateLog(path: string): void {
  if (existsSync(path)) renameSync(path, `${path}.1`);
}

/** Keeps a log within bounds that a process writes to: it has the file open for appending and goes on at the new end. */
export function capLog(path: string, maxBytes: number): void {
  if (sizeOf(path) <= maxBytes) return;
  copyFileSync(path, `${path}.1`);
  truncateSync(path);
}

function sizeOf(path: string): number {
  return existsSync(path) ? statSync(path).size : 0;
}

function readFrom(path: string, start: number): { readonly text: string; readonly end: number } {
  if (!existsSync(path)) return { text: '', end: 0 };
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(Math.max(0, fstatSync(file).size - start));
    const read = bytes.length > 0 ? readSync(file, bytes, 0, bytes.length, start) : 0;
    return { text: bytes.toString('utf8', 0, read), end: start + read };
  } finally {
    closeSync(file);
  }
}
