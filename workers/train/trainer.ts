/** The trainer as a process of its own: started in its own group, its lines read as they come, ended for certain. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

export interface TrainerProcess {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Asks it to save and end. */
  readonly stopSignal: NodeJS.Signals;
  /** Each line, without its end; `bar`: it ended with a carriage return and is written over. */
  readonly onLine: (text: string, where: { readonly error: boolean; readonly bar: boolean }) => void;
  /** Aborted: it is to save a checkpoint and end by itself. */
  readonly ask: AbortSignal;
  /** Aborted: it is ended, now. */
  readonly kill: AbortSignal;
}

export interface TrainerEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** It could not be started at all. */
  readonly fault?: string;
}

/** Between SIGTERM and SIGKILL. */
const LAST_WORDS_MS = 1_500;
/** Longer than any line that tells something. */
const MOST_LINE = 1 << 20;

export async function runTrainer(options: TrainerProcess): Promise<TrainerEnd> {
  const { command, env, cwd, onLine, ask, kill, stopSignal } = options;
  const [program = '', ...args] = command;
  if (kill.aborted) return { code: null, signal: 'SIGKILL' };
  const child = spawn(program, args, { cwd, env: { ...env }, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const failed = new Promise<TrainerEnd>((resolve) => {
    child.once('error', (error) => resolve({ code: null, signal: null, fault: error.message }));
  });
  const { pid } = child;
  if (pid === undefined) return failed;

  const guard = spawn('sh', [join(import.meta.dirname, 'trainer-guard.sh'), String(pid)], {
    ...{ detached: true, stdio: ['pipe', 'ignore', 'ignore'], env: { PATH: env.PATH ?? '' }, cwd: '/' },
  });
  guard.on('error', () => undefined);
  guard.stdin?.on('error', () => undefined);
  const toGroup = (signal: NodeJS.Signals): void => {
    try {
      process.kill(-pid, signal);
    } catch {
      // It has ended.
    }
  };
  let last: NodeJS.Timeout | undefined;
  const end = (): void => {
    toGroup('SIGTERM');
    last = setTimeout(toGroup, LAST_WORDS_MS, 'SIGKILL');
  };
  const stop = (): void => void child.kill(stopSignal);
  kill.addEventListener('abort', end, { once: true });
  ask.addEventListener('abort', stop, { once: true });
  if (kill.aborted) end();
  else if (ask.aborted) stop();

  const read = [readLines(child.stdout, false, onLine), readLines(child.stderr, true, onLine)];
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  const [code, signal] = await exited;
  clearTimeout(last);
  kill.removeEventListener('abort', end);
  ask.removeEventListener('abort', stop);
  // What it started must not outlive it, nor hold its pipes.
  toGroup('SIGKILL');
  await Promise.all(read);
  guard.stdin?.end('over\n');
  return { code, signal };
}

async function readLines(from: Readable, error: boolean, onLine: TrainerProcess['onLine']): Promise<void> {
  let rest = '';
  from.setEncoding('utf8');
  try {
    for await (const chunk of from as AsyncIterable<string>) {
      rest += chunk;
      for (let at = rest.search(/[\r\n]/); at >= 0; at = rest.search(/[\r\n]/)) {
        const isBar = rest[at] === '\r' && rest[at + 1] !== '\n';
        const text = rest.slice(0, at);
        rest = rest.slice(at + 1);
        if (text !== '') onLine(text, { error, bar: isBar });
      }
      if (rest.length > MOST_LINE) rest = rest.slice(-MOST_LINE);
    }
  } catch {
    // The pipe broke: the process is gone, and its end says how.
  }
  if (rest !== '') onLine(rest, { error, bar: false });
}
