/** A data job whose files lie in an S3 store, with real processes and the real stages. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DataCluster, startDataCluster } from '../data-cluster.ts';
import { type S3Server, startS3Server } from './s3-server.ts';

let s3: S3Server;
let data: DataCluster;
beforeAll(async () => {
  s3 = await startS3Server('cota');
  data = await startDataCluster('workers/data/main.ts', {
    ...{ COTA_STORE: 's3', COTA_S3_ENDPOINT: s3.endpoint },
    ...{ COTA_S3_ACCESS_KEY_ID: s3.accessKeyId, COTA_S3_SECRET_ACCESS_KEY: s3.secretAccessKey },
  });
});
afterAll(async () => {
  await data?.stop();
  await s3?.close();
});

test('chains and their pictures are made, filtered and exported', async () => {
  data.startWorker();
  const job = await data.submit({
    ...{ name: 'small', seed: 1, shard: 10, filter: {}, export: ['llava'], report: false },
    sources: [{ name: 'drawn', program: { chains: 12, draw: true, families: { 'look-up': 1 } } }],
  });
  // Looked for in Redis: the stand-in for S3 can be caught in the middle of writing a document anew.
  await data.cluster.until('it is over', async () => (await data.jobs.open()).length === 0, 60_000);
  const end = await data.jobs.find(job.tenant, job.id);
  expect(end?.error).toBeUndefined();
  expect(end?.status).toBe('completed');
  expect(end?.stages.find(({ name }) => name === 'make')).toMatchObject({ shards: 2, done: 2, rows: 12 });
  expect(end?.stages.find(({ name }) => name === 'export')?.counts.images).toBeGreaterThan(0);
  const made = Object.keys(await data.hashes(job));
  expect(made.filter((name) => name.startsWith('images/')).length).toBeGreaterThan(0);
  expect(await data.jobs.remove(job.tenant, job.id)).toBeGreaterThan(0);
  expect(await data.hashes(job)).toEqual({});
}, 90_000);
