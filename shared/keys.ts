/**
 * Every Redis key and store path is built here. Keys that one script touches share a hash tag, so that the same
 * code runs on Redis Cluster: a run's keys carry its shard, admission carries the model.
 */
import { randomBytes, randomInt } from 'node:crypto';
import { ulid } from 'ulid';

/** Due runs are indexed in this many sorted sets; the shard is the two hex digits after `run_`. */
export const SHARDS = 256;

/** @returns `run_` + shard (2 hex) + ULID in lower case (26) + 6 random hex: sortable by time, not guessable. */
export function newRunId(): string {
  return `run_${shardName(randomInt(SHARDS))}${ulid().toLowerCase()}${randomBytes(3).toString('hex')}`;
}

const RUN_ID = /^run_([0-9a-f]{2})[0-9a-z]{26}[0-9a-f]{6}$/;

export function isRunId(id: string): boolean {
  return RUN_ID.test(id);
}

/** A response and its run are the same thing under two names: `resp_X` for OpenAI clients, `run_X` within. */
export const responseIdOf = (runId: string): string => `resp_${runId.slice(4)}`;
/** And a third one, where it was asked for as a chat completion. */
export const completionIdOf = (runId: string): string => `chatcmpl-${runId.slice(4)}`;
export function runIdOf(id: string): string | undefined {
  const runId = id.replace(/^(?:resp_|chatcmpl-)/, 'run_');
  return isRunId(runId) ? runId : undefined;
}

export const shardName = (shard: number): string => shard.toString(16).padStart(2, '0');

function shardOf(runId: string): string {
  const match = RUN_ID.exec(runId);
  if (!match?.[1]) throw new Error(`not a run id: ${runId.slice(0, 60)}`);
  return match[1];
}

