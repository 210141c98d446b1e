/**
 * Who is there: each worker says every few seconds which queues it serves and how much it can do at a time. Admission
 * sizes itself by it, routing asks it whether a worker still lives, and the API shows models and tools that nobody
 * serves, since "queued for ever" is the likeliest first failure.
 */
import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { ToolSpec } from './contract.ts';
import { keys } from './keys.ts';
import { knownTools, readable } from './known-tools.ts';
import type { Log } from './telemetry.ts';

const card = z.object({
  id: z.string(),
  kind: z.enum(['model', 'tools', 'scheduler', 'api', 'webhooks']),
  pid: z.int(),
  host: z.string(),
  queues: z.array(z.string()),
  /** Those of them that end with this worker, or with the last one of its version. */
  ownQueues: z.array(z.string()).optional(),
  /** Model id -> steps at a time, for model workers. */
  models: z.record(z.string(), z.int().positive()),
  /** Model id -> version. */
  modelVersions: z.record(z.string(), z.string()).optional(),
  /** Names of the tools it carries out. */
  tools: z.array(z.string()),
  /** Name -> version. */
  toolVersions: z.record(z.string(), z.string()).optional(),
  /** Name -> what its operator has to do, for tools that this worker has without their weights or settings. */
  toolsNotReady: z.record(z.string(), z.string()).optional(),
  startedAt: z.number(),
  /** Model id -> why it takes no steps of that model now; models that are not named are served. */
  paused: z.record(z.string(), z.string()).optional(),
});
export type WorkerCard = z.infer<typeof card>;

export interface Fleet {
  workers(): readonly WorkerCard[];
  /** Also those that nobody carries out just now; see knownTools. */
  tools(): readonly ToolSpec[];
  isAlive(workerId: string): boolean;
  /** Steps of a model that the fleet can work on at a time. */
  concurrencyOf(modelId: string): number;
  refresh(): Promise<void>;
  close(): void;
}

/** Reads the fleet now and then every `everyMs`. */
export async function watchFleet(redis: Redis, everyMs: number, log: Log): Promise<Fleet> {
  let workers: readonly WorkerCard[] = [];
  let tools: readonly ToolSpec[] = [];
  let alive = new Set<string>();
  const refresh = async (): Promise<void> => {
    const ids = await redis.smembers(keys.workers);
    const cards = ids.length > 0 ? await redis.mget(ids.map(keys.worker)) : [];
    const gone = ids.filter((_, index) => cards[index] === null);
    if (gone.length > 0) await redis.srem(keys.workers, ...gone);
    workers = cards.flatMap((text) => readable(card, text));
    alive = new Set(workers.map((worker) => worker.id));
    tools = await knownTools(redis, new Set(workers.flatMap((worker) => worker.tools)));
  };
  await refresh();
  const timer = setInterval(() => {
    refresh().catch((error: unknown) => log.warn({ error }, 'cannot read the fleet; keeping what was known'));
  }, everyMs);
  return {
    workers: () => workers,
    tools: () => tools,
    isAlive: (id) => alive.has(id),
    concurrencyOf: (modelId) => workers.reduce((sum, worker) => sum + (worker.models[modelId] ?? 0), 0),
    refresh,
    close: () => clearInterval(timer),
  };
}

export interface Presence {
  update(change: Partial<WorkerCard>): Promise<void>;
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
  const beat = async (): Promise<void> => {
    const pipeline = redis.pipeline();
    pipeline.set(keys.worker(me.id), JSON.stringify(current), 'PX', everyMs * 3);
    pipeline.sadd(keys.workers, me.id);
    // With each beat: while nothing was heard of this worker, they may have been cleared away.
    if (current.ownQueues?.length) pipeline.sadd(keys.ownQueues, ...current.ownQueues);
    for (const spec of specs) pipeline.hset(keys.tools, spec.name, JSON.stringify(spec));
    for (const [error] of (await pipeline.exec()) ?? []) if (error) throw error;
  };
  await beat();
  const timer = setInterval(() => {
    beat().catch((error: unknown) => log.warn({ error }, 'cannot announce this worker; trying again'));
  }, everyMs);
  return {
    async update(change) {
      current = { ...current, ...change };
      await beat();
    },
    async leave() {
      clearInterval(timer);
      await redis.del(keys.worker(me.id));
      await redis.srem(keys.workers, me.id);
    },
  };
}
