import type { Writable } from 'node:stream';
import { Redis, type RedisOptions } from 'ioredis';
import { CotaError } from './errors.ts';

/**
 * A connection that waits for Redis to come back: for workers and the scheduler, whose work cannot go on without it.
 * @param url `redis://` or `rediss://`
 */
export function openRedis(url: string, options: RedisOptions = {}): Redis {
  const settings = {
    maxRetriesPerRequest: null,
    enableReadyCheck: true,
    // A fail-over leaves us on a replica: reconnect and send the command again.
    reconnectOnError: (error: Error) => (error.message.startsWith('READONLY') ? (2 as const) : false),
    retryStrategy: (times: number) => Math.min(100 * 2 ** Math.min(times, 5), 2_000),
    ...options,
    replyMapping: 'legacy' as const,
  };
  const redis = new Redis(url, settings);
  redis.on('connect', () => joinWrites(redis.stream));
  // ioredis reconnects by itself; without a listener Node would end the process for each lost connection.
  redis.on('error', () => undefined);
  return redis;
}

/**
 * ioredis writes each command to the socket by itself. A busy worker sends dozens in one turn of the event loop; held
 * together until its end they are one system call.
 */
function joinWrites(socket: Pick<Writable, 'write' | 'cork' | 'uncork'>): void {
  const write = socket.write.bind(socket);
  let held = false;
  socket.write = ((...args: Parameters<Writable['write']>) => {
    if (!held) {
      held = true;
      socket.cork();
      setImmediate(() => {
        held = false;
        socket.uncork();
      });
    }
    return write(...args);
  }) as Writable['write'];
}

/** A connection that fails fast, so that a request gets its 503 at once instead of hanging. */
export function openFastRedis(url: string): Redis {
  return openRedis(url, { maxRetriesPerRequest: 1, enableOfflineQueue: false, commandTimeout: 5_000 });
}

/** Does Redis answer on a connection made for this question? */
export async function answersAnew(url: string, withinMs: number): Promise<boolean> {
  const redis = new Redis(url, {
    lazyConnect: true,
    retryStrategy: null,
    maxRetriesPerRequest: 0,
  });
  redis.on('error', () => undefined);
  const late = new Promise<false>((resolve) => setTimeout(resolve, withinMs, false).unref());
  const answer = redis
    .connect()
    .then(() => redis.ping())
    .then(
      () => true,
      () => false,
    );
  const answered = await Promise.race([answer, late]);
  redis.disconnect();
  return answered;
}

/** INFO as a map of its lines. */
export async function redisInfo(redis: Redis, section: string): Promise<ReadonlyMap<string, string>> {
  const text = await redis.info(section);
  return new Map(
    text.split('\r\n').flatMap((line): [string, string][] => {
      const colon = line.indexOf(':');
      return colon > 0 ? [[line.slice(0, colon), line.slice(colon + 1)]] : [];
    }),
  );
}

/**
 * Refuses to work on a Redis that may evict keys: an evicted run record is a lost run.
 * Read from INFO, since hosted services often forbid CONFIG.
 */
export async function requireNoEviction(redis: Redis): Promise<void> {
  const policy = (await redisInfo(redis, 'memory')).get('maxmemory_policy');
  if (policy !== 'noeviction') {
    throw new CotaError(
      'server_error',
      `Redis' maxmemory-policy is "${policy ?? 'unknown'}"; Cota keeps its runs there and needs "noeviction": set it in redis.conf, or run: redis-cli CONFIG SET maxmemory-policy noeviction`,
    );
  }
}

/** Share of Redis' memory limit in use, 0..1; 0 where there is no limit. */
export async function memoryShare(redis: Redis): Promise<number> {
  const memory = await redisInfo(redis, 'memory');
  const limit = Number(memory.get('maxmemory') ?? 0);
  return limit > 0 ? Number(memory.get('used_memory') ?? 0) / limit : 0;
}
