/**
 * The run record in Redis. Each change is one Lua script that compares before it writes; nothing else writes a run.
 * All times are Redis' own, so that clocks of workers never matter.
 */
import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';
import {
  type Outcome,
  RECORD_VERSION,
  type Run,
  type RunConfig,
  type RunStatus,
  runStatus,
  type StepJob,
} from '../contract.ts';
import { keys } from '../keys.ts';
import { spentBudget } from './budget.ts';
import type { Transition } from './run-machine.ts';
import { knownConfig, NO_USAGE, type Position, positionOf, RECORD_FIELDS, readRun } from './run-record.ts';

export type Begun =
  | { readonly is: 'ok'; readonly run: Run; readonly now: number }
  | { readonly is: 'stale'; readonly position: Position }
  | { readonly is: 'quarantine' }
  | { readonly is: 'gone' };

export type Advanced =
  | { readonly is: 'ok'; readonly begunAt: number; readonly now: number }
  | { readonly is: 'stale' | 'cancelled' | 'gone' };

export type Ended =
  | { readonly is: 'ok'; readonly position: Position; readonly before: RunStatus }
  | { readonly is: 'ended'; readonly status: RunStatus }
  | { readonly is: 'moved' | 'gone' };

export type Overdue =
  | {
      readonly is: 'ok';
      readonly position: Position;
      /** Redis' time, epoch milliseconds. */
      readonly now: number;
      /** How often this very step was handed out anew. */
      readonly reissued: number;
      readonly config: RunConfig;
      readonly holder: string | undefined;
    }
  | { readonly is: 'moved' | 'not_due' | 'gone' };

export interface RunStore {
  /** @returns false when a run of this id exists already (it is left alone), or was deleted of late */
  create(run: { id: string; tenant: string; config: RunConfig }): Promise<boolean>;
  /** pending -> running; answers with the position also where the run is past that, undefined when it is gone. */
  start(runId: string): Promise<{ position: Position; started: boolean } | undefined>;
  begin(job: StepJob, options: { quarantineAt: number }): Promise<Begun>;
  advance(job: StepJob, transition: Transition): Promise<Advanced>;
  /** Gives a step back. @returns attempts spent so far; undefined when the record has moved on */
  release(job: StepJob, options: { spend: boolean; waitMs: number }): Promise<number | undefined>;
  end(runId: string, outcome: Outcome, guard?: { tenant?: string; job?: StepJob }): Promise<Ended>;
  close(runId: string, keepSeconds: number): Promise<'ok' | 'closed' | 'open' | 'gone'>;
  read(runId: string): Promise<Run | undefined>;
  /** Runs of a shard whose due time has passed, oldest first. */
  overdue(shards: readonly number[], most: number): Promise<readonly string[]>;
  look(runId: string): Promise<Overdue>;
  postpone(runId: string, waitMs: number): Promise<void>;
  reissue(runId: string, seen: Position, waitMs: number): Promise<Overdue>;
  remove(runId: string): Promise<void>;
}

const lua = (name: string): string => readFileSync(new URL(`../lua/${name}.lua`, import.meta.url), 'utf8');

type Values = readonly (string | number | null)[];
type Reply = readonly (string | number | null)[];
type Script = (...args: (string | number)[]) => Promise<Reply>;
interface Scripts {
  readonly cotaCreate: Script;
  readonly cotaStart: Script;
  readonly cotaBegin: Script;
  readonly cotaAdvance: Script;
  readonly cotaRelease: (...args: (string | number)[]) => Promise<number>;
  readonly cotaEnd: Script;
  readonly cotaClose: (...args: (string | number)[]) => Promise<'ok' | 'closed' | 'open' | 'gone'>;
  readonly cotaReissue: Script;
}

/**
 * @param redis a connection of the process' own choice: one that waits for Redis, or one that fails fast
 * @param dueMs a run without progress for this long is looked at by the sweeper
 */
