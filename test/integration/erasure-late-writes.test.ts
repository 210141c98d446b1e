/** What is on its way into the store while a tenant's data is deleted: it is found too, however long it takes. */
import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Cluster } from '../../shared/cluster.ts';
import { openDocuments } from '../../shared/documents.ts';
import { storedFile } from '../../shared/files/file.ts';
import { paths } from '../../shared/keys.ts';
import { erase, orderErasure, readErasure } from '../../shared/tenants/erasure.ts';
import { newTenant } from '../../shared/tenants/tenants.ts';
import { startTestClusters, type TestClusters } from '../test-clusters.ts';

let clusters: TestClusters;
let cluster: Cluster;
beforeAll(async () => {
  clusters = await startTestClusters('late-writes');
  cluster = await clusters.open();
});
afterAll(async () => {
  await cluster?.lifecycle.stop('test is over');
  await clusters?.stop();
});

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** A step of a batch that began before the order: a long write, and a small one that follows from it. */
async function longStep(tenant: string, ms: number): Promise<void> {
  const key = paths.batchInput(tenant, 'batch_01m8d7qynn2pwkb6rgxpy64gv5');
  async function* slowly() {
    for (let i = 0; i < 10; i++) {
      yield Buffer.from(`{"line":${i}}\n`);
      await sleep(ms / 10);
    }
  }
  await cluster.objects.put(key, Readable.from(slowly()), { contentType: 'application/jsonl' });
  const id = 'file-01m8d7qynn2pwkb6rgxpy64gv5';
  const about = { filename: 'a', purpose: 'batch' as const, contentType: 'application/jsonl', expiresAt: null };
  const file = { id, ...about, bytes: 1, createdAt: 1, parts: [{ key, bytes: 1 }] };
  await openDocuments(cluster, 'files', storedFile).put(tenant, file);
}

/** Ordered long enough ago for requests to have ended. */
async function ordered(id: string, remove: boolean) {
  const { tenancy } = cluster;
  const requestedAt = Math.floor(Date.now() / 1000) - 60;
  const tenant = { ...newTenant(id, requestedAt), erasing: { requestedAt, remove } };
  await tenancy.tenants.create(tenant);
  return tenant;
}

test('an object that was being written when the deletion began, and what is written after it', async () => {
  const tenant = await ordered('late', false);
  const step = longStep('late', 4_000);
  await sleep(100);
  for await (const _ of erase(cluster, tenant, 600));
  await step;
  await sleep(300);
  const left: string[] = [];
  for await (const { key } of cluster.objects.list('t/late/')) left.push(key);
  expect(left).toEqual([]);
  expect((await cluster.redis.keys('*late*')).filter((key) => !key.includes('erasure'))).toEqual([]);
  expect(await cluster.tenancy.tenants.get('late')).toMatchObject({ erasing: null });
});

test('writes of other tenants are not waited for', async () => {
  const tenant = await ordered('alone', false);
  const step = longStep('alone-not', 5_000);
  const begun = performance.now();
  for await (const _ of erase(cluster, tenant, 600));
  expect(performance.now() - begun).toBeLessThan(4_000);
  await step;
});

test('a tenant that was to be emptied, and while that went on to be removed, is removed', async () => {
  const tenant = await ordered('more', false);
  const erasing = (async () => {
    for await (const _ of erase(cluster, tenant, 600));
  })();
  await sleep(200);
  await orderErasure(cluster, tenant, true);
  await erasing;
  expect(await cluster.tenancy.tenants.get('more')).toBeUndefined();
  expect(await readErasure(cluster.redis, 'more')).toMatchObject({ state: 'done' });
});
