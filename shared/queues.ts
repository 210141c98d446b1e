/** The only owner of queue names, job ids and job options. A job is a hint: `{runId, step, epoch}` and nothing more. */
import { readFileSync } from 'node:fs';
import { type ConnectionOptions, Queue, QueueKeys } from 'bullmq';
import type { Redis } from 'ioredis';
import type { RunConfig, StepJob, StepKind } from './contract.ts';
import { slugOf } from './keys.ts';
import { isTrainedName } from './models/trained-id.ts';
import type { Position } from './run/run-record.ts';

export const FINALIZE = 'finalize';
export const INTAKE = 'tools.intake';
/** Shards of data jobs; see shared/data/job-queue.ts. */
export const DATA = 'data';
/** Fine-tuning jobs; see shared/train/job-queue.ts. */
export const TRAIN = 'train';
/** Turns of all models that the cluster has trained; no slug of a model is like this. */
export const TRAINED = 'model.trained~';
export const modelQueue = (modelId: string): string => (isTrainedName(modelId) ? TRAINED : `model.${slugOf(modelId)}`);
/** A worker's own queue: turns of runs whose prefix lies in its cache. */
export const holderQueue = (modelId: string, workerId: string): string =>
  `${modelQueue(modelId)}.at.${workerId.replace(/[^A-Za-z0-9._-]/g, '-')}`;
/** The model whose turns a queue holds, shared, a worker's own or a version's; undefined when it is none of `modelIds`. */
export const modelOf = (queue: string, modelIds: readonly string[]): string | undefined =>
  modelIds.find((id) => modelQueue(id) === queue) ??
  modelIds.find((id) => [holderQueue(id, ''), versionQueue(modelQueue(id), '')].some((own) => queue.startsWith(own)));
/** What the queues of all tools begin with. */
export const TOOL_QUEUES = 'tools';
/**
 * Beside the queue `base`: for steps that only workers of one version shall do. It lives as long as they do.
 * @param version of a model; of tools, that of all that a worker carries out
 */
export const versionQueue = (base: string, version: string): string => `${base}.v.${version}`;
export const toolQueue = (pool: string): string => `tools.${pool}`;
/** Steps that crashed their process twice; each worker process takes one at a time, in a child process. */
export const quarantineOf = (queue: string): string => `quarantine.${queue}`;

/** Each queue has its own hash tag, so that queues spread over the nodes of a Redis Cluster. */
export const prefixOf = (queue: string): string => `{${queue}}`;

/** Key of a job in Redis, to ask whether it is still there. */
export const jobKey = (queue: string, jobId: string): string => `${prefixOf(queue)}:${queue}:${jobId}`;

/** Unique per step and epoch, so that a second hint for the same work is dropped while the first one lives. */
export const jobIdOf = (job: StepJob): string => `${job.runId}-${job.step}-${job.epoch}`;
/** The hint that a job id stands for; undefined where it is none of ours. */
export function jobOfId(jobId: string): StepJob | undefined {
  const [, runId, step, epoch] = /^(run_[0-9a-z]+)-(-?\d+)-(\d+)$/.exec(jobId) ?? [];
  return runId === undefined ? undefined : { runId, step: Number(step), epoch: Number(epoch) };
}

/**
 * BullMQ's priorities: none goes before 1, 1 before 2. Started runs are finished before new ones are begun, and
 * interactive runs go before batch runs.
 */
export function priorityOf(config: Pick<RunConfig, 'priority'>, step: number): number {
  const isNew = step <= 0;
  if (config.priority === 'interactive') return isNew ? 1 : 0;
  return isNew ? 3 : 2;
}

export interface Route {
  readonly queue: string;
  readonly priority: number;
}