export function openRunStore(redis: Redis, dueMs: number): RunStore {
  redis.defineCommand('cotaCreate', { numberOfKeys: 4, lua: lua('create') });
  redis.defineCommand('cotaStart', { numberOfKeys: 3, lua: lua('start') });
  redis.defineCommand('cotaBegin', { numberOfKeys: 1, lua: lua('begin') });
  redis.defineCommand('cotaAdvance', { numberOfKeys: 3, lua: lua('advance') });
  redis.defineCommand('cotaRelease', { numberOfKeys: 2, lua: lua('release') });
  redis.defineCommand('cotaEnd', { numberOfKeys: 3, lua: lua('end') });
  redis.defineCommand('cotaClose', { numberOfKeys: 3, lua: lua('close') });
  redis.defineCommand('cotaReissue', { numberOfKeys: 2, lua: lua('reissue') });
  const scripts = redis as unknown as Scripts;
  const two = (id: string): [string, string] => [keys.run(id), keys.due(id)];
  const three = (id: string): [string, string, string] => [keys.run(id), keys.due(id), keys.events(id)];
  /** A pending run is owned by admission; this is only the net below it. */
  const pendingDueMs = Math.max(dueMs * 10, 600_000);

  const reissue = async (runId: string, mode: string, waitMs: number, seen?: Position): Promise<Overdue> => {
    const reply = await scripts.cotaReissue(...two(runId), runId, mode, waitMs, seen?.step ?? '', seen?.epoch ?? '');
    const is = reply[0] as 'ok' | 'moved' | 'not_due' | 'gone';
    if (is !== 'ok') return { is };
    return {
      is,
      position: positionOf(reply[1], reply[2], reply[3], reply[4]),
      now: Number(reply[5]),
      reissued: Number(reply[6]),
      config: JSON.parse(String(reply[7])) as RunConfig,
      holder: reply[8] ? String(reply[8]) : undefined,
    };
  };

  return {
    async create({ id, tenant, config }) {
      // The step of a call that no model took is recorded by its intake, which thus has its number, and may have nothing
      // to take in.
      const isCall = config.call !== undefined;
      const needsIntake = config.sources.length > 0 || isCall;
      const fields: (string | number)[] = [
        'version',
        RECORD_VERSION,
        'tenant',
        tenant,
        'config',
        JSON.stringify(config),
      ];
      fields.push('kind', needsIntake ? 'intake' : 'model', 'step', needsIntake && !isCall ? -1 : 0);
      // A run may be allowed one reply from the start. No transition leads to its first turn to say so.
      const spent = needsIntake ? undefined : spentBudget({ budgets: config.budgets }, NO_USAGE, 0);
      if (spent !== undefined) fields.push('answerNow', spent);
      const reply = await scripts.cotaCreate(
        ...[...three(id), keys.deleted(id)],
        ...[id, pendingDueMs, config.deadline ?? '', ...fields],
      );
      return reply[0] === 'created';
    },
    async start(runId) {
      const reply = await scripts.cotaStart(...three(runId), runId, dueMs);
      if (reply[0] === 'gone') return undefined;
      return { position: positionOf(reply[1], reply[2], reply[3], reply[4]), started: reply[0] === 'ok' };
    },
    async begin(job, { quarantineAt }) {
      const config = knownConfig(job.runId);
      const reply = await scripts.cotaBegin(keys.run(job.runId), job.step, job.epoch, quarantineAt, config ? 0 : 1);
      if (reply[0] === 'ok') {
        const parts = reply as unknown as readonly Values[];
        const steps = parts.length > 4 ? parts.slice(3).flat() : (parts[3] ?? []);
        return { is: 'ok', now: Number(reply[1]), run: readRun(job.runId, parts[2] ?? [], steps, config) };
      }
      if (reply[0] === 'stale') return { is: 'stale', position: positionOf(reply[1], reply[2], reply[3], reply[4]) };
      return { is: reply[0] as 'quarantine' | 'gone' };
    },
    async advance(job, transition) {
      const finished = transition.finished.map((item) => JSON.stringify(item));
      const fields: (string | number)[] = [];
      if (transition.images) fields.push('images', JSON.stringify(transition.images));
      if (transition.usage) fields.push('usage', JSON.stringify(transition.usage));
      if (transition.turn !== undefined) fields.push('turn', transition.turn);
      if (transition.answerNow !== undefined) fields.push('answerNow', transition.answerNow);
      if (transition.holder !== undefined) fields.push('holder', transition.holder);
      if (transition.outcome) fields.push('outcome', JSON.stringify(transition.outcome));
      const reply = await scripts.cotaAdvance(
        ...three(job.runId),
        ...[job.runId, job.step, job.epoch, dueMs, transition.status, transition.kind, transition.step],
        ...[finished.length, ...finished],
        ...fields,
      );
      if (reply[0] !== 'ok') return { is: reply[0] as 'stale' | 'cancelled' | 'gone' };
      return { is: 'ok', begunAt: Number(reply[1]), now: Number(reply[2]) };
    },
    async release(job, { spend, waitMs }) {
      const fails = await scripts.cotaRelease(
        ...two(job.runId),
        ...[job.runId, job.step, job.epoch, spend ? 1 : 0, waitMs + dueMs],
      );
      return fails < 0 ? undefined : fails;
    },
    async end(runId, result, guard = {}) {
      const reply = await scripts.cotaEnd(
        ...three(runId),
        ...[runId, JSON.stringify(result), dueMs, guard.tenant ?? '', guard.job?.step ?? '', guard.job?.epoch ?? ''],
      );
      if (reply[0] === 'ok') {
        return {
          is: 'ok',
          position: positionOf('finalizing', 'finalize', reply[1], reply[2]),
          before: runStatus.parse(reply[3]),
        };
      }
      if (reply[0] === 'ended') return { is: 'ended', status: runStatus.parse(reply[1]) };
      return { is: reply[0] as 'moved' | 'gone' };
    },
    close: (runId, keepSeconds) => scripts.cotaClose(...three(runId), runId, keepSeconds),
    async read(runId) {
      const record = await redis.hgetall(keys.run(runId));
      if (Object.keys(record).length === 0) return undefined;
      const steps: (string | undefined)[] = [];
      for (let index = 0; record[`s:${index}`] !== undefined; index++)
        steps.push(record[`s:${index}`], record[`t:${index}`]);
      const values = RECORD_FIELDS.map((name) => record[name]);
      return readRun(runId, values, steps);
    },
    async overdue(shards, most) {
      const [seconds, micros] = await redis.time();
      const now = Number(seconds) * 1000 + Math.floor(Number(micros) / 1000);
      const pipeline = redis.pipeline();
      for (const shard of shards) pipeline.zrangebyscore(keys.dueShard(shard), '-inf', String(now), 'LIMIT', 0, most);
      const replies = (await pipeline.exec()) ?? [];
      return replies.flatMap(([error, ids]) => {
        if (error) throw error;
        return ids as string[];
      });
    },
    look: (runId) => reissue(runId, 'look', 0),
    postpone: async (runId, waitMs) => void (await reissue(runId, 'wait', waitMs)),
    reissue: (runId, seen, waitMs) => reissue(runId, 'reissue', waitMs, seen),
    async remove(runId) {
      await redis.del(keys.run(runId), keys.events(runId));
      await redis.zrem(keys.due(runId), runId);
    },
  };
}
