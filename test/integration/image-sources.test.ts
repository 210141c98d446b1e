/** Images that are named instead of sent: uploaded files, images of earlier runs, objects in buckets. With real workers. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import OpenAI from 'openai';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningApi, startApi } from '../../services/api/start.ts';
import { paths, runIdOf } from '../../shared/keys.ts';
import type { ResponseObject } from '../../shared/response/schema.ts';
import { replayModels, startTestCluster, type TestCluster } from '../harness.ts';
import { type S3Server, startS3Server } from './s3-server.ts';

let cluster: TestCluster;
let api: RunningApi;
let client: OpenAI;
let s3: S3Server;
let bucket: S3Client;
beforeAll(async () => {
  s3 = await startS3Server('photos', 'private');
  const { endpoint, accessKeyId, secretAccessKey } = s3;
  bucket = new S3Client({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId, secretAccessKey },
    forcePathStyle: true,
  });
  cluster = await startTestCluster({
    models: replayModels({ turns: 1 }),
    env: {
      COTA_S3_ENDPOINT: endpoint,
      COTA_S3_ACCESS_KEY_ID: accessKeyId,
      COTA_S3_SECRET_ACCESS_KEY: secretAccessKey,
      COTA_S3_READ_BUCKETS: 'photos,other',
      COTA_IMAGE_BYTES: '100000',
    },
  });
  cluster.start('workers/tools/main.ts');
  cluster.start('workers/model/main.ts');
  api = await startApi({ ...cluster.env, COTA_PORT: 0, COTA_WORKER_ID: 'api-in-test' });
  client = new OpenAI({ baseURL: `${api.url}/v1`, apiKey: cluster.env.COTA_API_KEY ?? '', maxRetries: 0 });
  await cluster.until('tools are announced', async () => api.parts.fleet.tools().length > 0);
});
afterAll(async () => {
  await api?.parts.lifecycle.stop('test is over');
  await cluster?.stop();
  bucket?.destroy();
  await s3?.close();
});

const picture = (background: string) =>
  sharp({ create: { width: 7, height: 5, channels: 3, background } })
    .png()
    .toBuffer();
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

async function ask(image: { file_id: string } | { image_url: string }): Promise<ResponseObject> {
  const started = await client.responses.create({
    background: true,
    input: [
      {
        role: 'user',
        content: [
          { type: 'input_image', detail: 'auto', ...image },
          { type: 'input_text', text: 'What is it?' },
        ],
      },
    ],
  });
  return (await cluster.until(`${started.id} ended`, async () => {
    const response = await client.responses.retrieve(started.id);
    return response.status !== 'queued' && response.status !== 'in_progress' ? response : undefined;
  })) as unknown as ResponseObject;
}
const refusal = (image: Parameters<typeof ask>[0]) =>
  ask(image).then(
    () => undefined,
    (error: unknown) => error,
  );
async function upload(bytes: Buffer, purpose: OpenAI.FilePurpose = 'vision') {
  return client.files.create({ file: new File([new Uint8Array(bytes)], 'a.png', { type: 'image/png' }), purpose });
}
async function artifact(fileId: string): Promise<Buffer> {
  const headers = { authorization: `Bearer ${cluster.env.COTA_API_KEY}` };
  return Buffer.from(await (await fetch(`${api.url}/v1/artifacts/${fileId}`, { headers })).arrayBuffer());
}

describe('by file_id', () => {
  test.each(['vision', 'user_data'] as const)(
    'an uploaded file of purpose %s: the run owns a copy',
    async (purpose) => {
      const bytes = await picture(purpose === 'vision' ? '#123' : '#124');
      const file = await upload(bytes, purpose);
      const response = await ask({ file_id: file.id });
      expect(response).toMatchObject({
        status: 'completed',
        cota: { images: [{ name: 'image-0', width: 7, height: 5 }] },
      });
      await client.files.delete(file.id);
      expect(await artifact(`file-${sha256(bytes)}`)).toEqual(bytes);
      const folder = paths.run('default', runIdOf(response.id) ?? '');
      const kept: string[] = [];
      for await (const { key } of cluster.shared.objects.list(folder)) kept.push(key.slice(folder.length));
      expect(kept.sort()).toEqual([`images/${sha256(bytes)}`, 'trace.json']);
    },
  );

  test('an image of an earlier run, which may be deleted then', async () => {
    const bytes = await picture('#456');
    const first = await ask({ image_url: `data:image/png;base64,${bytes.toString('base64')}` });
    const fileId = first.cota.images[0]?.file_id ?? '';
    const second = await ask({ file_id: fileId });
    expect(second).toMatchObject({ status: 'completed', cota: { images: [{ file_id: fileId, bytes: bytes.length }] } });
    await client.responses.delete(first.id);
    expect(await artifact(fileId)).toEqual(bytes);
    await client.responses.delete(second.id);
    expect(await refusal({ file_id: fileId })).toMatchObject({ status: 400, code: 'image_file_not_found' });
  });

  test('what is not there, is too large, or is no image for requests is a 400 at once', async () => {
    const param = 'input[0].content[0].file_id';
    for (const id of ['file-01aaaaaaaaaaaaaaaaaaaaaaaa', `file-${'0'.repeat(64)}`, 'file-../../x', '']) {
      expect(await refusal({ file_id: id })).toMatchObject({ status: 400, code: 'image_file_not_found', param });
    }
    const batch = await upload(Buffer.from('{}\n'), 'batch');
    expect(await refusal({ file_id: batch.id })).toMatchObject({ status: 400, code: 'invalid_value', param });
    const large = await upload(Buffer.alloc(100_001));
    expect(await refusal({ file_id: large.id })).toMatchObject({ status: 400, code: 'image_file_too_large', param });
  });

  test('a file that is no image fails its run', async () => {
    const file = await upload(Buffer.from('no picture'));
    expect(await ask({ file_id: file.id })).toMatchObject({
      status: 'failed',
      error: { code: 'invalid_image' },
    });
  });
});

describe('by s3:// URL', () => {
  const put = (key: string, body: Buffer, Bucket = 'photos') =>
    bucket.send(new PutObjectCommand({ Bucket, Key: key, Body: body, ContentLength: body.length }));

  test.each(['a.png', '2026/shop receipts/r 1+2 100%25.png', 'ü/日本.png'])(
    'an object of a bucket that may be read: %s',
    async (key) => {
      const bytes = await picture(`#${createHash('md5').update(key).digest('hex').slice(0, 6)}`);
      await put(key, bytes);
      const response = await ask({ image_url: `s3://photos/${key}` });
      expect(response).toMatchObject({ status: 'completed', cota: { images: [{ bytes: bytes.length }] } });
      expect(await artifact(`file-${sha256(bytes)}`)).toEqual(bytes);
    },
  );

  test.each([
    ['is not there', 's3://photos/none.png', 'failed_to_download_image', undefined],
    ['lies in a bucket that is not there', 's3://other/none.png', 'failed_to_download_image', undefined],
    ['is too large', 's3://photos/large.png', 'image_file_too_large', Buffer.alloc(3_000_000)],
    ['is no image', 's3://photos/text.png', 'invalid_image', Buffer.from('hello')],
    ['is empty', 's3://photos/empty.png', 'empty_image_file', Buffer.alloc(0)],
  ])('an object that %s fails its run', async (_name, url, code, body) => {
    if (body) await put(url.slice('s3://photos/'.length), body);
    expect(await ask({ image_url: url })).toMatchObject({ status: 'failed', error: { code } });
  });

  test.each([
    ['another bucket', 's3://private/a.png', /"private" may not be read.*COTA_S3_READ_BUCKETS/],
    ['the same bucket in capitals', 's3://PHOTOS/a.png', /cannot be read/],
    ['dots that lead out of it', 's3://photos/../private/a.png', /"\.\."/],
    ['no key', 's3://photos/', /s3:\/\/bucket\/key/],
    ['no bucket', 's3:///a.png', /s3:\/\/bucket\/key/],
    ['a host', 's3:photos/a.png', /s3:\/\/bucket\/key/],
    ['a line break', 's3://photos/a\r\nb.png', /s3:\/\/bucket\/key/],
  ])('%s is a 400 at once', async (_name, url, words) => {
    await put('a.png', await picture('#777'), 'private');
    const error = await refusal({ image_url: url });
    expect(error).toMatchObject({ status: 400, code: 'invalid_image_url', param: 'input[0].content[0].image_url' });
    expect(error).toHaveProperty('message', expect.stringMatching(words));
  });

  test('a service that is away makes the run wait, and fails nothing', async () => {
    const bytes = await picture('#aaa');
    await put('later.png', bytes);
    await s3.kill();
    // A port that nobody holds may be given to a server of another test, which would answer for the one that is away.
    const held = createServer((socket) => socket.destroy()).listen(Number(new URL(s3.endpoint).port), '127.0.0.1');
    await once(held, 'listening');
    const asked = ask({ image_url: 's3://photos/later.png' });
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    held.close();
    await once(held, 'close');
    await s3.restart();
    const response = await asked;
    expect(response.error).toBeNull();
    expect(response).toMatchObject({ status: 'completed', cota: { images: [{ bytes: bytes.length }] } });
  });
});
