/** The plain design: a BullMQ job per step, state in a hash, next step added before the job completes. No fences. */
import { type ConnectionOptions, Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { CONCURRENCY, isModelStep, STEP_RESULT, STEPS } from './shape.ts';

const [url, mine] = process.argv.slice(2);
if (url === undefined || (mine !== 'model' && mine !== 'tool'))
  throw new Error('usage: plain-worker.ts URL model|tool');
const redis = new Redis(url, { maxRetriesPerRequest: null, replyMapping: 'legacy' });
const connection = redis as ConnectionOptions;
const open = (name: string) =>
  new Queue(name, {
    connection,
    prefix: `{${name}}`,
    streams: { events: { maxLen: 10 } },
    defaultJobOptions: { removeOnComplete: true, removeOnFail: true },
  });
const queues = { model: open('plain-model'), tool: open('plain-tool') };

new Worker(
  `plain-${mine}`,
  async (job) => {
    const { id, step } = job.data as { id: string; step: number };
    await redis.hgetall(`plain:${id}`);
    await redis.hset(`plain:${id}`, `s:${step}`, STEP_RESULT, 'step', step + 1);
    if (step + 1 === STEPS) {
      await redis.expire(`plain:${id}`, 60);
      await redis.rpush('plain:done', id);
    } else {
      await queues[isModelStep(step + 1) ? 'model' : 'tool'].add(
        'step',
        { id, step: step + 1 },
        { jobId: `${id}-${step + 1}` },
      );
    }
  },
  { connection, prefix: `{plain-${mine}}`, concurrency: CONCURRENCY },
);
process.send?.('ready');
