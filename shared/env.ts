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
  /** Of an uploaded file, which is streamed into the store and never held in memory. */
  COTA_FILE_BYTES: positive(200 * 1024 * 1024),
  /** A waiting request ends before the official clients' time-outs (10 minutes) and most proxies' (60 s). */
  COTA_WAIT_MS: integer(50_000),
  /** A chat completion cannot be polled, so it waits longer: nearly as long as the official clients do. */
  COTA_CHAT_WAIT_MS: integer(570_000),

  COTA_MODELS: z.string().default('models.yaml'),
  /** Model ids that this worker serves; empty = all of models.yaml. */
  COTA_SERVE: list(''),
  /**
   * Models that the cluster has trained: `all`, `none`, or the bases that this worker serves; empty = all where COTA_SERVE
   * is empty, else none.
   */
  COTA_SERVE_TRAINED: list(''),
  /** Steps of trained models that a worker works on at a time. */
  COTA_TRAINED_CONCURRENCY: positive(4),
  /** Trained models that a worker holds in memory at a time. */
  COTA_TRAINED_OPEN: positive(8),
  /** Where model workers keep weights of trained models that they have fetched, and how many bytes of them. */
  COTA_TRAINED_CACHE: z.string().default('.cota/trained'),
  COTA_TRAINED_CACHE_BYTES: positive(4 * 1024 ** 3),
  /** Which engines the tools use, and tools from elsewhere; see docs/tools.md. A file that is not there sets nothing. */
  COTA_TOOLS: z.string().default('tools.yaml'),
  /** Where `cota models pull` puts weights and tool workers look for them. */
  COTA_WEIGHTS: z.string().default('.cota/weights'),
  /** A catalogue of one's own beside shared/weights/catalogue.yaml, in its form. */
  COTA_WEIGHTS_CATALOGUE: z.string().optional(),
  COTA_POOLS: list('cpu,vision,remote'),
  COTA_INTAKE: flag(true),
  COTA_CONCURRENCY: positive(8),
  COTA_WORKER_ID: z.string().default(() => `${hostname()}-${process.pid}`),
  /** Threads of one ONNX session; 1 is best when workers stand side by side. */
  COTA_ONNX_THREADS: positive(1),
  COTA_ONNX_DEVICE: z.enum(['cpu', 'cuda']).default('cpu'),
  /** Of keys and values that the engine of one model holds: two thirds for turns under way, one third for what may come again. */
  COTA_ONNX_KV_BYTES: positive(384 * 1024 * 1024),

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

  /** Lines of a batch at most. */
  COTA_BATCH_LINES: positive(50_000),
  /** Lines whose runs are in Redis at a time, of one window; a batch has a few windows open. */
  COTA_BATCH_WINDOW_LINES: z.coerce.number().int().min(1).max(10_000).default(1_000),
  /** Windows open at a time, of all batches together: what Redis must have room for. */
  COTA_BATCH_OPEN_WINDOWS: positive(32),

  /** Shards that a data worker makes at a time, each in a process of its own; 0 = as many as there are cores. */
  COTA_DATA_PROCESSES: integer(0),
  /** MB that such a process may use for JavaScript's own memory. */
  COTA_DATA_HEAP_MB: positive(1_024),

  /** Fine-tuning jobs of a tenant that are not over, at most. */
  COTA_TRAIN_OPEN: positive(20),
  /** Fine-tuning jobs that a train worker carries out at a time. */
  COTA_TRAIN_JOBS: positive(1),
  /** The Python that has torch: workers/train/python/requirements.txt. */
  COTA_TRAIN_PYTHON: z.string().default('python3'),
  /** Folder for data and checkpoints of trainings that are under way; emptied when they end. */
  COTA_TRAIN_FOLDER: z.string().default('.cota/train-work'),
  /** Folder of training recipes of one's own, beside those that Cota comes with. */
  COTA_TRAIN_RECIPES: z.string().optional(),

  /** Requests of a tenant per minute; 0 = any. Tenants may have values of their own, for this and the next two. */
  COTA_QUOTA_REQUESTS_PER_MINUTE: integer(60_000),
  /** Runs of a tenant that are open at a time, those of batches aside; 0 = any. */
  COTA_QUOTA_OPEN_RUNS: integer(10_000),
  /** Bytes of a tenant in the store; 0 = any. */
  COTA_QUOTA_STORED_BYTES: integer(0),
  /** Requests of a tenant that one API process has in hand at a time; 0 = any. */
  COTA_QUOTA_REQUESTS_AT_ONCE: integer(1_000),
  /** Days after which runs and batches, and files, are deleted; 0 = never. Tenants may have values of their own. */
  COTA_RETENTION_RUNS_DAYS: integer(0),
  COTA_RETENTION_FILES_DAYS: integer(0),
  /** How often a tenant's part of the store is gone through: what is too old is deleted, the rest is counted. */
  COTA_UPKEEP_MS: positive(86_400_000),
  /** Proxies in front of the API whose X-Forwarded-For is believed, for the addresses in the audit. */
  COTA_TRUSTED_PROXIES: list(''),

  COTA_FETCH_ALLOW: list(''),
  COTA_FETCH_HTTP: flag(false),
  /** Buckets of the service at COTA_S3_ENDPOINT whose images requests may name as s3://bucket/key. */
  COTA_S3_READ_BUCKETS: list(''),
  /** Keeps the signing secrets of webhooks. The first one seals, further ones still open what they sealed. */
  COTA_SECRET_KEY: list('').refine((keys) => keys.every((key) => key.length >= 16), 'each has at least 16 characters'),
  COTA_WEBHOOK_ALLOW: list(''),
  COTA_WEBHOOK_HTTP: flag(false),
  /** Time for one delivery, from the lookup of the name to the answer. */
  COTA_WEBHOOK_TIMEOUT_MS: positive(20_000),
  /** Pauses between the tries of a delivery; see workers/webhooks/schedule.ts. */
  COTA_WEBHOOK_RETRY_S: list('5,300,1800,7200,18000,36000,50400,72000,86400')
    .transform((pauses) => pauses.map(Number))
    .refine(
      (pauses) => pauses.every((pause) => pause > 0 && pause <= 604_800),
      'seconds, each above 0, at most a week',
    ),
  /** Deliveries that a webhook worker makes at a time. */
  COTA_WEBHOOK_CONCURRENCY: positive(64),

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
  if (parsed.success) return together(parsed.data);
  const lines = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
  throw new SettingsError(`these environment variables are wrong:\n${lines.join('\n')}`);
}

