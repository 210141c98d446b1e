/** What a stack is started with: the options of `cota up`, then the environment, then what suits one machine. */

import { createHash } from 'node:crypto';
import { availableParallelism, hostname } from 'node:os';
import { resolve } from 'node:path';
import { type Env, namedSecret, readEnv } from '../../shared/env.ts';

export const ROOT = resolve(import.meta.dirname, '../..');

export interface StackSettings {
  /** Folder of everything that this stack keeps. */
  readonly data: string;
  /** Path of models.yaml. */
  readonly models: string;
  /** Path of tools.yaml, which need not be there. */
  readonly tools: string;
  /** Folder of pulled weights. */
  readonly weights: string;
  /** Folder of weights of trained models, fetched from the store. */
  readonly trainedCache: string;
  readonly modelWorkers: number;
  readonly toolWorkers: number;
  readonly host: string;
  /** Undefined: the default port, or the next free one. */
  readonly port: number | undefined;
  /** First of the ports for /metrics of workers and scheduler, one after the other; 0: none. */
  readonly healthPort: number;
  /** A Redis that somebody else runs; undefined: the stack runs its own. */
  readonly redisUrl: string | undefined;
  /** Undefined: the key of the data folder. */
  readonly apiKey: string | undefined;
  readonly publicUrl: string | undefined;
  /** Where objects are kept: as the environment says, or in an S3 server for trials that the stack runs. */
  readonly store: 'fs' | 's3' | 's3rver';
  readonly storeRoot: string;
  readonly graceMs: number;
}

export interface StackFlags {
  readonly data?: string | undefined;
  readonly models?: string | undefined;
  readonly modelWorkers?: number | undefined;
  readonly toolWorkers?: number | undefined;
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly s3rver?: boolean | undefined;
}

/** A variable's value where somebody set it; readEnv cannot tell a default from the same value given. */
export const given = (name: keyof Env | 'INIT_CWD'): string | undefined => namedSecret(name) || undefined;

/** Where a path given by the user starts: npm changes to the package's folder and keeps the user's in INIT_CWD. */
export const fromHere = (path: string): string => resolve(given('INIT_CWD') ?? process.cwd(), path);

/** The data folder of the commands: `.cota` beside package.json unless COTA_DATA or --data names another. */
export function dataFolder(flag: string | undefined): string {
  const named = flag ?? given('COTA_DATA');
  return named === undefined ? resolve(ROOT, '.cota') : fromHere(named);
}

/** @throws SettingsError when a variable is wrong */
export function stackSettings(flags: StackFlags): StackSettings {
  const env = readEnv();
  const data = dataFolder(flags.data);
  const models = flags.models ?? given('COTA_MODELS');
  const port = flags.port ?? (given('COTA_PORT') === undefined ? undefined : env.COTA_PORT);
  return {
    data,
    models: models === undefined ? resolve(ROOT, 'models.yaml') : fromHere(models),
    tools: given('COTA_TOOLS') === undefined ? resolve(ROOT, 'tools.yaml') : fromHere(env.COTA_TOOLS),
    weights: given('COTA_WEIGHTS') === undefined ? resolve(data, 'weights') : fromHere(env.COTA_WEIGHTS),
    trainedCache:
      given('COTA_TRAINED_CACHE') === undefined ? resolve(data, 'trained') : fromHere(env.COTA_TRAINED_CACHE),
    modelWorkers: flags.modelWorkers ?? 1,
    // OCR keeps a core busy; a machine with many can read as many pictures at a time.
    toolWorkers: flags.toolWorkers ?? Math.min(4, Math.max(1, Math.floor(availableParallelism() / 4))),
    host: flags.host ?? env.COTA_HOST,
    port,
    healthPort: env.COTA_HEALTH_PORT,
    redisUrl: given('COTA_REDIS_URL'),
    apiKey: env.COTA_API_KEY,
    publicUrl: env.COTA_PUBLIC_URL,
    store: flags.s3rver ? 's3rver' : env.COTA_STORE,
    storeRoot: given('COTA_STORE_ROOT') === undefined ? resolve(data, 'store') : fromHere(env.COTA_STORE_ROOT),
    graceMs: env.COTA_GRACE_MS,
  };
}

/**
 * Ids of this stack's workers start with this. A Redis of one's own holds no others, and the same ids after a restart
 * find the turns that wait for them; on a shared Redis they must differ by machine and folder.
 */
export function workerPrefix(settings: Pick<StackSettings, 'redisUrl' | 'data'>): string {
  if (settings.redisUrl === undefined) return '';
  return `${hostname()}-${createHash('sha256').update(settings.data).digest('hex').slice(0, 6)}-`;
}
