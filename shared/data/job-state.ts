/** The live state of a data job in Redis: each change is one Lua script. All times are Redis' own. */
import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { keys } from '../keys.ts';
import { type DataJob, dataJobStatus, type StageProgress } from './job.ts';

/** Stands where else the number of a shard does: the stage's shards are still to be found. */
export const PLAN = 'plan';

/** What a worker is told to do: a hint, which may be late or come twice. */
export interface DataHint {
  readonly jobId: string;
  /** Number of the stage, from 0. */
  readonly stage: number;
  /** `plan`, or the number of the shard with six digits, so that their names sort as they do. */
  readonly shard: string;
}

/** A hint, and what tells it from an earlier one for the same shard. */
export type TakenHint = DataHint & { readonly serial: number };

export type BegunShard =
  | { readonly is: 'gone' | 'stale' }
  /** Somebody else has it; with the ms until that one counts as dead. */
  | { readonly is: 'busy'; readonly ms: number }
  | {
      readonly is: 'ok';
      readonly tenant: string;
      /** Its name; '' where this worker knows no such stage. */
      readonly stage: string;
      /** Tries that ended without a word: a machine or a data worker died. */
      readonly lost: number;
      /** Tries that ended the process that made them. */
      readonly crashes: number;
    };

export type ShardResult =
  | { readonly is: 'done'; readonly rows: number; readonly counts: Readonly<Record<string, number>> }
  | { readonly is: 'planned'; readonly shards: number }
  | { readonly is: 'later'; readonly ms: number; readonly note: string }
  | { readonly is: 'retry'; readonly ms: number; readonly note: string }
  | { readonly is: 'crashed' | 'back' };

export interface SettledShard {
  readonly is: 'ok' | 'stale' | 'over';
  /** How often this has happened to the shard, of `retry` and `crashed`. */
  readonly times: number;
}

/** All that Redis knows beside the document. */
export type LiveDataJob = Pick<DataJob, 'status' | 'stages' | 'error' | 'note' | 'startedAt' | 'endedAt'> & {
  readonly tenant: string;
};

export interface DataJobState {
  /** @returns false where it has a state already */
  create(job: Pick<DataJob, 'id' | 'tenant' | 'createdAt'>): Promise<boolean>;
  read(id: string): Promise<LiveDataJob | undefined>;
  /** @param window shards that may be in hand at a time; left out: as was last said */
  take(id: string, dueMs: number, window?: number): Promise<readonly TakenHint[]>;
  /** @param stages names of all stages, pinned by whoever comes first */
  begin(hint: DataHint, token: string, holdMs: number, stages: readonly string[]): Promise<BegunShard>;
  /** @returns false where the shard must be let go */
  beat(hint: DataHint, token: string, holdMs: number, progress: number | undefined): Promise<boolean>;
  settle(hint: DataHint, token: string, result: ShardResult): Promise<SettledShard>;
  /** @returns false where it was over */
  end(id: string, status: 'failed' | 'cancelled', error?: DataJob['error']): Promise<boolean>;
  /** Shards whose hint should be looked after. */
  overdue(id: string): Promise<readonly TakenHint[]>;
  /** Its hint is still there (`dueMs` until the next look), or it is lost (0: handed out anew). */
  lookedAfter(hint: DataHint, dueMs: number): Promise<void>;
  /** A batch that the job has had made, so that it ends with the job. */
  noteBatch(id: string, batchId: string): Promise<void>;
  batches(id: string): Promise<readonly string[]>;
  /** Does a worker still have a shard of it in hand? */
  isHeld(id: string): Promise<boolean>;
  /** The state goes after so many seconds, 0 = now. */
  forget(id: string, afterS: number): Promise<void>;
}

/** All that Redis has of a job, its batches last. */
export function dataJobKeys(id: string): string[] {
  return [
    ...[keys.dataJob(id), keys.dataOpen(id), keys.dataWaiting(id), keys.dataHeld(id)],
    ...[keys.dataMarks(id), keys.dataProgress(id), keys.dataCounts(id), keys.dataBatches(id)],
  ];
}

type Script = (...args: (string | number)[]) => Promise<unknown>;
const luaOf = (name: string): string => readFileSync(new URL(`../lua/data-${name}.lua`, import.meta.url), 'utf8');

