/**
 * The table of settings in docs/runbook.md, made from shared/env.ts: `node infra/settings-table.ts` writes it again.
 * A setting without a text here does not compile, and a table that is out of date fails a test.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Env, readEnv } from '../shared/env.ts';

const TEXTS: Readonly<Record<keyof Env, string>> = {
  COTA_REDIS_URL: '`redis://` or `rediss://`. `cota up` starts a Redis of its own unless this is set',
  COTA_STORE: '`fs` keeps objects in a folder, `s3` in any S3-compatible service',
  COTA_STORE_ROOT:
    'folder of the `fs` store; all processes must see the same one. `cota up`: `store` in its data folder',
  COTA_STORE_SYNC:
    '`everysec`: a power cut may take the last second, as with Redis; `always`: every object is on the disk before it counts',
  COTA_LINK_SECRET: 'signs the links of the `fs` store; made from COTA_API_KEY where it is not set',
  COTA_S3_BUCKET: 'bucket of the `s3` store; it must exist',
  COTA_S3_ENDPOINT: "address of the S3 service; Amazon's where it is not set",
  COTA_S3_REGION: 'region',
  COTA_S3_ACCESS_KEY_ID: "both keys or none; without them the AWS SDK's usual chain (profile, role, ...)",
  COTA_S3_SECRET_ACCESS_KEY: 'see above',
  COTA_S3_FORCE_PATH_STYLE: '`https://host/bucket/key`, which most self-hosted services need; `false` for Amazon',
  COTA_S3_CHECKSUMS: "`when_supported` where the service takes the SDK's checksum trailers; some store them as data",
  COTA_HOST: 'address to listen on; `0.0.0.0` for all',
  COTA_PORT: 'port of the API. `cota up` takes the next free one, unless this is set',
  COTA_API_KEY: 'the key that clients send, 16 characters or more; the API does not start without. `cota up` makes one',
  COTA_PUBLIC_URL: 'address under which clients reach the API, for links; also where `cota ask` looks',
  COTA_BODY_LIMIT_BYTES: 'largest request body; base64 makes an image a third larger',
  COTA_FILE_BYTES: 'largest file that may be uploaded to /v1/files',
  COTA_WAIT_MS:
    'a waiting request ends after this and returns the run as it is, before time-outs of clients and proxies',
  COTA_CHAT_WAIT_MS:
    'a chat completion that is not streamed waits so long for its answer; then it is a 504 and the run goes on',
  COTA_MODELS: 'path of models.yaml (models.md)',
  COTA_SERVE: 'model ids that a model worker serves; empty: all of models.yaml',
  COTA_SERVE_TRAINED:
    'trained models that a model worker serves: `all`, `none`, or names of bases; empty: all where COTA_SERVE is empty, else none',
  COTA_TRAINED_CONCURRENCY: 'steps of trained models that a model worker does at a time',
  COTA_TRAINED_OPEN: 'trained models that a model worker holds in memory at a time',
  COTA_TRAINED_CACHE:
    'folder where model workers keep weights of trained models; workers of one machine share it. `cota up`: `trained` in its data folder',
  COTA_TRAINED_CACHE_BYTES: 'bytes of weights in that folder, the longest unused go first',
  COTA_TOOLS: 'path of tools.yaml (tools.md)',
  COTA_WEIGHTS: 'folder of weights that `cota models pull` fetches. `cota up`: `weights` in its data folder',
  COTA_WEIGHTS_CATALOGUE: 'a catalogue of weights of your own, beside the one that Cota comes with (tools.md)',
  COTA_POOLS: 'pools that a tool worker serves: `cpu`, `vision`, `remote`',
  COTA_INTAKE: 'whether a tool worker also fetches and checks input images',
  COTA_CONCURRENCY: 'steps that a tool worker does at a time, for each queue',
  COTA_WORKER_ID: 'name of the process, unique in the cluster',
  COTA_ONNX_THREADS: 'threads of one ONNX session; 1 is best when workers stand side by side',
  COTA_ONNX_DEVICE: '`cuda` needs the libraries below, and falls back to the CPU without them',
  COTA_ONNX_KV_BYTES:
    'bytes of keys and values that the engine of one model holds: two thirds for turns under way, one third for prompts that may come again',
  COTA_LOCK_MS: 'lock of a job; a worker that does not renew it has died or is frozen',
  COTA_STALLED_CHECK_MS: 'how often workers look for jobs whose lock has run out',
  COTA_DUE_MS: 'a run without progress for this long is looked at by the scheduler',
  COTA_SWEEP_MS: 'how often the scheduler looks',
  COTA_HEARTBEAT_MS: 'how often each process says that it is there; after three missed beats it is forgotten',
  COTA_GRACE_MS: 'how long a stopping process lets its steps go on before they return to their queue',
  COTA_STEP_TIMEOUT_MS: 'a step that takes longer is ended and counts as a failed attempt',
  COTA_RETRY_MS: 'first pause before a failed step is tried again; doubles each time',
  COTA_ATTEMPTS: 'failed attempts of one step after which its run fails',
  COTA_MAX_IN_FLIGHT: 'runs in flight for each model; 0: three times what its workers do at a time',
  COTA_CLOSED_TTL_S: 'how long a closed run stays in Redis; then it is read from its trace',
  COTA_IDEMPOTENCY_TTL_S: 'how long an Idempotency-Key is remembered',
  COTA_QUOTA_REQUESTS_PER_MINUTE:
    'requests of a tenant per minute; 0: any. A tenant may have its own value for this and the next two (tenants.md)',
  COTA_QUOTA_OPEN_RUNS: 'runs of a tenant that are open at a time, lines of batches aside; 0: any',
  COTA_QUOTA_STORED_BYTES: 'bytes of a tenant in the store; 0: any',
  COTA_QUOTA_REQUESTS_AT_ONCE: 'requests of a tenant that one API process has in hand at a time; 0: any',
  COTA_RETENTION_RUNS_DAYS: 'days after which runs and batches are deleted; 0: never. A tenant may have its own value',
  COTA_RETENTION_FILES_DAYS: 'the same for files',
  COTA_UPKEEP_MS:
    "how often each tenant's part of the store is gone through: what is too old is deleted, the rest is counted",
  COTA_TRUSTED_PROXIES: 'addresses and ranges of proxies whose X-Forwarded-For is believed, for the audit',
  COTA_BATCH_LINES: 'lines of a batch at most',
  COTA_BATCH_WINDOW_LINES: 'lines of one window of a batch, 1 to 10,000: their runs are in Redis at a time',
  COTA_BATCH_OPEN_WINDOWS: 'windows open at a time, of all batches together',
  COTA_DATA_PROCESSES:
    'shards of data jobs that a data worker makes at a time, each in a process of its own; 0: as many as the machine has cores',
  COTA_DATA_HEAP_MB:
    "JavaScript's memory of such a process; one that wants more is ended, and its shard tried twice more",
  COTA_FETCH_ALLOW:
    'hosts, origins and address ranges that image URLs may point at although they are private, such as `10.1.0.0/16`',
  COTA_FETCH_HTTP: 'whether image URLs may be plain http',
  COTA_S3_READ_BUCKETS:
    'buckets, with commas between, whose images requests may name as `s3://bucket/key`: read with the endpoint, region and keys of COTA_S3_*, also where the store is `fs`. Every tenant may read them',
  COTA_SECRET_KEY:
    'seals the signing secrets of webhooks, 16 characters or more, the same for API and webhook workers; to change it, put the new one first and the old one behind a comma. Made from COTA_API_KEY where it is not set',
  COTA_WEBHOOK_ALLOW: 'hosts, origins and address ranges that webhook URLs may point at although they are private',
  COTA_WEBHOOK_HTTP: 'whether webhook URLs may be plain http',
  COTA_WEBHOOK_TIMEOUT_MS: 'a receiver that takes longer has failed this try',
  COTA_WEBHOOK_RETRY_S:
    'pauses before the second and each further try of a delivery, in seconds; each is varied by a fifth',
  COTA_TRAIN_OPEN: 'fine-tuning jobs of a tenant that are not over, at most',
  COTA_TRAIN_JOBS: 'fine-tuning jobs that a train worker carries out at a time',
  COTA_TRAIN_PYTHON: 'the Python that has torch (`workers/train/python/requirements.txt`), for the trainer `nano`',
  COTA_TRAIN_FOLDER:
    'folder for data and checkpoints of trainings that are under way, emptied when they end. `cota up`: `train-work` in its data folder',
  COTA_TRAIN_RECIPES: 'folder of training recipes of your own, beside those in `workers/train/recipes`',
  COTA_WEBHOOK_CONCURRENCY: 'deliveries that a webhook worker makes at a time; at most 4 of them to one endpoint',
  COTA_IMAGE_BYTES: 'largest image',
  COTA_IMAGE_PIXELS: 'most pixels of an image',
  COTA_IMAGES_PER_RUN: 'most input images of a run',
  COTA_LOG_LEVEL: '`trace`, `debug`, `info`, `warn`, `error`, `fatal`, `silent`',
  COTA_HEALTH_PORT: 'port of `/livez`, `/readyz` and `/metrics` of a worker or the scheduler; 0: none',
  COTA_DATA: 'data folder of `cota up` and `npm run demo`: Redis, store, logs, key',
};

const START = '<!-- settings: made by infra/settings-table.ts -->';
const END = '<!-- end of settings -->';
export const RUNBOOK = join(import.meta.dirname, '../docs/runbook.md');

export function settingsTable(): string {
  const defaults = readEnv({}) as Readonly<Partial<Record<string, unknown>>>;
  const rows = Object.entries(TEXTS).map(
    ([name, text]) => `| \`${name}\` | ${shown(name, defaults[name])} | ${text} |`,
  );
  return ['| variable | default | what it does |', '|---|---|---|', ...rows].join('\n');
}

function shown(name: string, value: unknown): string {
  if (name === 'COTA_WORKER_ID') return 'host and pid';
  if (value === undefined) return '';
  const text = Array.isArray(value) ? value.join(',') : String(value);
  return text === '' ? '' : `\`${text}\``;
}

/** @returns the page with the table as it must be */
export function withTable(page: string): string {
  const [start, end] = [page.indexOf(START), page.indexOf(END)];
  if (start < 0 || end < start) throw new Error(`the page has no place for the table: ${START} ... ${END}`);
  return `${page.slice(0, start)}${START}\n${settingsTable()}\n${page.slice(end)}`;
}

if (import.meta.main) writeFileSync(RUNBOOK, withTable(readFileSync(RUNBOOK, 'utf8')));
