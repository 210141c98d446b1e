/** The Redis server of the embedded stack: which program, and with which settings. */

import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const BASE_CONFIG = new URL('../redis.conf', import.meta.url).pathname;
const PROGRAMS = ['redis-server', 'valkey-server'] as const;

export interface RedisProgram {
  readonly command: (typeof PROGRAMS)[number];
  /** `7.0.15` */
  readonly version: string;
}

/** @returns undefined when neither is on the PATH */
export async function findRedisProgram(): Promise<RedisProgram | undefined> {
  for (const command of PROGRAMS) {
    try {
      const { stdout } = await promisify(execFile)(command, ['--version'], { timeout: 5_000 });
      return { command, version: /v=(\S+)/.exec(stdout)?.[1] ?? 'unknown' };
    } catch {
      // Not this one.
    }
  }
  return undefined;
}

export const NO_REDIS =
  'Redis is missing: install redis-server or valkey-server, or set COTA_REDIS_URL to a Redis that runs';

export interface EmbeddedRedis {
  readonly url: string;
  /** The file to start it with. */
  readonly config: string;
}

/**
 * Writes the configuration: infra/redis.conf, with port, folder and a password of its own. Without one, every user of
 * this machine could read and change the runs.
 */
export function configureRedis(dir: string, port: number): EmbeddedRedis {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const password = randomBytes(24).toString('base64url');
  const config = join(dir, 'redis.conf');
  const lines = [`include ${quoted(BASE_CONFIG)}`, `port ${port}`, `dir ${quoted(dir)}`, `requirepass ${password}`];
  writeFileSync(config, `${lines.join('\n')}\n`, { mode: 0o600 });
  chmodSync(config, 0o600);
  return { url: `redis://:${password}@127.0.0.1:${port}`, config };
}

/** As redis.conf reads words: spaces and quotes may stand in a folder's name. */
const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;

/** The URL without its password, for people. */
export function withoutPassword(url: string): string {
  return url.replace(/\/\/[^@/]*@/, '//');
}
