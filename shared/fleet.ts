/**
 * Who is there: each worker says every few seconds which queues it serves and how much it can do at a time. Admission
 * sizes itself by it, routing asks it whether a worker still lives, and the API shows models and tools that nobody
 * serves, since "queued for ever" is the likeliest first failure.
 */
import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { ToolSpec } from './contract.ts';
import { keys } from './keys.ts';
import { type KnownTools, knownTools, OFFERED_FOR_MS, readable } from './known-tools.ts';
import { ALL_BASES, isTrainedName, poolOfModel } from './models/trained-id.ts';
import type { Log } from './telemetry.ts';

const card = z.object({
  id: z.string(),
  kind: z.enum(['model', 'tools', 'scheduler', 'api', 'webhooks', 'data', 'train']),
  pid: z.int(),
  host: z.string(),
  queues: z.array(z.string()),
  /** Those of them that end with this worker, or with the last one of its version. */
  ownQueues: z.array(z.string()).optional(),
  /** Model id -> steps at a time, for model workers. Trained models stand here by their pool, or all as ALL_BASES. */
  models: z.record(z.string(), z.int().positive()),
  /** Model id -> version; of trained models, by pool as above, those of all prompts, with `+` between. */
  modelVersions: z.record(z.string(), z.string()).optional(),
  /** Shards that it makes at a time, for data workers. */
  hands: z.int().positive().optional(),
  /** Fine-tuning jobs that it carries out at a time, for train workers. */
  trainings: z.int().positive().optional(),
  /** Names of the tools it carries out. */
  tools: z.array(z.string()),
  /** Name -> version. */
  toolVersions: z.record(z.string(), z.string()).optional(),
  /** Name -> what its operator has to do, for tools that this worker has without their weights or settings. */
  toolsNotReady: z.record(z.string(), z.string()).optional(),
  /** MCP server of tools.yaml -> why it is away, for those that were never there, so that nobody knows their tools. */
  serversAway: z.record(z.string(), z.string()).optional(),
  startedAt: z.number(),
  /** Model id -> why it takes no steps of that model now; models that are not named are served. */
  paused: z.record(z.string(), z.string()).optional(),
});
export type WorkerCard = z.infer<typeof card>;

export interface Fleet {
  workers(): readonly WorkerCard[];
  /** Also those that nobody carries out just now; see knownTools. */
  tools(): readonly ToolSpec[];
  /** Name -> why runs that name no tools do without it for now: nobody serves it, or no worker has what it needs. */
  withheld(): ReadonlyMap<string, string>;
  isAlive(workerId: string): boolean;
  /** Steps of a model that the fleet can work on at a time. */
  concurrencyOf(modelId: string): number;
  refresh(): Promise<void>;
  close(): void;
}

/** Reads the fleet now and then every `everyMs`. */
export async function watchFleet(redis: Redis, everyMs: number, log: Log): Promise<Fleet> {
  let workers: readonly WorkerCard[] = [];
  let known: KnownTools = { specs: [], departed: new Set() };
  let withheld: ReadonlyMap<string, string> = new Map();
  let alive = new Set<string>();
  const refresh = async (): Promise<void> => {
    const ids = await redis.smembers(keys.workers);
    const cards = ids.length > 0 ? await redis.mget(ids.map(keys.worker)) : [];
    const gone = ids.filter((_, index) => cards[index] === null);
    if (gone.length > 0) await redis.srem(keys.workers, ...gone);
    workers = cards.flatMap((text) => readable(card, text));
    alive = new Set(workers.map((worker) => worker.id));
    known = await knownTools(redis, new Set(workers.flatMap((worker) => worker.tools)));
    withheld = withheldOf(known, workers, withheld);
  };
  await refresh();
  const timer = setInterval(() => {
    refresh().catch((error: unknown) => log.warn({ error }, 'cannot read the fleet; keeping what was known'));
  }, everyMs);
  return {
    workers: () => workers,
    tools: () => known.specs,
    withheld: () => withheld,
    isAlive: (id) => alive.has(id),
    concurrencyOf: (modelId) => workers.reduce((sum, worker) => sum + (ofModel(worker.models, modelId) ?? 0), 0),
    refresh,
    close: () => clearInterval(timer),
  };
}

/** What a worker says of a model, be it by its id, its pool or of all that were trained. */
export function ofModel<T>(said: Readonly<Record<string, T>> | undefined, modelId: string): T | undefined {
  const pool = poolOfModel(modelId);
  return said?.[pool] ?? (isTrainedName(pool) ? said?.[ALL_BASES] : undefined);
}

/**
 * What living workers say of a tool.
 * @returns missing: what its operator has to do, where none of them has all it needs
 */
export function readinessOf(
  name: string,
  workers: readonly WorkerCard[],
): { readonly workers: number; readonly ready: number; readonly missing: string | undefined } {
  const serving = workers.filter((worker) => worker.tools.includes(name));
  const remedies = serving.map((worker) => worker.toolsNotReady?.[name]);
  const ready = remedies.filter((remedy) => remedy === undefined).length;
  return { workers: serving.length, ready, missing: ready > 0 ? undefined : remedies[0] };
}

/** @param before what was not ready stays so while its workers are away: a restart brings no weights */
function withheldOf(
  { specs, departed }: KnownTools,
  workers: readonly WorkerCard[],
  before: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const reasons = specs.flatMap(({ name }): [string, string][] => {
    if (departed.has(name)) return [[name, `no worker has served it for ${OFFERED_FOR_MS / 60_000} minutes`]];
    const { workers: serving, missing } = readinessOf(name, workers);
    const reason = serving > 0 ? missing : before.get(name);
    return reason === undefined ? [] : [[name, reason]];
  });
  return new Map(reasons);
}

export interface Presence {
  /** @param specs of its tools, where they have changed too */
  update(change: Partial<WorkerCard>, specs?: readonly ToolSpec[]): Promise<void>;
  leave(): Promise<void>;
}

/** Announces this process until `leave`; a process that dies is forgotten after three missed beats. */
export async function announce(
  redis: Redis,
  me: WorkerCard,
  specs: readonly ToolSpec[],
  everyMs: number,
  log: Log,
): Promise<Presence> {
  let current = me;
  let tools = specs;
  const beat = async (): Promise<void> => {
    const pipeline = redis.pipeline();
    pipeline.set(keys.worker(me.id), JSON.stringify(current), 'PX', everyMs * 3);
    pipeline.sadd(keys.workers, me.id);
    // With each beat: while nothing was heard of this worker, they may have been cleared away.
    if (current.ownQueues?.length) pipeline.sadd(keys.ownQueues, ...current.ownQueues);
    for (const spec of tools) pipeline.hset(keys.tools, spec.name, JSON.stringify(spec));
    for (const [error] of (await pipeline.exec()) ?? []) if (error) throw error;
  };
  await beat();
  const timer = setInterval(() => {
    beat().catch((error: unknown) => log.warn({ error }, 'cannot announce this worker; trying again'));
  }, everyMs);
  return {
    async update(change, changed) {
      current = { ...current, ...change };
      tools = changed ?? tools;
      await beat();
    },
    async leave() {
      clearInterval(timer);
      await redis.del(keys.worker(me.id));
      await redis.srem(keys.workers, me.id);
    },
  };
}
