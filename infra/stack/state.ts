/** What a stack leaves in its data folder for the other commands: who runs it, where it is reached, with which key. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../user-error.ts';
import { identityOf, killGroup } from './identity.ts';

const processState = z.object({
  name: z.string(),
  pid: z.int(),
  identity: z.string(),
  log: z.string(),
  /** How often it was started again. */
  restarts: z.int(),
});
const stackState = z.object({
  version: z.literal(1),
  /** The process that runs `cota up`. */
  pid: z.int(),
  identity: z.string(),
  /** Epoch milliseconds. */
  startedAt: z.number(),
  ready: z.boolean(),
  url: z.string(),
  apiKey: z.string(),
  redisUrl: z.string(),
  models: z.string(),
  /** Settings that its processes were given beyond the environment: what `doctor` must look at. */
  settings: z.record(z.string(), z.string()),
  processes: z.array(processState),
});
export type StackState = z.infer<typeof stackState>;

const SECRET = { mode: 0o600 } as const;
const stateFile = (data: string): string => join(data, 'state.json');
const lockFile = (data: string): string => join(data, 'up.pid');

/** @returns undefined when there is none, or none that can be read */
export function readState(data: string): StackState | undefined {
  try {
    return stackState.parse(JSON.parse(readFileSync(stateFile(data), 'utf8')));
  } catch {
    return undefined;
  }
}

/** The state of a stack that runs now. */
export function readRunning(data: string): StackState | undefined {
  const state = readState(data);
  return state && identityOf(state.pid) === state.identity ? state : undefined;
}

export function writeState(data: string, state: StackState): void {
  const temporary = `${stateFile(data)}.tmp`;
  writeFileSync(temporary, `${JSON.stringify(state, null, 2)}\n`, SECRET);
  renameSync(temporary, stateFile(data));
}

/**
 * Makes this process the one that runs the stack of `data`.
 * @returns gives it up again
 * @throws UserError when another process runs it, with where it is reached
 */
export function claim(data: string): () => void {
  mkdirSync(data, { recursive: true });
  const file = lockFile(data);
  const me = identityOf(process.pid) ?? String(process.pid);
  for (;;) {
    try {
      writeFileSync(file, me, { flag: 'wx' });
      break;
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code !== 'EEXIST') throw new UserError(`cannot write to ${data}: ${message}`);
      const holder = readFileSync(file, { encoding: 'utf8', flag: 'r' });
      if (identityOf(Number.parseInt(holder, 10)) === holder) throw alreadyRunning(data, Number.parseInt(holder, 10));
      rmSync(file, { force: true });
    }
  }
  return () => {
    rmSync(file, { force: true });
    rmSync(stateFile(data), { force: true });
  };
}

function alreadyRunning(data: string, pid: number): UserError {
  const state = readRunning(data);
  const where = state ? ` at ${state.url}` : '';
  const how = state ? '`cota ask` reaches it' : 'it is still starting';
  return new UserError(`a stack runs in ${data} already${where} (process ${pid}): ${how}, \`cota down\` stops it`);
}

/**
 * Ends what a stack left behind that was killed together with its last will.
 * @returns names of what was ended
 */
export function endLeftovers(data: string): string[] {
  const state = readState(data);
  if (!state || readRunning(data)) return [];
  const left = state.processes.filter((one) => identityOf(one.pid) === one.identity);
  for (const one of left) killGroup(one.pid, 'SIGKILL');
  return left.map((one) => one.name);
}

/** The API key of this data folder: made once, then always the same. */
export function keyOf(data: string): string {
  const file = join(data, 'key');
  try {
    const key = readFileSync(file, 'utf8').trim();
    if (key.length >= 16) return key;
  } catch {
    // There is none yet.
  }
  const key = `cota_${randomBytes(24).toString('base64url')}`;
  writeFileSync(file, `${key}\n`, SECRET);
  return key;
}
