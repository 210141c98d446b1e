/** A data job of a tenant whose data goes: what a worker brings while it is being taken away writes nothing back. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DataJobState, openDataJobState } from '../../shared/data/job-state.ts';
import { keys } from '../../shared/keys.ts';
import { eraseFromRedis } from '../../shared/tenants/erase-redis.ts';
import { replayModels, startTestCluster, type TestCluster } from '../harness.ts';

let cluster: TestCluster;
let state: DataJobState;
beforeAll(async () => {
  cluster = await startTestCluster({ models: replayModels() });
  state = openDataJobState(cluster.shared.redis);
  // Enough that the keys are gone through in several pages.
  const fill = cluster.shared.redis.pipeline();
  for (let n = 0; n < 5_000; n++) fill.set(`filler:${n}`, '1');
  await fill.exec();
});
afterAll(() => cluster?.stop());

test('whenever a shard comes back, nothing of the job is left', async () => {
  const { redis } = cluster.shared;
  for (let page = 0; page < 12; page++) {
    const jobs = Array.from({ length: 8 }, (_, n) => `data_${page}_${n}`);
    const held = [];
    for (const id of jobs) {
      await state.create({ id, tenant: 'goner', createdAt: 1 });
      const [hint] = await state.take(id, 1_000, 1);
      if (!hint) throw new Error('there is no shard');
      expect((await state.begin(hint, 'token', 10_000, ['one', 'two'])).is).toBe('ok');
      held.push(hint);
    }
    let seen = 0;
    for await (const _ of eraseFromRedis(
      { ...cluster.shared, puts: { underWay: () => 0 } } as unknown as Parameters<typeof eraseFromRedis>[0],
      'goner',
      10,
    )) {
      if (seen++ !== page % 6) continue;
      for (const hint of held) {
        await state.settle(hint, 'token', { is: 'retry', ms: 10, note: 'the store is away' });
        await state.noteBatch(hint.jobId, 'batch_1');
      }
    }
    expect(seen).toBeGreaterThan(6);
    for (const id of jobs) expect(await redis.keys(`${keys.dataJobPrefix(id)}*`)).toEqual([]);
  }
});