export function openDataJobState(redis: Redis): DataJobState {
  const script = (name: string, numberOfKeys: number): Script => {
    const command = `cotaData${name}`;
    redis.defineCommand(command, { numberOfKeys, lua: luaOf(name) });
    return (redis as unknown as Readonly<Record<string, Script>>)[command]?.bind(redis) as Script;
  };
  const create = script('create', 2);
  const take = script('take', 4);
  const begin = script('begin', 4);
  const beat = script('beat', 4);
  const settle = script('settle', 7);
  const end = script('end', 4);
  const note = script('note', 2);
  const settled = (id: string): string[] => dataJobKeys(id).slice(0, -1);
  const nowMs = async (): Promise<number> => {
    const [seconds, micros] = await redis.time();
    return Number(seconds) * 1000 + Math.floor(Number(micros) / 1000);
  };

  return {
    create: async ({ id, tenant, createdAt }) =>
      (await create(keys.dataJob(id), keys.dataOpen(id), tenant, createdAt)) === 1,
    async read(id) {
      const [job, counts, progress, waiting] = await Promise.all([
        redis.hgetall(keys.dataJob(id)),
        redis.hgetall(keys.dataCounts(id)),
        redis.hvals(keys.dataProgress(id)),
        redis.zcard(keys.dataWaiting(id)),
      ]);
      return job.status === undefined ? undefined : liveOf(job, counts, progress, waiting);
    },
    async take(id, dueMs, window) {
      const of = [keys.dataJob(id), keys.dataOpen(id), keys.dataWaiting(id), keys.dataMarks(id)];
      const [stage, serial, ...shards] = (await take(...of, dueMs, window ?? '')) as string[];
      return shards.map((shard) => ({ jobId: id, stage: Number(stage), shard, serial: Number(serial) }));
    },
    async begin({ jobId, stage, shard }, token, holdMs, stages) {
      const of = [keys.dataJob(jobId), keys.dataOpen(jobId), keys.dataHeld(jobId), keys.dataMarks(jobId)];
      const reply = (await begin(...of, stage, shard, token, holdMs, JSON.stringify(stages))) as string[];
      const [is, first = '', second = '', lost, crashes] = reply;
      if (is === 'busy') return { is, ms: Number(first) };
      if (is !== 'ok') return { is: is === 'gone' ? 'gone' : 'stale' };
      return { is, tenant: first, stage: second, lost: Number(lost), crashes: Number(crashes) };
    },
    async beat({ jobId, shard }, token, holdMs, progress) {
      const of = [keys.dataJob(jobId), keys.dataOpen(jobId), keys.dataHeld(jobId), keys.dataProgress(jobId)];
      return (await beat(...of, shard, token, holdMs, progress === undefined ? '' : progress.toFixed(4))) === 1;
    },
    async settle({ jobId, shard }, token, result) {
      const [is, times] = (await settle(...settled(jobId), shard, token, ...wordsOf(result))) as string[];
      return { is: is === 'ok' || is === 'over' ? is : 'stale', times: Number(times ?? 0) };
    },
    async end(id, status, error) {
      const of = [keys.dataJob(id), keys.dataOpen(id), keys.dataWaiting(id), keys.dataProgress(id)];
      return (await end(...of, status, error ? JSON.stringify(error) : '')) === 1;
    },
    async overdue(id) {
      const shards = await redis.zrangebyscore(keys.dataOpen(id), '(0', String(await nowMs()));
      if (shards.length === 0) return [];
      const [stage, serials] = await Promise.all([
        redis.hget(keys.dataJob(id), 'stage'),
        redis.hmget(keys.dataMarks(id), ...shards.map((shard) => `serial ${shard}`)),
      ]);
      return shards.map((shard, at) => ({
        jobId: id,
        stage: Number(stage ?? 0),
        shard,
        serial: Number(serials[at] ?? 0),
      }));
    },
    async lookedAfter({ jobId, shard }, dueMs) {
      const at = dueMs === 0 ? 0 : (await nowMs()) + dueMs;
      await redis.zadd(keys.dataOpen(jobId), 'XX', String(at), shard);
    },
    noteBatch: async (id, batchId) => void (await note(keys.dataJob(id), keys.dataBatches(id), batchId)),
    batches: (id) => redis.smembers(keys.dataBatches(id)),
    async isHeld(id) {
      const held = await redis.hvals(keys.dataHeld(id));
      if (held.length === 0) return false;
      const now = await nowMs();
      return held.some((one) => Number.parseInt(one, 10) > now);
    },
    async forget(id, afterS) {
      if (afterS === 0) await redis.unlink(...dataJobKeys(id));
      else for (const key of dataJobKeys(id)) await redis.expire(key, afterS);
    },
  };
}

function wordsOf(result: ShardResult): (string | number)[] {
  switch (result.is) {
    case 'done':
      return ['done', result.rows, ...Object.entries(result.counts).flat()];
    case 'planned':
      return ['planned', result.shards];
    case 'later':
    case 'retry':
      return [result.is, Math.max(0, Math.ceil(result.ms)), result.note.slice(0, 500)];
    default:
      return [result.is];
  }
}

const stageNames = z.array(z.string());
const errorSchema = z.object({ code: z.string(), message: z.string() });

function liveOf(
  job: Readonly<Record<string, string>>,
  counts: Readonly<Record<string, string>>,
  progress: readonly string[],
  waiting: number,
): LiveDataJob {
  const names = job.stages === undefined ? [] : stageNames.parse(JSON.parse(job.stages));
  const at = Number(job.stage ?? 0);
  const inHand = progress.reduce((sum, share) => sum + Number(share), 0);
  const stages = names.map((name, index): StageProgress => {
    const shards = Number(job[`shards ${index}`] ?? 0);
    const done = Number(job[`done ${index}`] ?? 0);
    const share = index < at ? 1 : index > at || shards === 0 ? 0 : Math.min(1, (done + inHand) / shards);
    const own = Object.entries(counts).filter(([key]) => key.startsWith(`${index} `));
    return {
      ...{ name, shards, done, progress: share, rows: Number(job[`rows ${index}`] ?? 0) },
      counts: Object.fromEntries(own.map(([key, value]) => [key.slice(key.indexOf(' ') + 1), Number(value)]).sort()),
      ...timesOf(job[`started ${index}`], job[`ended ${index}`]),
    };
  });
  const status = dataJobStatus.parse(job.status);
  const waits = waiting > 0 && status === 'in_progress' && job.note !== undefined && job.note !== '';
  return {
    ...{ tenant: job.tenant ?? '', status, stages },
    ...(job.error === undefined ? {} : { error: errorSchema.parse(JSON.parse(job.error)) }),
    ...(waits ? { note: job.note } : {}),
    ...timesOf(job.started, job.ended),
  };
}

const timesOf = (started: string | undefined, ended: string | undefined): { startedAt?: number; endedAt?: number } => ({
  ...(started === undefined ? {} : { startedAt: Number(started) }),
  ...(ended === undefined ? {} : { endedAt: Number(ended) }),
});