/** Alone decides where a step goes. `holderAlive`: is the worker that keeps this run's prefix still there? */
export function routeStep(
  run: {
    readonly config: Pick<RunConfig, 'model' | 'priority'>;
    readonly holder: string | undefined;
    readonly pool?: string | undefined;
  },
  position: Pick<Position, 'kind' | 'step'>,
  holderAlive: (workerId: string) => boolean,
): Route {
  const priority = priorityOf(run.config, position.step);
  switch (position.kind) {
    case 'intake':
      return { queue: INTAKE, priority };
    case 'action':
      return { queue: toolQueue(run.pool ?? 'cpu'), priority };
    case 'finalize':
      return { queue: FINALIZE, priority: 0 };
    case 'model': {
      const stays = run.holder !== undefined && holderAlive(run.holder);
      return {
        queue: stays && run.holder ? holderQueue(run.config.model, run.holder) : modelQueue(run.config.model),
        priority,
      };
    }
  }
}

export interface Queues {
  /** Adds a hint; a hint with the same id that is still there makes this a no-op. */
  enqueue(route: Route, job: StepJob, delayMs?: number): Promise<void>;
  /** Is the hint still in its queue (waiting, delayed or being worked on)? */
  holds(queue: string, job: StepJob): Promise<boolean>;
  counts(queue: string): Promise<Record<string, number>>;
  /** Steps that wait in it for a worker. */
  waiting(queue: string): Promise<number>;
  get(queue: string): Queue<StepJob>;
  /**
   * Removes a queue that nobody serves any more.
   * @param expendable ids of jobs that may go with it
   * @returns ids of other jobs that are in it; none = it is gone
   */
  forget(queue: string, expendable?: readonly string[]): Promise<readonly string[]>;
  close(): Promise<void>;
}

const forgetScript = readFileSync(new URL('./lua/forget.lua', import.meta.url), 'utf8');

export function openQueues(redis: Redis): Queues {
  const open = new Map<string, Queue<StepJob>>();
  const get = (name: string): Queue<StepJob> => {
    let queue = open.get(name);
    if (!queue) {
      queue = new Queue<StepJob>(name, {
        connection: redis as ConnectionOptions,
        prefix: prefixOf(name),
        // Nothing of ours reads BullMQ's event stream; the run's own stream is what clients see.
        streams: { events: { maxLen: 10 } },
        skipWaitingForReady: true,
      });
      queue.on('error', () => undefined);
      open.set(name, queue);
    }
    return queue;
  };
  return {
    get,
    async enqueue(route, job, delayMs = 0) {
      // Options are stored with each job and come back with it, so only those that say something are given. That a job
      // is removed when it is done is said once, by the worker.
      const options = {
        jobId: jobIdOf(job),
        ...(route.priority > 0 ? { priority: route.priority } : {}),
        ...(delayMs > 0 ? { delay: delayMs } : {}),
      };
      await get(route.queue).add('step', job, options);
    },
    holds: async (queue, job) => (await redis.exists(jobKey(queue, jobIdOf(job)))) === 1,
    counts: (queue) => get(queue).getJobCounts('waiting', 'active', 'delayed', 'prioritized', 'failed'),
    async waiting(queue) {
      const counts = await get(queue).getJobCounts('waiting', 'prioritized');
      return Object.values(counts).reduce((sum, jobs) => sum + jobs, 0);
    },
    async forget(queue, expendable = []) {
      const { wait, active, delayed, prioritized, '': _, ...others } = new QueueKeys(prefixOf(queue)).getKeys(queue);
      const all = [wait, active, delayed, prioritized, ...Object.values(others)] as string[];
      const kept = await redis.eval(forgetScript, all.length, ...all, jobKey(queue, ''), ...expendable);
      if ((kept as string[]).length === 0) {
        await open.get(queue)?.close();
        open.delete(queue);
      }
      return kept as string[];
    },
    async close() {
      await Promise.all([...open.values()].map((queue) => queue.close()));
    },
  };
}

/** The pool that carries out the action at `step`; undefined where the step is no action. */
export function poolOf(run: {
  readonly config: RunConfig;
  readonly steps: readonly ({ readonly kind: string } & Partial<{ actions: readonly { name: string }[] }>)[];
  readonly turn: number;
  readonly step: number;
  readonly kind: StepKind;
}): string | undefined {
  if (run.kind !== 'action') return undefined;
  const name = run.steps[run.turn]?.actions?.[run.step - run.turn - 1]?.name;
  return run.config.tools.find((tool) => tool.name === name)?.pool;
}
