/** The queue of data jobs: one hint a shard, few at a time of each job, so that jobs and tenants take turns. */
import { type ConnectionOptions, Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { DATA, jobKey, prefixOf } from '../queues.ts';
import type { DataHint, TakenHint } from './job-state.ts';

export const dataHint = z.object({ jobId: z.string(), stage: z.int().nonnegative(), shard: z.string() });

export interface DataQueue {
  add(hints: readonly TakenHint[]): Promise<void>;
  /** Is the hint still in the queue, or in somebody's hand? */
  holds(hint: TakenHint): Promise<boolean>;
  close(): Promise<void>;
}

const idOf = ({ jobId, stage, shard, serial }: TakenHint): string => `${jobId}-${stage}-${shard}-${serial}`;

export function openDataQueue(redis: Redis): DataQueue {
  const queue = new Queue<DataHint>(DATA, {
    connection: redis as ConnectionOptions,
    prefix: prefixOf(DATA),
    streams: { events: { maxLen: 10 } },
    skipWaitingForReady: true,
  });
  queue.on('error', () => undefined);
  return {
    async add(hints) {
      if (hints.length === 0) return;
      await queue.addBulk(
        hints.map((hint) => {
          const { jobId, stage, shard } = hint;
          return { name: 'shard', data: { jobId, stage, shard }, opts: { jobId: idOf(hint) } };
        }),
      );
    },
    holds: async (hint) => (await redis.exists(jobKey(DATA, idOf(hint)))) === 1,
    close: () => queue.close(),
  };
}
