/** The live state of a fine-tuning job in Redis: each change is one Lua script. All times are Redis' own. */
import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';
import { keys } from '../keys.ts';
import {
  type NewTrainEvent,
  type TrainError,
  type TrainEvent,
  type TrainJob,
  type TrainProgress,
  trainError,
  trainEvent,
  trainStatus,
} from './job.ts';

/** All that Redis knows beside the document. */
export type LiveTrainJob = Pick<TrainJob, 'status' | 'progress' | 'error' | 'note' | 'startedAt' | 'endedAt'> & {
  readonly tenant: string;
  /** Events so far. */
  readonly events: number;
  /** Those of them that lie in full files of the store. */
  readonly kept: number;
  readonly serial: number;
  /** Epoch milliseconds at which its hint is to be looked after. */
  readonly due: number;
  readonly isHeld: boolean;
  /** It was given back for a while, which is not over. */
  readonly pauses: boolean;
};

export type BegunTrainJob =
  | { readonly is: 'gone' }
  /** Somebody else has it, or it pauses; with the ms until it can be taken. */
  | { readonly is: 'busy'; readonly ms: number }
  /** `lost`: workers or machines that died with it in hand since it last made progress. */
  | { readonly is: 'ok'; readonly tenant: string; readonly lost: number };

export type TrainSettled =
  /** Given back, to be taken up at once. */
  | { readonly is: 'back' }
  /** Taken up after a pause; `retry` counts, and its pause doubles each time. */
  | { readonly is: 'wait' | 'retry'; readonly ms: number; readonly note: string; readonly event?: NewTrainEvent }
  | { readonly is: 'succeeded'; readonly event: NewTrainEvent };

export interface Tail {
  readonly kept: number;
  readonly events: readonly TrainEvent[];
}

export interface TrainJobState {
  /** @param had events that the store has of it already, the last ones that are in no full file as they are */
  create(
    job: Pick<TrainJob, 'id' | 'tenant' | 'createdAt'>,
    had?: { readonly kept: number; readonly rest: readonly TrainEvent[] },
  ): Promise<boolean>;
  read(id: string): Promise<LiveTrainJob | undefined>;
  /** @returns the number of a new hint, where one is due */
  take(id: string, dueMs: number): Promise<number | undefined>;
  lookedAfter(id: string, dueMs: number): Promise<void>;
  begin(id: string, token: string, holdMs: number): Promise<BegunTrainJob>;
  /** @returns false where the job must be let go */
  beat(id: string, token: string, holdMs: number, progress?: TrainProgress): Promise<boolean>;
  /** @returns how many events there are and how many lie in full files; undefined where it is not one's own to tell */
  event(id: string, token: string, event: NewTrainEvent): Promise<{ kept: number; events: number } | undefined>;
  /** The trainer died. @returns how often it has without getting further */
  death(id: string, token: string, step: number): Promise<number>;
  /** @returns the status where it was not one's own, or over; `tries` of a retry */
  settle(id: string, token: string, result: TrainSettled): Promise<{ readonly is: string; readonly tries: number }>;
  /**
   * @param token where only whoever has the job in hand may end it
   * @returns false where it was over, or is not one's own to end
   */
  end(
    id: string,
    status: 'failed' | 'cancelled',
    event: NewTrainEvent,
    error?: TrainError,
    token?: string,
  ): Promise<boolean>;
  /** @returns `ok`, or the status in which it cannot be */
  pause(id: string, event: NewTrainEvent): Promise<string>;
  resume(id: string, event: NewTrainEvent): Promise<string>;
  /**
   * Events `from` to `to`, numbered from 0, without `to`, of those that are in no full file; oldest first.
   * @param from undefined: of them all
   * @returns with how many are in full files, at the same moment
   */
  tail(id: string, from: number | undefined, to: number): Promise<Tail>;
  /** Was it this try that had the job in hand last? Also where its time is over and nobody else has taken it. */
  isOf(id: string, token: string): Promise<boolean>;
  /** So many of the oldest lie in a file from now on. @returns false where somebody else has said so */
  kept(id: string, before: number, more: number): Promise<boolean>;
  /** The state goes after so many seconds, 0 = now. */
  forget(id: string, afterS: number): Promise<void>;
}

/** All that Redis has of a job. */
export const trainJobKeys = (id: string): string[] => [keys.trainJob(id), keys.trainEvents(id)];

const lua = readFileSync(new URL('../lua/train.lua', import.meta.url), 'utf8');
type Script = (...args: (string | number)[]) => Promise<string[]>;

