/** Sees to it that nothing outlives the stack, even when the stack itself is killed: see last-will.sh. */
import { type ChildProcess, spawn } from 'node:child_process';
import { Socket } from 'node:net';

export interface LastWill {
  add(pid: number, when: 'early' | 'late'): void;
  gone(pid: number): void;
  /** The stack has ended what it started. */
  close(): void;
}

const SCRIPT = new URL('./last-will.sh', import.meta.url).pathname;

/** @param graceMs how long the processes may take to end */
export function openLastWill(graceMs: number): LastWill {
  const known = new Map<number, 'early' | 'late'>();
  let closed = false;
  let child = start();

  function start(): ChildProcess {
    const seconds = Math.ceil(graceMs / 1000);
    const started = spawn('sh', [SCRIPT, String(seconds)], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
    // A write to a script that was killed fails; it is started again with all that it must know.
    started.stdin?.on('error', () => undefined);
    if (started.stdin instanceof Socket) started.stdin.unref();
    started.on('error', () => undefined);
    started.once('exit', () => {
      if (closed) return;
      child = start();
      for (const [pid, when] of known) tell(when === 'late' ? 'late' : 'add', pid);
    });
    started.unref();
    return started;
  }

  const tell = (verb: string, pid: number): void => void child.stdin?.write(`${verb} ${pid}\n`);
  return {
    add(pid, when) {
      known.set(pid, when);
      tell(when === 'late' ? 'late' : 'add', pid);
    },
    gone(pid) {
      known.delete(pid);
      tell('gone', pid);
    },
    close() {
      closed = true;
      child.stdin?.end();
    },
  };
}
