/** Starts the services of docker-compose.yml as processes, each in the folder that stands for its image. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { ComposeService } from './compose.ts';
import type { ImageSettings } from './dockerfile.ts';

/** What stands for the container: names and paths of it, and what they are on this machine. */
export interface Place {
  readonly name: string;
  /** Stands for `/`. */
  readonly root: string;
  /** Logs and what the process may write. */
  readonly scratch: string;
  /** `redis:6379` -> `127.0.0.1:40123`, `/app` -> a folder, ...: put in wherever a setting or argument has them. */
  readonly stands: ReadonlyMap<string, string>;
}

export interface Started {
  readonly name: string;
  readonly child: ChildProcess;
  readonly log: string;
  /** @returns whether its health check passes */
  healthy(): Promise<boolean>;
  /** As `docker compose exec`. @returns what it printed @throws when it ends with anything but 0 */
  exec(program: string, ...args: string[]): Promise<string>;
}

/** The user of the images; only root can become it. */
const USER = process.getuid?.() === 0 ? { uid: 1000, gid: 1000 } : {};
/** Long, since all of them start at once on a machine that may be small and busy. */
const HEALTH_MS = 180_000;
const LOOK_MS = 200;
const EXEC_MS = 60_000;

/** Starts the service as its image and the compose file say; it inherits nothing of this process but the path of Node. */
export function startService(service: ComposeService, image: ImageSettings, place: Place): Started {
  const stand = (text: string): string =>
    [...place.stands].reduce((done, [name, here]) => done.replaceAll(name, here), text);
  const cwd = join(place.root, image.workdir);
  const tmp = join(place.scratch, `${place.name}-tmp`);
  mkdirSync(tmp, { recursive: true, mode: 0o777 });
  const env = Object.fromEntries(
    Object.entries({ ...image.env, ...service.environment }).map(([name, value]) => [name, stand(value)]),
  );
  const own = { ...env, PATH: `${dirname(process.execPath)}:/usr/bin:/bin`, TMPDIR: tmp, HOME: '/nonexistent' };
  const [command = '', ...args] = (service.command ?? image.command).map(stand);
  const log = join(place.scratch, `${place.name}.log`);
  const output = openSync(log, 'a');
  const child = spawn(command, args, { cwd, env: own, stdio: ['ignore', output, output], ...USER });
  child.on('error', () => undefined);
  const check = (service.healthcheck?.test?.slice(1) ?? image.healthcheck ?? []).map(stand);
  const exec = async (program: string, ...rest: string[]): Promise<string> => {
    const options = { cwd, env: own, timeout: EXEC_MS, ...USER };
    return (await promisify(execFile)(program, rest, options)).stdout;
  };
  return {
    name: place.name,
    child,
    log,
    exec,
    async healthy() {
      const [program = '', ...rest] = check;
      return await exec(program, ...rest).then(
        () => true,
        () => false,
      );
    },
  };
}

/** @throws Error that names the log when the process ends, or is not healthy in time */
export async function untilHealthy(started: Started): Promise<void> {
  const until = performance.now() + HEALTH_MS;
  while (!(await started.healthy())) {
    if (hasEnded(started)) throw new Error(`${started.name} ended with ${endOf(started)}: see ${started.log}`);
    if (performance.now() > until) throw new Error(`${started.name} is not healthy: see ${started.log}`);
    await sleep(LOOK_MS);
  }
}

/** @throws Error that names the log unless it ends with 0 */
export async function untilDone(started: Started): Promise<void> {
  if (!hasEnded(started)) await once(started.child, 'exit');
  if (started.child.exitCode !== 0) throw new Error(`${started.name} ended with ${endOf(started)}: see ${started.log}`);
}

/**
 * SIGTERM, as `docker compose stop` sends it.
 * @returns milliseconds until it had ended
 * @throws Error when it did not end with 0 within `withinMs`
 */
export async function stopService(started: Started, withinMs: number): Promise<number> {
  if (hasEnded(started)) throw new Error(`${started.name} had ended with ${endOf(started)}: see ${started.log}`);
  const since = performance.now();
  const ended = once(started.child, 'exit');
  started.child.kill('SIGTERM');
  const late = setTimeout(() => started.child.kill('SIGKILL'), withinMs);
  await ended;
  clearTimeout(late);
  if (started.child.exitCode !== 0)
    throw new Error(`${started.name} ended with ${endOf(started)} when it was stopped: see ${started.log}`);
  return performance.now() - since;
}

const hasEnded = ({ child }: Started): boolean => child.exitCode !== null || child.signalCode !== null;
const endOf = ({ child }: Started): string => child.signalCode ?? `exit code ${child.exitCode}`;
