/** Whether a process is still the one that was started: a pid alone is given to another process sooner or later. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { isAlive } from '../../shared/process-alive.ts';

/** @returns pid and start time as one word; undefined when no such process lives */
export function identityOf(pid: number): string | undefined {
  if (!isAlive(pid)) return undefined;
  const started = process.platform === 'linux' ? linuxStart(pid) : psStart(pid);
  return started === undefined ? undefined : `${pid}@${started}`;
}

/** Field 22 of /proc/<pid>/stat, in ticks since boot; a zombie has ended. The name in field 2 may hold spaces. */
function linuxStart(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

function psStart(pid: number): string | undefined {
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' })
      .trim()
      .replace(/\s+/g, '_');
  } catch {
    return undefined;
  }
}

/** Ends a process group whose leader is `pid`; what is already gone is no error. */
export function killGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // Nothing of it is left.
  }
}
