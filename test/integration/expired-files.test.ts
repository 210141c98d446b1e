/** A real scheduler takes expired files out of the store. */
import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { paths } from '../../shared/keys.ts';
import { replayModels, startTestCluster, type TestCluster } from '../harness.ts';

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startTestCluster({ models: replayModels() });
});
afterAll(() => cluster?.stop());

test('the scheduler removes a file whose time is over, and only that', async () => {
  const { files, objects } = cluster.shared;
  const about = { filename: 'a.jsonl', purpose: 'batch', contentType: 'application/jsonl' } as const;
  const upload = (expiresInS: number) => {
    const expiresAt = Math.floor(Date.now() / 1000) + expiresInS;
    return files.create('default', { ...about, expiresAt }, Readable.from([Buffer.from('x')]), { maxBytes: 10 });
  };
  const [over, later] = [await upload(2), await upload(3_600)];
  cluster.start('services/scheduler/main.ts');
  // Its content goes first, then the document that names it.
  await cluster.until('the expired file is gone from the store', async () => {
    return (await objects.head(paths.document('default', 'files', over.id))) === undefined;
  });
  expect(await objects.head(paths.content('default', over.id))).toBeUndefined();
  expect(await files.get('default', later.id)).toEqual(later);
  expect(await objects.head(paths.content('default', later.id))).toMatchObject({ size: 1 });
});
