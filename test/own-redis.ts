import type { Redis } from 'ioredis';
import { afterAll, beforeAll } from 'vitest';
import { openRedis } from '../shared/redis.ts';
import { startRedis } from './redis-server.ts';

/** A Redis server for the tests of a file, and a connection to it from their first hook on. */
export function ownRedis(): { readonly redis: Redis } {
  const own = {} as { redis: Redis };
  let stop: (() => Promise<void>) | undefined;
  beforeAll(async () => {
    const server = await startRedis();
    stop = () => server.stop();
    own.redis = openRedis(server.url);
  });
  afterAll(async () => {
    own.redis?.disconnect();
    await stop?.();
  });
  return own;
}
