/** One order of a data worker, without queue or Redis: what it says of a plan, and what it leaves behind. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { z } from 'zod';
import { type DataJob, MOST_SHARDS } from '../../../shared/data/job.ts';
import { PLAN } from '../../../shared/data/job-state.ts';
import { recipe } from '../../../shared/data/recipe.ts';
import type { ObjectStore } from '../../../shared/object-store.ts';
import { openDataStore } from '../../../test/data-store.ts';
import type { Services } from '../factory/services.ts';
import { type Made, type ShardView, stage } from '../factory/stage.ts';
import { openWork, type Work } from './work.ts';

const store = await openDataStore();
afterAll(() => store.close());

const job: DataJob = {
  ...{ id: 'data_one', tenant: 'here', inputs: {}, status: 'in_progress', stages: [], warnings: [], createdAt: 0 },
  recipe: recipe.parse({ name: 'one', seed: 1, sources: [{ name: 'a', program: { chains: 1 } }] }),
};

const working = (signal = new AbortController().signal) => ({ signal, progress: () => undefined });

function workOf(shards: number, make: (shard: ShardView) => Promise<Made>, objects: ObjectStore = store.objects): Work {
  const only = stage<unknown>({
    name: 'make',
    spec: z.unknown(),
    plan: async () => Array.from({ length: shards }, () => ({})),
    make: (_, shard) => make(shard),
  });
  return openWork({
    ...{ objects, stages: [only], findJob: async () => job },
    services: () => ({}) as Services,
    assertRoom: async () => undefined,
  });
}

const order = (shard: number | typeof PLAN) => ({ tenant: 'here', jobId: job.id, stage: 'make', shard });

test('a stage of more shards than a record can hold is the fault of the recipe, and leaves no plan', async () => {
  const work = workOf(MOST_SHARDS + 1, () => Promise.reject(new Error('never made')));
  const outcome = await work(order(PLAN), working());
  expect(outcome).toMatchObject({
    is: 'failed',
    error: { code: 'invalid_value', message: expect.stringContaining('500,001 shards') },
  });
  expect(await store.objects.head(`t/here/data/${job.id}/make/_plan.json`)).toBeUndefined();
});

test('a shard is let go when all that it began to write has been written: nothing comes into a folder that was removed', async () => {
  const control = new AbortController();
  const slow: ObjectStore = {
    ...store.objects,
    async put(key, body, options) {
      if (key.endsWith('picture')) await sleep(150);
      await store.objects.put(key, body, options);
    },
  };
  const begun = Promise.withResolvers<void>();
  const work = workOf(
    1,
    async (shard) => {
      const picture = shard.objects.put(shard.key('picture'), Buffer.from('late'), { contentType: 'image/png' });
      begun.resolve();
      const other = new Promise<never>((_, reject) => {
        shard.signal.addEventListener('abort', () => reject(shard.signal.reason as Error));
      });
      await Promise.all([picture, other]);
      return { files: [], counts: {} };
    },
    slow,
  );
  expect(await work(order(PLAN), working())).toMatchObject({ is: 'planned', shards: 1 });
  const outcome = work(order(0), working(control.signal));
  await begun.promise;
  control.abort(new Error('cancelled'));
  expect(await outcome).toEqual({ is: 'stopped' });
  await store.objects.deletePrefix(`t/here/data/${job.id}/`);
  await sleep(300);
  for await (const { key } of store.objects.list(`t/here/data/${job.id}/`)) expect(key).toBe('nothing');
});