export function openTrainJobState(redis: Redis): TrainJobState {
  redis.defineCommand('cotaTrain', { numberOfKeys: 2, lua });
  const script = (redis as unknown as { readonly cotaTrain: Script }).cotaTrain.bind(redis);
  const run = (id: string, ...words: (string | number)[]): Promise<string[]> =>
    script(keys.trainJob(id), keys.trainEvents(id), ...words);

  return {
    async create({ id, tenant, createdAt }, { kept, rest } = { kept: 0, rest: [] }) {
      const events = rest.map((event) => JSON.stringify(event));
      return (await run(id, 'create', tenant, createdAt, kept, ...events))[0] === 'ok';
    },
    async read(id) {
      const [fields, [seconds, micros]] = await Promise.all([redis.hgetall(keys.trainJob(id)), redis.time()]);
      const now = Number(seconds) * 1000 + Math.floor(Number(micros) / 1000);
      return fields.status === undefined ? undefined : liveOf(fields, now);
    },
    async take(id, dueMs) {
      const [is, serial] = await run(id, 'take', dueMs);
      return is === 'ok' ? Number(serial) : undefined;
    },
    lookedAfter: async (id, dueMs) => void (await run(id, 'due', String(dueMs))),
    async begin(id, token, holdMs) {
      const [is, first = '', second] = await run(id, 'begin', token, holdMs);
      if (is === 'busy') return { is, ms: Number(first) };
      return is === 'ok' ? { is, tenant: first, lost: Number(second) } : { is: 'gone' };
    },
    async beat(id, token, holdMs, progress) {
      const fields = Object.entries(progress ?? {}).flatMap(([name, value]) =>
        value === undefined ? [] : [name, value],
      );
      return (await run(id, 'beat', token, holdMs, ...fields))[0] === 'ok';
    },
    async event(id, token, event) {
      const [is, kept, events] = await run(id, 'event', token, JSON.stringify(event));
      return is === 'ok' ? { kept: Number(kept), events: Number(events) } : undefined;
    },
    async death(id, token, step) {
      const [is, times] = await run(id, 'death', token, step);
      return is === 'ok' ? Number(times) : 0;
    },
    async settle(id, token, result) {
      const pause = 'ms' in result ? Math.max(0, Math.ceil(result.ms)) : 0;
      const note = 'note' in result ? result.note.slice(0, 500) : '';
      const event = 'event' in result && result.event ? JSON.stringify(result.event) : '';
      const [is = 'gone', tries] = await run(id, 'settle', token, result.is, pause, note, event);
      return { is, tries: Number(tries ?? 0) };
    },
    async end(id, status, event, error, token = '') {
      const words = [error ? JSON.stringify(error) : '', JSON.stringify(event), token];
      return (await run(id, 'end', status, ...words))[0] === 'ok';
    },
    pause: async (id, event) => (await run(id, 'pause', JSON.stringify(event)))[0] ?? 'gone',
    resume: async (id, event) => (await run(id, 'resume', JSON.stringify(event)))[0] ?? 'gone',
    async tail(id, from, to) {
      const [kept = '0', ...texts] = await run(id, 'tail', from ?? '', to);
      // The state of a job that was over goes: all that it told is in files then.
      if (kept === 'gone') return { kept: to, events: [] };
      return { kept: Number(kept), events: texts.map((text) => trainEvent.parse(JSON.parse(text))) };
    },
    async isOf(id, token) {
      const held = await redis.hget(keys.trainJob(id), 'held');
      return held?.endsWith(` ${token}`) ?? false;
    },
    kept: async (id, before, more) => (await run(id, 'kept', before, more))[0] === 'ok',
    async forget(id, afterS) {
      if (afterS === 0) await redis.unlink(...trainJobKeys(id));
      else for (const key of trainJobKeys(id)) await redis.expire(key, afterS);
    },
  };
}

function liveOf(fields: Readonly<Record<string, string>>, now: number): LiveTrainJob {
  const whole = (name: string): number => Number(fields[name] ?? 0);
  const { phase, share, note, error, started, ended, held } = fields;
  return {
    tenant: fields.tenant ?? '',
    status: trainStatus.parse(fields.status),
    progress: {
      ...(phase === undefined ? {} : { phase }),
      ...{ step: whole('step'), tokens: whole('tokens'), tokensPlanned: whole('tokensPlanned') },
      ...(share === undefined ? {} : { share: Number(share) }),
    },
    ...(error === undefined ? {} : { error: trainError.parse(JSON.parse(error)) }),
    ...(note === undefined || note === '' ? {} : { note }),
    ...(started === undefined ? {} : { startedAt: Number(started) }),
    ...(ended === undefined ? {} : { endedAt: Number(ended) }),
    ...{ events: whole('events'), kept: whole('kept'), serial: whole('serial'), due: whole('due') },
    isHeld: held !== undefined && Number.parseInt(held, 10) > now,
    pauses: whole('wait') > now,
  };
}
