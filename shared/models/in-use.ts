/** Which open runs and batches still need a model that somebody wants to delete. */
import type { Redis } from 'ioredis';
import type { BatchStore } from '../batch/batch-store.ts';
import { keys, slugOf } from '../keys.ts';
import type { RunStore } from '../run/run-store.ts';
import { poolOfModel } from './trained-id.ts';

export interface ModelUseParts {
  readonly redis: Redis;
  readonly runs: Pick<RunStore, 'read'>;
  readonly batches: Pick<BatchStore, 'active' | 'find'>;
}

/** Runs that are read at a time. */
const AT_ONCE = 50;

/**
 * Goes through the runs that are admitted to the model's pool or wait there, and through the batches that are not over.
 * @returns the id of the first run or batch that names the model; undefined = nobody does
 */
export async function userOfModel(parts: ModelUseParts, id: string): Promise<string | undefined> {
  for await (const runIds of openRunIds(parts.redis, slugOf(poolOfModel(id)))) {
    const runs = await Promise.all(runIds.map((runId) => parts.runs.read(runId)));
    const user = runs.find((run) => run !== undefined && run.status !== 'closed' && run.config.model === id);
    if (user) return user.id;
  }
  for (const { tenant, id: batchId } of await parts.batches.active()) {
    if ((await parts.batches.find(tenant, batchId))?.model === id) return batchId;
  }
  return undefined;
}

async function* openRunIds(redis: Redis, slug: string): AsyncGenerator<readonly string[]> {
  for (const priority of ['interactive', 'batch']) {
    const places = [keys.flight(slug, priority)];
    for (const tenant of await redis.lrange(keys.turn(slug, priority), 0, -1)) {
      places.push(keys.pending(slug, priority, tenant));
    }
    for (const place of places) {
      for (let at = 0; ; at += AT_ONCE) {
        const page = await redis.zrange(place, String(at), String(at + AT_ONCE - 1));
        if (page.length > 0) yield page;
        if (page.length < AT_ONCE) break;
      }
    }
  }
}
