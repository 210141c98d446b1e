/** The trainer as a process of its own: started in its own group, its lines read as they come, ended for certain. */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
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
/** Between its end and that of its pipes, which somebody may hold whom nothing here could find. */
const PIPES_MS = 5_000;
/** Variable that all inherit which a trainer starts; its value is of one start alone. */
const MARK = 'COTA_TRAINER';
/** Longer than any line that tells something. */
const MOST_LINE = 1 << 20;

export async function runTrainer(options: TrainerProcess): Promise<TrainerEnd> {
  const { command, env, cwd, onLine, ask, kill, stopSignal } = options;
  const [program = '', ...args] = command;
  if (kill.aborted) return { code: null, signal: 'SIGKILL' };
  const mark = randomUUID();
  const child = spawn(program, args, {
    ...{ cwd, env: { ...env, [MARK]: mark }, detached: true, stdio: ['ignore', 'pipe', 'pipe'] },
  });
  const failed = new Promise<TrainerEnd>((resolve) => {
    child.once('error', (error) => resolve({ code: null, signal: null, fault: error.message }));
  });
  const { pid } = child;
  if (pid === undefined) return failed;

  const guard = spawn('sh', [join(import.meta.dirname, 'trainer-guard.sh'), String(pid), mark], {
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
    last = setTimeout(() => {
      toGroup('SIGKILL');
      void killMarked(mark);
    }, LAST_WORDS_MS);
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
  await killMarked(mark);
  const late = setTimeout(() => {
    child.stdout.destroy();
    child.stderr.destroy();
  }, PIPES_MS);
  await Promise.all(read);
  clearTimeout(late);
  guard.stdin?.end('over\n');
  return { code, signal };
}

/** Ends what has left the trainer's group, as the ranks of torchrun do. Where there is no /proc, the group is all. */
async function killMarked(mark: string): Promise<void> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const own = `${MARK}=${mark}`;
  await Promise.all(
    pids.map(async (pid) => {
      const variables = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
      if (!variables.split('\0').includes(own)) return;
      try {
        process.kill(Number(pid), 'SIGKILL');
      } catch {
        // It has ended.
      }
    }),
  );
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
