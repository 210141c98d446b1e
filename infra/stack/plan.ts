/** Which processes a stack is made of, each with its arguments and environment. */
import { join } from 'node:path';
import { childEnv } from '../../shared/env.ts';
import { type EmbeddedRedis, type RedisProgram, withoutPassword } from './redis-server.ts';
import { ROOT, type StackSettings, workerPrefix } from './settings.ts';
import type { ProcessSpec } from './supervise.ts';

export type ProcessKind = 'redis' | 's3' | 'scheduler' | 'api' | 'model' | 'tools' | 'webhooks' | 'data' | 'train';

export interface PlannedProcess extends ProcessSpec {
  readonly kind: ProcessKind;
  /** COTA_WORKER_ID of those that announce themselves. */
  readonly workerId: string;
  /** What to show beside its name. */
  readonly about: string;
  /** What to look at when it does not start. */
  readonly advice: string;
}

export interface PlanFacts {
  /** Undefined where Redis is somebody else's. */
  readonly redis: (EmbeddedRedis & { readonly program: RedisProgram }) | undefined;
  readonly redisUrl: string;
  readonly port: number;
  readonly apiKey: string;
  /** COTA_SECRET_KEY of those that seal and open the signing secrets of webhooks. */
  readonly secretKey: string;
  /** Under which clients of this machine reach the API. */
  readonly url: string;
  /** Port of the S3 server for trials. */
  readonly s3Port: number | undefined;
}

/** Time that a process may take to end beyond its grace: shared/lifecycle.ts ends it after 15 s more. */
const STOP_SLACK_MS = 17_000;
const REDIS_STOP_MS = 20_000;
export const S3_BUCKET = 'cota';

/** Settings that all processes of the stack share, and that `cota doctor` must use to see what they see. */
export function commonSettings(settings: StackSettings, facts: PlanFacts): Record<string, string> {
  const common: Record<string, string> = {
    COTA_REDIS_URL: facts.redisUrl,
    COTA_MODELS: settings.models,
    COTA_TOOLS: settings.tools,
    COTA_WEIGHTS: settings.weights,
    COTA_TRAINED_CACHE: settings.trainedCache,
    COTA_DATA: settings.data,
    COTA_TRAIN_FOLDER: join(settings.data, 'train-work'),
    COTA_STORE: settings.store === 's3rver' ? 's3' : settings.store,
    COTA_STORE_ROOT: settings.storeRoot,
    COTA_HEALTH_PORT: '0',
    // The API gives links, and so does the scheduler in the results of batches.
    COTA_PUBLIC_URL: settings.publicUrl ?? facts.url,
  };
  if (facts.s3Port === undefined) return common;
  return {
    ...common,
    COTA_S3_ENDPOINT: `http://127.0.0.1:${facts.s3Port}`,
    COTA_S3_BUCKET: S3_BUCKET,
    COTA_S3_REGION: 'us-east-1',
    COTA_S3_ACCESS_KEY_ID: 'S3RVER',
    COTA_S3_SECRET_ACCESS_KEY: 'S3RVER',
    COTA_S3_FORCE_PATH_STYLE: 'true',
    COTA_S3_CHECKSUMS: 'when_required',
  };
}

/** In the order in which they are started. */
export function planStack(settings: StackSettings, facts: PlanFacts): PlannedProcess[] {
  const common = commonSettings(settings, facts);
  const prefix = workerPrefix(settings);
  const stopWithinMs = settings.graceMs + STOP_SLACK_MS;

  // Side by side on one machine they cannot have the same port.
  let healthPort = settings.healthPort;
  const ours = (kind: ProcessKind, name: string, entry: string, about: string, advice: string, more = {}) => ({
    ...{ kind, name, about, advice, stopWithinMs, workerId: `${prefix}${name}` },
    ...{ command: process.execPath, args: [join(ROOT, entry)], logFile: logOf(settings.data, name) },
    env: childEnv({ ...common, COTA_WORKER_ID: `${prefix}${name}`, ...more }),
  });
  const measured = (kind: ProcessKind, name: string, entry: string, advice: string, more = {}) => {
    if (healthPort === 0) return ours(kind, name, entry, '', advice, more);
    const port = healthPort++;
    const about = `metrics at http://${settings.host}:${port}/metrics`;
    return ours(kind, name, entry, about, advice, {
      ...more,
      COTA_HOST: settings.host,
      COTA_HEALTH_PORT: String(port),
    });
  };
  const numbered = (count: number, kind: 'model' | 'tools', entry: string, advice: string) =>
    Array.from({ length: count }, (_, index) => measured(kind, `${kind}-${index + 1}`, entry, advice));

  const planned: PlannedProcess[] = [];
  if (facts.redis) {
    const { command } = facts.redis.program;
    const about = `${command} ${facts.redis.program.version} at ${withoutPassword(facts.redisUrl)}`;
    const advice = `its data lies in ${join(settings.data, 'redis')}`;
    planned.push({
      ...{ kind: 'redis', name: 'redis', workerId: '', about, advice, command, args: [facts.redis.config] },
      ...{ logFile: logOf(settings.data, 'redis'), stopWithinMs: REDIS_STOP_MS, env: childEnv({}) },
    });
  }
  if (facts.s3Port !== undefined) {
    const advice = 'it is a development dependency: npm ci installs it';
    const s3 = ours('s3', 's3rver', 'infra/stack/s3rver.ts', `S3 server for trials on port ${facts.s3Port}`, advice);
    // s3rver makes its continuation tokens with DES, which OpenSSL 3 keeps in its legacy provider.
    const args = ['--openssl-legacy-provider', ...s3.args, join(settings.data, 's3'), String(facts.s3Port), S3_BUCKET];
    planned.push({ ...s3, args });
  }
  return [
    ...planned,
    measured('scheduler', 'scheduler', 'services/scheduler/main.ts', SETTINGS_ADVICE),
    ours('api', 'api', 'services/api/main.ts', facts.url, SETTINGS_ADVICE, {
      COTA_HOST: settings.host,
      COTA_PORT: String(facts.port),
      COTA_API_KEY: facts.apiKey,
      COTA_SECRET_KEY: facts.secretKey,
    }),
    ...numbered(
      settings.modelWorkers,
      'model',
      'workers/model/main.ts',
      `check ${settings.models} (see docs/models.md)`,
    ),
    ...numbered(settings.toolWorkers, 'tools', 'workers/tools/main.ts', SETTINGS_ADVICE),
    measured('webhooks', 'webhooks', 'workers/webhooks/main.ts', SETTINGS_ADVICE, {
      COTA_SECRET_KEY: facts.secretKey,
    }),
    measured('data', 'data', 'workers/data/main.ts', SETTINGS_ADVICE),
    // Without torch it idles, and a job says what to install.
    measured('train', 'train', 'workers/train/main.ts', SETTINGS_ADVICE),
  ];
}

const SETTINGS_ADVICE = 'settings are explained in docs/runbook.md';

export const logFolder = (data: string): string => join(data, 'logs');
const logOf = (data: string, name: string): string => join(logFolder(data), `${name}.log`);

/** Groups that stop one after another, so that each can finish with what it needs still there. */
export const STOP_ORDER: readonly (readonly ProcessKind[])[] = [
  ['api'],
  // A shard that waits for a tool goes back.
  ['model', 'tools', 'data', 'train'],
  // What the last runs have to tell still goes out.
  ['scheduler', 'webhooks'],
  ['s3', 'redis'],
];
