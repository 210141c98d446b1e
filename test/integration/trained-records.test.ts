/** Records of trained models: what is taken, where they are kept, and that they end with their tenant. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Cluster } from '../../shared/cluster.ts';
import { keys } from '../../shared/keys.ts';
import { bytesOf, type NewTrainedModel, versionOfFiles } from '../../shared/models/trained.ts';
import { modelsFor } from '../../shared/models/trained-view.ts';
import { loadModels } from '../../shared/models.ts';
import { erase, orderErasure } from '../../shared/tenants/erasure.ts';
import { newTenant } from '../../shared/tenants/tenants.ts';
import { upkeep } from '../../shared/tenants/upkeep.ts';
import { startTestClusters, type TestClusters } from '../test-clusters.ts';
import { storeTrained, trainedId } from '../trained-models.ts';

let clusters: TestClusters;
let cluster: Cluster;
let record: NewTrainedModel;
beforeAll(async () => {
  clusters = await startTestClusters('trained-records');
  cluster = await clusters.open('scheduler');
  await cluster.tenancy.tenants.put(newTenant('acme', 1));
  record = await storeTrained(cluster.objects, 'record01', { tenant: 'acme' });
});
afterAll(async () => {
  await cluster.lifecycle.stop('test is over');
  await clusters.stop();
});

it('a record that does not fit its files, its tenant or its id is refused in words', async () => {
  const [file, ...rest] = record.files;
  if (!file) throw new Error('there are no files');
  const longer = [{ ...file, bytes: file.bytes + 1 }, ...rest];
  const foreign = [{ ...file, key: file.key.replace('/acme/', '/default/') }, ...rest];
  const cases: [Partial<NewTrainedModel>, RegExp][] = [
    [{ base: 'other' }, /base and tenant are not those of the id/],
    [{ id: 'ft:cota-nano' }, /id: ft:<base>:<tenant>/],
    [{ version: '0123' }, /version is not that of its files/],
    [{ files: foreign }, /do not lie under the tenant's own folder/],
    [{ files: [file, ...record.files] }, /two files have one name/],
    [{ files: longer }, /has \d+ bytes, not \d+/],
    [{ files: [{ ...file, name: '../x' }] }, /a path within a folder/],
  ];
  for (const [change, words] of cases) {
    await expect(cluster.trained.put({ ...record, ...change })).rejects.toThrow(words);
  }
  const unknown = { ...record, id: trainedId('record01', 'nobody'), tenant: 'nobody' };
  await expect(cluster.trained.put(unknown)).rejects.toThrow();
  expect(await cluster.trained.all()).toEqual([]);
});

it('is counted once, as the upkeep counts it, and keeps its share when it is registered again', async () => {
  await cluster.trained.put(record);
  await cluster.trained.share(record.id, true);
  await cluster.trained.put(record);
  expect(await cluster.trained.get(record.id)).toMatchObject({ shared: true, version: versionOfFiles(record.files) });
  expect(await cluster.tenancy.meter.used('acme')).toBe(bytesOf(record));
  const acme = await cluster.tenancy.tenants.get('acme');
  if (acme) for await (const _ of upkeep({ ...cluster, tenants: cluster.tenancy.tenants }, acme, 60_000));
  expect(await cluster.tenancy.meter.used('acme')).toBe(bytesOf(record));
});

it('files that a later registration does not name any more are deleted', async () => {
  const [file, ...rest] = record.files;
  if (!file) throw new Error('there are no files');
  const key = `${file.key}.again`;
  await cluster.objects.put(key, (await cluster.objects.get(file.key)).bytes, { contentType: 'application/json' });
  await cluster.trained.put({ ...record, files: [{ ...file, key }, ...rest] });
  expect(await cluster.objects.head(file.key)).toBeUndefined();
  expect(await cluster.objects.head(key)).toBeDefined();
  expect(await cluster.tenancy.meter.used('acme')).toBe(bytesOf(record));
  record = { ...record, files: [{ ...file, key }, ...rest] };
});

it('a process that looks learns of a new one at once, and of a lost Redis without losing any', async () => {
  const view = await cluster.trained.watch(20);
  const later = { ...record, id: trainedId('later001', 'acme') };
  let told = 0;
  view.onChange(() => {
    told += 1;
  });
  await cluster.trained.put(later);
  expect(await view.look(later.id)).toMatchObject({ id: later.id });
  await cluster.redis.flushall();
  expect(await view.look(trainedId('nothere1', 'acme'))).toBeUndefined();
  await view.refresh();
  expect(view.all().map(({ id }) => id)).toEqual([later.id, record.id].sort());
  const elsewhere = await clusters.open('elsewhere');
  await elsewhere.trained.remove(later.id);
  await expect.poll(() => view.get(later.id)).toBeUndefined();
  expect(told).toBe(2);
  const models = loadModels('models.yaml');
  expect(modelsFor(models, view, 'acme').ids).toContain(record.id);
  await cluster.trained.share(record.id, false);
  await view.refresh();
  expect(modelsFor(models, view, 'default').ids).toEqual(models.ids);
  expect(modelsFor(models, view, 'default').get(record.id)).toBeUndefined();
  expect(modelsFor(models, view, 'acme').get(record.id)).toMatchObject({ backend: 'onnx', dialect: 'nano' });
  view.close();
  await elsewhere.lifecycle.stop('test');
});

it('a damaged document hides no other', async () => {
  const path = `system/trained-models/${trainedId('damaged1', 'acme').replaceAll(':', '=')}.json`;
  await cluster.objects.put(path, Buffer.from('{"id": 1'), { contentType: 'application/json' });
  await cluster.redis.del(keys.registry('trained-models'));
  expect((await cluster.trained.all()).map(({ id }) => id)).toEqual([record.id]);
});

it("its tenant's data are deleted, and nothing of it is left", async () => {
  const acme = await cluster.tenancy.tenants.get('acme');
  if (!acme) throw new Error('the tenant is gone');
  await orderErasure(cluster, acme, false);
  const ordered = await cluster.tenancy.tenants.get('acme');
  await expect(cluster.trained.put(record)).rejects.toThrow();
  if (ordered?.erasing) ordered.erasing.requestedAt -= 10;
  if (ordered) for await (const _ of erase(cluster, ordered, 600));
  expect(await cluster.trained.get(record.id)).toBeUndefined();
  expect(await cluster.objects.head(record.files[0]?.key ?? '')).toBeUndefined();
});
