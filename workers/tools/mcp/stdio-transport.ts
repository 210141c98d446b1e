/**
 * An MCP server as a child process, spoken to over its standard input and output. Unlike the SDK's own transport it
 * gives the child a process group of its own, so that a launcher (`npx`, a shell) leaves nothing behind, and a guard
 * that ends the group should this process be killed.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { type JSONRPCMessage, ReadBuffer, serializeMessage, type Transport } from '@modelcontextprotocol/client';
import { childPath } from '../../../shared/env.ts';

export interface StdioServer {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

/** One message: a picture of 20 MB as base64, and room for words. */
const MOST_BYTES = 32 * 1024 * 1024;
/** Characters of a line on standard error. */
const MOST_LINE = 2_000;
/** A server that is told to end by the end of its input has this long; after SIGTERM once more, then it is killed. */
const END_MS = 1_000;
/** Reads nothing until this process is gone, or closes the pipe since the group has ended: then there is none to kill. */
const GUARD = 'read -r _; kill -s TERM -- "-$1"; sleep 1; kill -s KILL -- "-$1"';

/** @param onStderr called with each line that the server writes there */
export function stdioTransport(server: StdioServer, onStderr: (line: string) => void): Transport {
  const buffer = new ReadBuffer({ maxBufferSize: MOST_BYTES });
  let child: ChildProcess | undefined;
  let ended: Promise<void> = Promise.resolve();

  const transport: Transport = {
    start() {
      const { promise: started, resolve, reject } = Promise.withResolvers<void>();
      const spawned = spawn(server.command, [...server.args], {
        cwd: server.cwd,
        env: { ...childPath(), ...server.env },
        stdio: ['pipe', 'pipe', 'pipe'],
        detached: true,
      });
      child = spawned;
      const over = Promise.withResolvers<void>();
      ended = over.promise;
      let guard: ChildProcess | undefined;
      spawned.once('spawn', () => {
        guard = guardOf(spawned.pid ?? 0);
        resolve();
      });
      spawned.once('error', (error) => {
        reject(error);
        over.resolve();
        transport.onerror?.(error);
      });
      // Not 'close', which a grandchild that holds the pipes can put off for ever.
      spawned.once('exit', () => {
        killGroup(spawned, 'SIGKILL');
        guard?.kill('SIGKILL');
        over.resolve();
        transport.onclose?.();
      });
      spawned.stdin.on('error', (error) => transport.onerror?.(error));
      spawned.stdout.on('data', (chunk: Buffer) => take(chunk));
      tellLines(spawned.stderr, onStderr);
      return started;
    },
    send(message) {
      const input = child?.stdin;
      if (!input?.writable) return Promise.reject(new Error('the server has ended'));
      // Called when it has gone out, and with an error when the server has ended, which its end tells.
      return new Promise((resolve) => void input.write(serializeMessage(message), () => resolve()));
    },
    async close() {
      const ending = child;
      if (!ending) return;
      ending.stdin?.end();
      for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
        if (await within(END_MS, ended)) return;
        killGroup(ending, signal);
      }
      await ended;
    },
  };

  function take(chunk: Buffer): void {
    try {
      buffer.append(chunk);
    } catch (error) {
      // More than a message may have: what follows cannot be understood any more.
      transport.onerror?.(error as Error);
      if (child) killGroup(child, 'SIGKILL');
      return;
    }
    for (;;) {
      let message: JSONRPCMessage | null;
      try {
        message = buffer.readMessage();
      } catch (error) {
        // A line that is no message, such as a greeting of the launcher: the next one may be.
        transport.onerror?.(error as Error);
        continue;
      }
      if (message === null) return;
      transport.onmessage?.(message);
    }
  }
  return transport;
}

/** The beginning of each line: what never ends a line is not gathered without an end. */
function tellLines(input: Readable, tell: (line: string) => void): void {
  let line = '';
  input.setEncoding('utf8').on('data', (text: string) => {
    const lines = text.split('\n');
    lines[0] = line + lines[0];
    line = (lines.pop() ?? '').slice(0, MOST_LINE);
    for (const one of lines) tell(one.slice(0, MOST_LINE));
  });
  input.on('error', () => undefined);
}

function guardOf(pid: number): ChildProcess {
  const guard = spawn('sh', ['-c', GUARD, 'sh', String(pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  guard.on('error', () => undefined);
  guard.stdin.on('error', () => undefined);
  guard.unref();
  return guard;
}

function killGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // The group has ended.
  }
}

/** @returns whether `work` was done in time */
async function within(ms: number, work: Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, ms, false);
  });
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
