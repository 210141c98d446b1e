/** The queue of fine-tuning jobs: one hint a job, few at a time, so that tenants take turns. */
import { type ConnectionOptions, Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { jobKey, prefixOf, TRAIN } from '../queues.ts';

export const trainHint = z.object({ jobId: z.string() });
export type TrainHint = z.infer<typeof trainHint>;

export interface TrainQueue {
  /** @param serial tells the hint from an earlier one of the same job */
  add(id: string, serial: number): Promise<void>;
  /** Is the hint still in the queue, or in somebody's hand? */
  holds(id: string, serial: number): Promise<boolean>;
  close(): Promise<void>;
}

const idOf = (id: string, serial: number): string => `${id}-${serial}`;

export function openTrainQueue(redis: Redis): TrainQueue {
  const queue = new Queue<TrainHint>(TRAIN, {
    connection: redis as ConnectionOptions,
    prefix: prefixOf(TRAIN),
    streams: { events: { maxLen: 10 } },
    skipWaitingForReady: true,
  });
  queue.on('error', () => undefined);
  return {
    add: async (id, serial) => void (await queue.add('job', { jobId: id }, { jobId: idOf(id, serial) })),
    holds: async (id, serial) => (await redis.exists(jobKey(TRAIN, idOf(id, serial)))) === 1,
    close: () => queue.close(),
  };
}
