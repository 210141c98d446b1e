import type { Redis } from 'ioredis';
import type { ObjectStore } from '../object-store.ts';

/** What webhooks are kept in. */
export interface WebhookParts {
  readonly redis: Redis;
  readonly objects: ObjectStore;
  /** Milliseconds by which the clock is ahead of Redis'; 0 when left out. Tests live through three days with it. */
  readonly ahead?: (() => number) | undefined;
}
