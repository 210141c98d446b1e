/** Large uploads: flat memory, clients that hang up, files above the limit. */
import { randomBytes } from 'node:crypto';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { keys } from '../../shared/keys.ts';
import { API_KEY, type ApiHarness, startApiHarness } from '../api-harness.ts';
import { formOf, MULTIPART } from '../multipart-form.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const MB = 1_000_000;
let harness: ApiHarness;
let client: ApiHarness['client'];
beforeAll(async () => {
  harness = await startApiHarness({ COTA_FILE_BYTES: String(300 * MB) });
  client = harness.client;
});
afterAll(() => harness?.stop());

/** What uploads keep in the store, and in the index of what is to be cleared away. */
async function remains(): Promise<string[]> {
  const { objects, redis } = harness.cluster.shared;
  const found: string[] = await redis.zrange(keys.filesDue, '0', '-1');
  for (const prefix of ['t/default/content/', 't/default/files/']) {
    for await (const { key } of objects.list(prefix)) found.push(key);
  }
  return found;
}
const PURPOSE = ['name="purpose"', 'batch'] as const;

/** A form up to the first byte of its file. */
const LARGE_HEAD = formOf(PURPOSE, ['name="file"; filename="large.jsonl"', '']).subarray(0, -16);

/** A large upload, written piece by piece. */
function slowUpload(headers: Record<string, string> = {}) {
  const { hostname, port } = new URL(harness.api.url);
  const outgoing = request({
    hostname,
    port,
    path: '/v1/files',
    method: 'POST',
    headers: { authorization: `Bearer ${API_KEY}`, ...MULTIPART, ...headers },
  });
  outgoing.on('error', () => undefined).setMaxListeners(0);
  outgoing.write(LARGE_HEAD);
  const answer = new Promise<IncomingMessage>((resolve) => outgoing.once('response', resolve));
  const write = (bytes: Buffer) =>
    new Promise<void>((resolve) => {
      if (outgoing.write(bytes)) resolve();
      else for (const event of ['drain', 'close']) outgoing.once(event, () => resolve());
    });
  return { outgoing, answer, write };
}

test('a large file goes through in flat memory', async () => {
  const { outgoing, answer, write } = slowUpload();
  const piece = randomBytes(MB);
  collect();
  const before = process.memoryUsage().arrayBuffers;
  let most = 0;
  for (let sent = 0; sent < 150; sent++) {
    await write(piece);
    if (sent % 10 === 0) collect();
    if (sent % 10 === 0) most = Math.max(most, process.memoryUsage().arrayBuffers);
  }
  outgoing.end('\r\n--b0undary--\r\n');
  const file = JSON.parse(await text(await answer)) as { id: string; bytes: number };
  expect(file.bytes).toBe(150 * MB);
  expect(most - before).toBeLessThan(20 * MB);
  const range = { range: `bytes=${149 * MB}-` };
  const last = await harness.fetch(`/v1/files/${file.id}/content`, { headers: range });
  expect(Buffer.from(await last.arrayBuffer()).equals(piece)).toBe(true);
  await client.files.delete(file.id);
});

test('a client that hangs up leaves nothing behind', async () => {
  const { outgoing, write } = slowUpload();
  for (let sent = 0; sent < 10; sent++) await write(Buffer.alloc(MB));
  await expect.poll(remains).toHaveLength(1);
  outgoing.destroy();
  await expect.poll(remains).toEqual([]);
});

describe('a file above the limit', () => {
  test('is refused by its announced length before it is sent', async () => {
    const { answer, outgoing, write } = slowUpload({ 'content-length': String(LARGE_HEAD.length + 400 * MB) });
    const refused = expect(answer.then((response) => response.statusCode)).resolves.toBe(413);
    for (let sent = 0; sent < 400; sent++) await write(Buffer.alloc(MB));
    outgoing.end();
    await refused;
  });

  test('is refused with words when it grows beyond it, and leaves nothing behind', async () => {
    const { outgoing, answer, write } = slowUpload();
    const refused = answer.then(async (response) => ({
      status: response.statusCode,
      body: JSON.parse(await text(response)) as unknown,
    }));
    for (let sent = 0; sent < 310; sent++) await write(Buffer.alloc(MB));
    outgoing.end('\r\n--b0undary--\r\n');
    expect(await refused).toMatchObject({
      status: 413,
      body: { error: { code: 'body_too_large', param: 'file', message: expect.stringMatching(/300,000,000.*split/) } },
    });
    expect(await remains()).toEqual([]);
  });

  test('the official client sees the same', async () => {
    const small = await startApiHarness({ COTA_FILE_BYTES: '1000' });
    try {
      const file = new File(['x'.repeat(200_000)], 'a.jsonl');
      await expect(small.client.files.create({ file, purpose: 'batch' })).rejects.toMatchObject({ status: 413 });
      const fits = new File(['x'.repeat(1_000)], 'a.jsonl');
      expect(await small.client.files.create({ file: fits, purpose: 'batch' })).toMatchObject({ bytes: 1_000 });
    } finally {
      await small.stop();
    }
  });
});
