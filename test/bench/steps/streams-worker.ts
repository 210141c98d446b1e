/** The ceiling: Redis Streams by hand, one message per step, state in a hash, no retries, no priorities, no delays. */
import { Redis } from 'ioredis';
import { CONCURRENCY, isModelStep, STEP_RESULT, STEPS } from './shape.ts';

const [url, mine] = process.argv.slice(2);
if (url === undefined || mine === undefined) throw new Error('usage: streams-worker.ts URL model|tool');
const reader = new Redis(url, { maxRetriesPerRequest: null, replyMapping: 'legacy' });
const redis = new Redis(url, { maxRetriesPerRequest: null, replyMapping: 'legacy' });
const stream = `streams:${mine}`;
await reader.xgroup('CREATE', stream, 'g', '0', 'MKSTREAM').catch(() => undefined);
process.send?.('ready');

async function work(entry: string, id: string, step: number): Promise<void> {
  await redis.hgetall(`streams:run:${id}`);
  const pipeline = redis.pipeline();
  pipeline.hset(`streams:run:${id}`, `s:${step}`, STEP_RESULT, 'step', step + 1);
  if (step + 1 === STEPS) pipeline.expire(`streams:run:${id}`, 60).rpush('streams:done', id);
  else pipeline.xadd(`streams:${isModelStep(step + 1) ? 'model' : 'tool'}`, '*', 'id', id, 'step', step + 1);
  pipeline.xack(stream, 'g', entry).xdel(stream, entry);
  await pipeline.exec();
}

for (;;) {
  const reply = (await reader.xreadgroup(
    'GROUP',
    'g',
    `w${process.pid}`,
    'COUNT',
    CONCURRENCY,
    'BLOCK',
    1_000,
    'STREAMS',
    stream,
    '>',
  )) as [string, [string, string[]][]][] | null;
  await Promise.all(
    (reply?.[0]?.[1] ?? []).map(([entry, fields]) => work(entry, String(fields[1]), Number(fields[3]))),
  );
}