export const keys = {
  run: (runId: string) => `cota:{s${shardOf(runId)}}:run:${runId}`,
  events: (runId: string) => `cota:{s${shardOf(runId)}}:events:${runId}`,
  /** Stands for a while where a run was deleted, so that nothing that is still under way brings it back. */
  deleted: (runId: string) => `cota:{s${shardOf(runId)}}:deleted:${runId}`,
  due: (runId: string) => `cota:{s${shardOf(runId)}}:due`,
  dueShard: (shard: number) => `cota:{s${shardName(shard)}}:due`,
  /** Runs of a tenant that wait for admission to a model, oldest first: `<prefix><class>:<tenant>`. */
  pendingPrefix: (slug: string) => `cota:{a.${slug}}:pending:`,
  pending: (slug: string, priority: string, tenant: string) => `cota:{a.${slug}}:pending:${priority}:${tenant}`,
  /** Tenants with pending runs, in turn. */
  turn: (slug: string, priority: string) => `cota:{a.${slug}}:turn:${priority}`,
  /** Runs in flight on a model, by the time they were admitted. */
  flight: (slug: string, priority: string) => `cota:{a.${slug}}:flight:${priority}`,
  idempotency: (tenant: string, digest: string) => `cota:{t.${tenant}}:idempotency:${digest}`,
  /** State of a living batch: JSON and the version that it is compared by. */
  batch: (id: string) => `cota:{b.${id}}:state`,
  /** One bit for each line of an open window whose run has ended, well or not. */
  windowOk: (id: string, window: number) => `cota:{b.${id}}:ok:${window}`,
  windowBad: (id: string, window: number) => `cota:{b.${id}}:bad:${window}`,
  /** Batches that are not over, `<tenant> <id>`, by the time they were made. */
  activeBatches: 'cota:{batches}:active',
  /** Of a data job that lives, or was over a while ago; see shared/data/job-store.ts. All of its keys start with the first. */
  dataJobPrefix: (id: string) => `cota:{d.${id}}:`,
  dataJob: (id: string) => `cota:{d.${id}}:job`,
  /** Shards of its stage that are not done, by when somebody looks after their hint; 0 = they have none. */
  dataOpen: (id: string) => `cota:{d.${id}}:open`,
  /** Shards that pause, by when they go on. */
  dataWaiting: (id: string) => `cota:{d.${id}}:waiting`,
  /** Shards that are in hand: until when, and whose. */
  dataHeld: (id: string) => `cota:{d.${id}}:held`,
  /** What went wrong with which shard, and how often. */
  dataMarks: (id: string) => `cota:{d.${id}}:marks`,
  /** Share of each shard in hand that is done. */
  dataProgress: (id: string) => `cota:{d.${id}}:progress`,
  /** Counts of its stages: `<stage> <name>`. */
  dataCounts: (id: string) => `cota:{d.${id}}:counts`,
  /** Batches that its stages have had made. */
  dataBatches: (id: string) => `cota:{d.${id}}:batches`,
  /** Data jobs that are not over, `<tenant> <id>`, by the time they were made. */
  openDataJobs: 'cota:{data}:open',
  /** Of a fine-tuning job that lives, or was over a while ago; see shared/train/job-store.ts. */
  trainJob: (id: string) => `cota:{f.${id}}:job`,
  /** Its newest events, those that are in no file of the store yet. */
  trainEvents: (id: string) => `cota:{f.${id}}:events`,
  /** Fine-tuning jobs that are not over, `<tenant> <id>`, by the time they were made. */
  openTrainJobs: 'cota:{train}:open',
  /** What runs of a model have cost so far, for estimates. */
  modelCosts: (slug: string) => `cota:{m.${slug}}:costs`,
  /** Ids of a tenant's documents of a kind, by time. */
  documents: (tenant: string, kind: string) => `cota:{t.${tenant}}:documents:${kind}`,
  /** Files by when something is due to be removed: what has expired, and uploads that ended half-way. */
  filesDue: 'cota:{files}:due',
  /** All of an endpoint's deliveries start with this; see shared/webhooks/deliveries.ts. */
  webhooks: (tenant: string, endpointId: string) => `cota:{t.${tenant}}:webhooks:${endpointId}:`,
  /** Rises with each change of a tenant's endpoints, so that those who keep them know. */
  webhookVersion: (tenant: string) => `cota:{t.${tenant}}:webhooks:version`,
  /** Endpoints of all tenants by the time at which one of their deliveries is due. */
  webhooksDue: 'cota:{webhooks}:due',
  /** A tenant's bucket of requests. */
  requests: (tenant: string) => `cota:{t.${tenant}}:requests`,
  /** Runs of a tenant that are open and were made one by one, by the time they were asked for. */
  openRuns: (tenant: string) => `cota:{t.${tenant}}:open-runs`,
  /** A tenant's newest runs, those of batches aside: only so many. */
  recentRuns: (tenant: string) => `cota:{t.${tenant}}:recent-runs`,
  /** Bytes that a tenant has in the store. */
  stored: (tenant: string) => `cota:{t.${tenant}}:stored`,
  /** Stands until they are to be counted again. */
  counted: (tenant: string) => `cota:{t.${tenant}}:counted`,
  /** All of a tenant's own keys. */
  ofTenant: (tenant: string) => `cota:{t.${tenant}}:*`,
  /** Copies of what the store has under `system/<kind>/`. */
  registry: (kind: string) => `cota:{system}:${kind}`,
  /** Changes with each trained model that comes, goes or changes, so that those who keep them know. */
  trainedModelsVersion: 'cota:{system}:trained-models-version',
  /** When each API key was last used. */
  apiKeyUse: 'cota:{system}:keys-used',
  /** How far the deletion of a tenant's data has come. */
  erasure: (tenant: string) => `cota:{system}:erasure:${tenant}`,
  workers: 'cota:{fleet}:workers',
  worker: (id: string) => `cota:{fleet}:worker:${id}`,
  tools: 'cota:{fleet}:tools',
  /** Tools that nobody serves, by the time since when. */
  toolsUnserved: 'cota:{fleet}:tools-unserved',
  models: 'cota:{fleet}:models',
  /** Queues of single workers or versions, so that their keys are cleared away after them. */
  ownQueues: 'cota:{fleet}:own-queues',
  lease: (name: string) => `cota:{lease}:${name}`,
  leaseToken: (name: string) => `cota:{lease}:${name}:token`,
  breaker: (slug: string) => `cota:{m.${slug}}:breaker`,
  breakerProbe: (slug: string) => `cota:{m.${slug}}:probe`,
  limitSlots: (slug: string) => `cota:{m.${slug}}:slots`,
  limitTokens: (slug: string) => `cota:{m.${slug}}:tokens`,
  cancelChannel: 'cota:cancel',
  /** What a run's model says, while it says it. */
  progressChannel: (runId: string) => `cota:progress:${runId}`,
} as const;

