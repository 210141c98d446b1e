/** A command whose lines are read as they come. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export type LineReader = (line: string) => void;

/** @returns its exit code; null where it could not be started, or was ended by a signal */
export async function run(
  [command = '', ...args]: readonly string[],
  { env, cwd, onLine }: { env?: Readonly<Record<string, string>>; cwd?: string; onLine: LineReader },
): Promise<number | null> {
  const child = spawn(command, args, {
    ...(env === undefined ? {} : { env }),
    ...(cwd === undefined ? {} : { cwd }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const over = new Promise<number | null>((resolve) => {
    child.on('error', () => resolve(null));
    child.on('close', resolve);
  });
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', onLine);
  return over;
}