/** @throws SettingsError for values that are right by themselves and wrong together */
function together(env: Env): Env {
  // Read with our own keys, every tenant could name every other tenant's objects.
  if (env.COTA_STORE === 's3' && env.COTA_S3_READ_BUCKETS.includes(env.COTA_S3_BUCKET)) {
    throw new SettingsError(
      `COTA_S3_READ_BUCKETS must not have COTA_S3_BUCKET (${env.COTA_S3_BUCKET}) in it: what all tenants keep lies there`,
    );
  }
  return env;
}

/** Variables for a child process: ours, the path, and nothing secret that it does not need. */
export function childEnv(settings: Readonly<Record<string, string>>): Record<string, string> {
  const inherited = Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return { ...Object.fromEntries(inherited), ...settings };
}

/** For programs that are not ours: where programs and the user's files lie, and nothing else. */
export function childPath(): Record<string, string> {
  const { PATH = '/usr/local/bin:/usr/bin:/bin', HOME } = process.env;
  return { PATH, ...(HOME === undefined ? {} : { HOME }) };
}

/** Of what a trainer may know beside that: its accelerator, and where its libraries keep and find models. */
const TRAINERS =
  /^(CUDA_|NVIDIA_|ROCR_|HIP_|NCCL_|HF_|HUGGINGFACE_|TRANSFORMERS_|TORCH|PYTORCH_|TRITON_|OMP_|MKL_|TOKENIZERS_|VIRTUAL_ENV$|LD_LIBRARY_PATH$|TMPDIR$|LANG$|LC_|(HTTPS?|NO)_PROXY$)/i;

/** For trainers: nothing of ours, and no secret but the hub's token, which starts with HF_. */
export function trainerEnv(settings: Readonly<Record<string, string>>): Record<string, string> {
  const inherited = Object.entries(process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && TRAINERS.test(entry[0]),
  );
  return { ...childPath(), ...Object.fromEntries(inherited), ...settings };
}

/** The value of a variable that a configuration file names, such as a model server's key. */
export function namedSecret(name: string): string | undefined {
  return process.env[name];
}

export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}