/** Numbers of windows and shards in the order of their names. */
const padded = (window: number): string => String(window).padStart(6, '0');

/** Where objects lie. Everything of a tenant is under `t/<tenant>/`, everything of a run under its folder. */
export const paths = {
  run: (tenant: string, runId: string) => `t/${tenant}/runs/${runId}/`,
  trace: (tenant: string, runId: string) => `t/${tenant}/runs/${runId}/trace.json`,
  upload: (tenant: string, runId: string, index: number) => `t/${tenant}/runs/${runId}/upload-${index}`,
  image: (tenant: string, runId: string, sha256: string) => `t/${tenant}/runs/${runId}/images/${sha256}`,
  /** Says that a run owns these bytes: the same picture may belong to many runs, and outlives each but the last. */
  artifact: (tenant: string, sha256: string, runId: string) => `t/${tenant}/artifacts/${sha256}/${runId}.json`,
  /** All owners of these bytes: what `/v1/artifacts/{sha256}` looks up. */
  artifactOwners: (tenant: string, sha256: string) => `t/${tenant}/artifacts/${sha256}/`,
  /** Input that the cluster made itself, of another batch's failed lines. */
  batchInput: (tenant: string, id: string) => `t/${tenant}/batches/${id}/input.jsonl`,
  /** Which bytes of the input make which window. */
  batchPlan: (tenant: string, id: string) => `t/${tenant}/batches/${id}/plan.json`,
  /** Lines of a window that equal earlier ones. */
  batchTwins: (tenant: string, id: string, window: number) => `t/${tenant}/batches/${id}/twins/${padded(window)}.json`,
  /** Lines of a window that never became runs, and why. */
  batchRefused: (tenant: string, id: string, window: number) =>
    `t/${tenant}/batches/${id}/refused/${padded(window)}.json`,
  batchOutput: (tenant: string, id: string, window: number) =>
    `t/${tenant}/batches/${id}/output/${padded(window)}.jsonl`,
  batchErrors: (tenant: string, id: string, window: number) =>
    `t/${tenant}/batches/${id}/errors/${padded(window)}.jsonl`,
  batch: (tenant: string, id: string) => `t/${tenant}/batches/${id}/`,
  /** All that a data job makes; a stage's files are in a folder of its name. */
  dataJob: (tenant: string, id: string) => `t/${tenant}/data/${id}/`,
  dataStage: (tenant: string, id: string, stage: string) => `t/${tenant}/data/${id}/${stage}/`,
  /** What the shards of a stage are. */
  dataPlan: (tenant: string, id: string, stage: string) => `t/${tenant}/data/${id}/${stage}/_plan.json`,
  /** What is left of a shard once it is made. */
  dataReport: (tenant: string, id: string, stage: string, shard: number) =>
    `t/${tenant}/data/${id}/${stage}/_reports/${padded(shard)}.json`,
  /** Those of all shards, once the stage is over. */
  dataReports: (tenant: string, id: string, stage: string) => `t/${tenant}/data/${id}/${stage}/_reports.json`,
  /** Pictures that tools made for a data job. */
  dataImage: (tenant: string, id: string, sha256: string) => `t/${tenant}/data/${id}/images/${sha256}`,
  /** All that a fine-tuning job keeps. */
  trainJob: (tenant: string, id: string) => `t/${tenant}/train/${id}/`,
  /** So many events each, in order. */
  trainEvents: (tenant: string, id: string, chunk: number) => `t/${tenant}/train/${id}/events/${padded(chunk)}.jsonl`,
  trainEventsOf: (tenant: string, id: string) => `t/${tenant}/train/${id}/events/`,
  /** A hundred that is not full yet. */
  trainEventsPart: (tenant: string, id: string, chunk: number) =>
    `t/${tenant}/train/${id}/events/${padded(chunk)}.part.jsonl`,
  /** What its trainer printed, piece after piece. */
  trainLogs: (tenant: string, id: string) => `t/${tenant}/train/${id}/log/`,
  trainLog: (tenant: string, id: string, piece: number) => `t/${tenant}/train/${id}/log/${padded(piece)}.txt`,
  trainCheckpoints: (tenant: string, id: string) => `t/${tenant}/train/${id}/checkpoints/`,
  /** @param name of the checkpoint's own folder: two workers never write into one */
  trainCheckpoint: (tenant: string, id: string, name: string) => `t/${tenant}/train/${id}/checkpoints/${name}/`,
  /** The trained weights, below the name of the worker's try that wrote them. */
  trainResults: (tenant: string, id: string) => `t/${tenant}/train/${id}/result/`,
  trainPage: (tenant: string, id: string) => `t/${tenant}/train/${id}/report.html`,
  /** What a judge said of an answer, by the hash of all that it was asked. */
  verdict: (tenant: string, digest: string) => `t/${tenant}/verdicts/${digest.slice(0, 2)}/${digest}.json`,
  /** An input that lay in pieces, as one. */
  dataInput: (tenant: string, id: string, fileId: string) => `t/${tenant}/data/${id}/inputs/${fileId}`,
  /** Files of a trained model, by the last part of its id. */
  trainedModel: (tenant: string, short: string) => `t/${tenant}/models/${short.replace(':', '.')}/`,
  document: (tenant: string, kind: string, id: string) => `t/${tenant}/${kind}/${id}.json`,
  documents: (tenant: string, kind: string) => `t/${tenant}/${kind}/`,
  /** The bytes of an uploaded file. */
  content: (tenant: string, fileId: string) => `t/${tenant}/content/${fileId}`,
  /** Events that found no room in Redis, because their endpoint has been down for long. */
  webhookSpill: (tenant: string, endpointId: string) => `t/${tenant}/webhook_events/${endpointId}/`,
  tenant: (tenant: string) => `t/${tenant}/`,
  /** What belongs to no tenant: their list, the hashes of API keys, the audit's lines. */
  registry: (kind: string) => `system/${kind}/`,
  /** @param day such as 2026-01-31 */
  audit: (day: string, id: string) => `system/audit/${day}/${id}.json`,
  audits: 'system/audit/',
  /** Weights of tools' engines, by the id of the catalogue; they belong to no tenant. */
  weights: (id: string) => `weights/${id}/`,
  weightsReceipt: (id: string) => `weights/${id}/receipt.json`,
  weightsFile: (id: string, sha256: string) => `weights/${id}/${sha256}`,
  toolCache: (tenant: string, digest: string) => `t/${tenant}/cache/${digest.slice(0, 2)}/${digest}.json`,
} as const;

/** Model ids may hold slashes and colons; queue names and keys may not. Distinct ids give distinct slugs. */
export function slugOf(modelId: string): string {
  const plain = modelId.toLowerCase();
  if (/^[a-z0-9][a-z0-9._-]*$/.test(modelId)) return modelId;
  const safe = plain.replace(/[^a-z0-9._-]/g, '-').replace(/^[^a-z0-9]+/, '');
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(modelId)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return `${safe}~${hash.toString(16).padStart(8, '0')}`;
}
