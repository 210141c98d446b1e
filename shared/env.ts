/** The only reader of process.env: every setting has its name, its default and its unit here. */
import { hostname } from 'node:os';
import { z } from 'zod';

const integer = (fallback: number) => z.coerce.number().int().nonnegative().default(fallback);
/** Where 0 would mean never or nothing at all. */
const positive = (fallback: number) => z.coerce.number().int().min(1).default(fallback);
const port = (fallback: number) => z.coerce.number().int().min(0).max(65_535).default(fallback);
const flag = (fallback: boolean) =>
  z
    .enum(['true', 'false'])
    .default(fallback ? 'true' : 'false')
    .transform((value) => value === 'true');
const list = (fallback: string) =>
  z
    .string()
    .default(fallback)
    .transform((value) =>
      value
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== ''),
    );

const schema = z.object({
  COTA_REDIS_URL: z.string().default('redis://127.0.0.1:6379'),

  /** `fs` keeps objects in a folder, `s3` in any S3-compatible service. */
  COTA_STORE: z.enum(['fs', 's3']).default('fs'),
  COTA_STORE_ROOT: z.string().default('.cota/store'),
  /** `everysec`: a power loss may take the last second, as with Redis' AOF; `always`: each object is on the disk before it counts. */
  COTA_STORE_SYNC: z.enum(['everysec', 'always']).default('everysec'),
  /** Signs the links that the `fs` store hands out. */
  COTA_LINK_SECRET: z.string().optional(),
  COTA_S3_BUCKET: z.string().default('cota'),
  COTA_S3_ENDPOINT: z.string().optional(),
  COTA_S3_REGION: z.string().default('us-east-1'),
  COTA_S3_ACCESS_KEY_ID: z.string().optional(),
  COTA_S3_SECRET_ACCESS_KEY: z.string().optional(),
  COTA_S3_FORCE_PATH_STYLE: flag(true),
  COTA_S3_CHECKSUMS: z.enum(['when_required', 'when_supported']).default('when_required'),

  COTA_HOST: z.string().default('127.0.0.1'),
  COTA_PORT: port(8080),
  COTA_API_KEY: z.string().min(16, 'an API key has at least 16 characters').optional(),
  /** Address under which clients reach the API, for links. */
  COTA_PUBLIC_URL: z.url({ protocol: /^https?$/, error: 'an http or https URL' }).optional(),
  COTA_BODY_LIMIT_BYTES: positive(20 * 1024 * 1024),
  /** A waiting request ends before the official clients' time-outs (10 minutes) and most proxies' (60 s). */
  COTA_WAIT_MS: integer(50_000),

  COTA_MODELS: z.string().default('models.yaml'),
  /** Model ids that this worker serves; empty = all of models.yaml. */
  COTA_SERVE: list(''),
  COTA_POOLS: list('cpu,vision,remote'),
  COTA_INTAKE: flag(true),
  COTA_CONCURRENCY: positive(8),
  COTA_WORKER_ID: z.string().default(() => `${hostname()}-${process.pid}`),
  /** Threads of one ONNX session; 1 is best when workers stand side by side. */
  COTA_ONNX_THREADS: positive(1),
  COTA_ONNX_DEVICE: z.enum(['cpu', 'cuda']).default('cpu'),

  /** A job's lock; a worker that does not renew it has died or is frozen. */
  COTA_LOCK_MS: positive(30_000),
  COTA_STALLED_CHECK_MS: positive(30_000),
  /** A run with no progress for this long is looked at by the sweeper. */
  COTA_DUE_MS: positive(60_000),
  COTA_SWEEP_MS: positive(2_000),
  COTA_HEARTBEAT_MS: positive(2_000),
  /** How long a stopping worker lets its steps go on before they return to their queue. */
  COTA_GRACE_MS: integer(20_000),
  /** A step that takes longer is ended and counts as a failed attempt. */
  COTA_STEP_TIMEOUT_MS: positive(600_000),
  /** First pause before a failed step is tried again; doubles each time. */
  COTA_RETRY_MS: positive(1_000),
  COTA_ATTEMPTS: positive(4),
  /** Runs in flight per model; 0 = three times the fleet's concurrency, one part working and two waiting. */
  COTA_MAX_IN_FLIGHT: integer(0),
  /** How long a closed run stays readable in Redis; afterwards its trace is read from the store. */
  COTA_CLOSED_TTL_S: positive(3_600),
  COTA_IDEMPOTENCY_TTL_S: positive(86_400),

  COTA_FETCH_ALLOW: list(''),
  COTA_FETCH_HTTP: flag(false),
  COTA_IMAGE_BYTES: positive(20 * 1024 * 1024),
  COTA_IMAGE_PIXELS: positive(50_000_000),
  COTA_IMAGES_PER_RUN: positive(16),

  COTA_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  /** Port of /livez, /readyz and /metrics of a worker; 0 = none. */
  COTA_HEALTH_PORT: port(0),
  COTA_DATA: z.string().default('.cota'),
});

export type Env = z.infer<typeof schema>;

/**
 * Reads and checks the environment.
 * @throws SettingsError that names each wrong variable and what it may be
 */
export function readEnv(source: Readonly<Record<string, string | undefined>> = process.env): Env {
  // Compose files and unit files pass on what is not set as an empty value.
  const given = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
  throw new SettingsError(`these environment variables are wrong:\n${lines.join('\n')}`);
}

/** Variables for a child process: ours, the path, and nothing secret that it does not need. */
export function childEnv(settings: Readonly<Record<string, string>>): Record<string, string> {
  const inherited = Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return { ...Object.fromEntries(inherited), ...settings };
}

/** The value of a variable that a configuration file names, such as a model server's key. */
export function namedSecret(name: string): string | undefined {
  return process.env[name];
}

export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}
