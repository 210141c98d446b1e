/** When each process of the stack can do its work: not when it was started, but when it says so itself. */
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { keys } from '../../shared/keys.ts';
import { openRedis } from '../../shared/redis.ts';
import { UserError } from '../user-error.ts';
import type { PlannedProcess } from './plan.ts';
import { withoutPassword } from './redis-server.ts';

const LOOK_EVERY_MS = 50;
/** Each look at the API is a line in its log. */
const LOOK_AT_API_MS = 250;
/** A Redis or API that takes longer for one answer is asked again. */
const ANSWER_MS = 2_000;

/** Resolves to words worth showing (a worker that waits for its model says so), once the process is ready. */
export type ReadyCheck = (pid: number, signal: AbortSignal) => Promise<string>;

/**
 * @param redis of the stack; only used once Redis is ready
 * @returns how to learn that `planned` is ready; the check ends when the signal is aborted
 */
export function readyCheck(planned: PlannedProcess, redis: Redis, url: string, s3Port: number | undefined): ReadyCheck {
  switch (planned.kind) {
    case 'redis':
      return (_pid, signal) => until(signal, async () => ((await answers(redis)) ? '' : undefined));
    case 's3':
      return (_pid, signal) => until(signal, async () => ((await accepts(s3Port ?? 0)) ? '' : undefined));
    case 'api':
      return (_pid, signal) =>
        until(signal, async () => {
          const reply = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(ANSWER_MS) });
          return reply.ok ? '' : undefined;
        });
    default:
      return (pid, signal) => until(signal, () => announced(redis, planned.workerId, pid));
  }
}

const served = z.looseObject({
  data: z.array(z.looseObject({ cota: z.looseObject({ served: z.boolean(), paused: z.string().nullable() }) })),
});
const list = z.looseObject({ data: z.array(z.unknown()) });

/**
 * The API looks at the fleet every few seconds. Until it has seen the workers it knows no tool and takes models for
 * unserved, so a stack that called itself ready before would surprise its first client.
 * @param wanted which kinds of workers there are to be seen
 */
export async function apiSeesWorkers(
  target: { readonly url: string; readonly apiKey: string },
  wanted: { readonly models: boolean; readonly tools: boolean },
  signal: AbortSignal,
): Promise<void> {
  const ask = async (path: string): Promise<unknown> => {
    const headers = { authorization: `Bearer ${target.apiKey}` };
    const reply = await fetch(`${target.url}${path}`, { headers, signal: AbortSignal.timeout(ANSWER_MS) });
    return reply.json();
  };
  await until(
    signal,
    async () => {
      const models = served.parse(await ask('/v1/models')).data;
      const tools = list.parse(await ask('/v1/tools')).data;
      if (wanted.models && !models.some(({ cota }) => cota.served || cota.paused !== null)) return undefined;
      return wanted.tools && tools.length === 0 ? undefined : '';
    },
    LOOK_AT_API_MS,
  );
}

const card = z.looseObject({ pid: z.int(), paused: z.record(z.string(), z.string()).optional() });

/** A worker announces itself when its queues are open. */
async function announced(redis: Redis, workerId: string, pid: number): Promise<string | undefined> {
  const text = await redis.get(keys.worker(workerId));
  if (text === null) return undefined;
  const found = card.parse(JSON.parse(text));
  return found.pid === pid ? Object.values(found.paused ?? {}).join('; ') : undefined;
}

/** A server that is still reading its data answers LOADING. */
async function answers(redis: Redis): Promise<boolean> {
  return redis.status === 'ready' && (await redis.ping()) === 'PONG';
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** Asks until there is an answer; what fails is asked again. Never resolves once the signal is aborted. */
async function until(
  signal: AbortSignal,
  look: () => Promise<string | undefined>,
  everyMs = LOOK_EVERY_MS,
): Promise<string> {
  for (;;) {
    const found = await look().catch(() => undefined);
    signal.throwIfAborted();
    if (found !== undefined) return found;
    await sleep(everyMs, undefined, { signal });
  }
}

/**
 * A connection to a Redis that must be there now.
 * @throws UserError that says why it is not
 */
export async function reachRedis(url: string, withinMs: number): Promise<Redis> {
  let why = 'no answer';
  const redis = openRedis(url, { lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 });
  redis.on('error', (error: NodeJS.ErrnoException) => {
    why = error.message || (error.code ?? why);
  });
  const late = sleep(withinMs, 'late', { ref: false });
  const asked = redis.connect().then(() => redis.ping());
  const answer = await Promise.race([asked, late]).catch((error: Error) => {
    if (why === 'no answer') why = error.message;
  });
  if (answer === 'PONG') return redis;
  redis.disconnect();
  const advice = 'start it, or correct COTA_REDIS_URL; without that variable, `cota up` runs its own';
  throw new UserError(`Redis at ${withoutPassword(url)} does not answer (${why}): ${advice}`, 1);
}
