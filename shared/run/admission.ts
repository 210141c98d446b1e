/**
 * Admission: the one function through which runs reach the queues. API, workers and scheduler call the same script:
 * a run enters its tenant's list and leaves it while the model's limit allows, tenants in turn.
 */
import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';
import type { RunConfig } from '../contract.ts';
import type { Fleet } from '../fleet.ts';
import { keys, slugOf } from '../keys.ts';
import { poolOfModel } from '../models/trained-id.ts';
import { type Queues, routeStep } from '../queues.ts';
import { CALLS, callsAtOnce } from './call.ts';
import type { RunStore } from './run-store.ts';

/** Share of the slots that stays for batch runs while any of them wait. */
const BATCH_SHARE = 0.1;
/** One part works, two wait: a GPU never idles between two steps, and a queue never hides a tenant's turn. */
const FLIGHTS_PER_SLOT = 3;
const CLASSES = ['interactive', 'batch'] as const;
/** Runs moved by one call of the script, so that it never holds Redis for long. */
const AT_ONCE = 100;

interface Entering {
  readonly id: string;
  readonly tenant: string;
  readonly priority: RunConfig['priority'];
}

interface Leaving {
  readonly id: string;
  readonly tenant: string;
  readonly config: Pick<RunConfig, 'model' | 'priority'>;
}

export interface Admission {
  /** A new run asks to be admitted; it starts now or when its turn comes. */
  enter(run: { readonly id: string; readonly tenant: string; readonly config: RunConfig }): Promise<void>;
  /** The same for some hundred runs of one model at a time. */
  enterMany(modelId: string, runs: readonly Entering[]): Promise<void>;
  /** A run that is over gives its slot to the next one, or its place among those that wait. */
  leave(run: Leaving): Promise<void>;
  /** Admits what may be admitted: after the fleet has grown, or on the scheduler's round. @returns runs admitted */
  admit(modelId: string): Promise<number>;
  /** Starts runs that were admitted by a process which then died, and lets go of closed ones. */
  reconcile(modelId: string, olderThanMs: number): Promise<void>;
  load(modelId: string): Promise<{ readonly pending: number; readonly inFlight: number; readonly limit: number }>;
}

const script = readFileSync(new URL('../lua/admit.lua', import.meta.url), 'utf8');

export function openAdmission(
  redis: Redis,
  store: RunStore,
  queues: Queues,
  fleet: Fleet,
  /** Runs in flight per model; 0 = by the fleet's concurrency. */
  fixedLimit: number,
): Admission {
  redis.defineCommand('cotaAdmit', { numberOfKeys: 4, lua: script });
  const admitScript = (
    redis as unknown as { cotaAdmit: (...args: (string | number)[]) => Promise<string[]> }
  ).cotaAdmit.bind(redis);

  const limitOf = (modelId: string): number => {
    if (fixedLimit > 0) return fixedLimit;
    return modelId === CALLS ? callsAtOnce(fleet) : fleet.concurrencyOf(modelId) * FLIGHTS_PER_SLOT;
  };

  async function call(model: string, ended?: Leaving, entering: readonly string[] = []): Promise<number> {
    const modelId = poolOfModel(model);
    const slug = slugOf(modelId);
    const limit = limitOf(modelId);
    const admitted = await admitScript(
      ...[keys.turn(slug, 'interactive'), keys.turn(slug, 'batch')],
      ...[keys.flight(slug, 'interactive'), keys.flight(slug, 'batch')],
      ...[keys.pendingPrefix(slug), limit, Math.ceil(limit * BATCH_SHARE), AT_ONCE],
      ...(ended ? [ended.id, ended.tenant, ended.config.priority] : ['', '', '']),
      ...entering,
    );
    const runs = admitted.flatMap((runId, index) =>
      index % 2 === 0 ? [{ runId, priority: admitted[index + 1] }] : [],
    );
    const taken = await Promise.all(
      runs.map(({ runId, priority }) => startRun(modelId, runId, priority === 'batch' ? 'batch' : 'interactive')),
    );
    // Runs that were cancelled while they waited have given their slots back: the next in line get them now.
    const more = taken.includes(false) ? await call(modelId) : 0;
    return runs.length + more;
  }

  /**
   * The first step of a run is intake or a model turn; neither needs more than model and class to be routed.
   * @returns false when the run is over: its slot is free again
   */
  async function startRun(modelId: string, runId: string, priority: RunConfig['priority']): Promise<boolean> {
    const position = (await store.start(runId))?.position;
    if (!position || position.status === 'closed') {
      await forget(slugOf(modelId), runId);
      return false;
    }
    if (position.status !== 'running' || position.step > 0) return true;
    const route = routeStep({ config: { model: modelId, priority }, holder: undefined }, position, () => false);
    await queues.enqueue(route, { runId, step: position.step, epoch: position.epoch });
    return true;
  }

  async function forget(slug: string, runId: string): Promise<void> {
    await redis.zrem(keys.flight(slug, 'interactive'), runId);
    await redis.zrem(keys.flight(slug, 'batch'), runId);
  }

  return {
    async enter({ id, tenant, config }) {
      await call(config.model, undefined, [id, tenant, config.priority]);
    },
    async enterMany(modelId, entering) {
      await call(
        modelId,
        undefined,
        entering.flatMap(({ id, tenant, priority }) => [id, tenant, priority]),
      );
    },
    async leave(run) {
      await call(run.config.model, run);
    },
    async admit(modelId) {
      let total = 0;
      for (;;) {
        const admitted = await call(modelId);
        total += admitted;
        if (admitted < AT_ONCE) return total;
      }
    },
    async reconcile(model, olderThanMs) {
      const modelId = poolOfModel(model);
      const slug = slugOf(modelId);
      const [seconds] = await redis.time();
      const before = Number(seconds) * 1000 - olderThanMs;
      for (const priority of CLASSES) {
        const old = await redis.zrangebyscore(keys.flight(slug, priority), '-inf', String(before), 'LIMIT', 0, 1_000);
        if (old.length === 0) continue;
        const pipeline = redis.pipeline();
        for (const runId of old) pipeline.hget(keys.run(runId), 'status');
        const replies = (await pipeline.exec()) ?? [];
        for (const [index, runId] of old.entries()) {
          const status = replies[index]?.[1];
          if (status === null || status === 'closed') await forget(slug, runId);
          else if (status === 'pending') await startRun(modelId, runId, priority);
        }
      }
    },
    async load(model) {
      const modelId = poolOfModel(model);
      const slug = slugOf(modelId);
      let pending = 0;
      let inFlight = 0;
      for (const priority of CLASSES) {
        const tenants = await redis.lrange(keys.turn(slug, priority), 0, -1);
        for (const tenant of tenants) pending += await redis.zcard(keys.pending(slug, priority, tenant));
        inFlight += await redis.zcard(keys.flight(slug, priority));
      }
      return { pending, inFlight, limit: limitOf(modelId) };
    },
  };
}
