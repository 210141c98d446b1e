/** /v1/files: the official client unchanged, and forms as clients really send them. */
import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import OpenAI, { toFile } from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fileObjectSchema } from '../../shared/files/file.ts';
import { keys } from '../../shared/keys.ts';
import { type ApiHarness, startApiHarness } from '../api-harness.ts';
import { formOf, MULTIPART } from '../multipart-form.ts';

let harness: ApiHarness;
let client: OpenAI;
beforeAll(async () => {
  harness = await startApiHarness();
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
const upload = (content: string, name = 'requests.jsonl', purpose: OpenAI.FilePurpose = 'batch') =>
  client.files.create({ file: new File([content], name), purpose });
const contentOf = async (id: string) => (await client.files.content(id)).text();
const fault = (of: Promise<unknown>) =>
  of.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('the official client', () => {
  test('uploads, looks at, lists, reads and deletes a file', async () => {
    const file = await upload('{"custom_id":"ü"}\n', 'anträge 日本.jsonl');
    expect(fileObjectSchema.parse(file)).toMatchObject({
      object: 'file',
      bytes: 19,
      filename: 'anträge 日本.jsonl',
      purpose: 'batch',
      status: 'processed',
      expires_at: null,
    });
    expect(Math.abs(file.created_at - Date.now() / 1000)).toBeLessThan(5);
    expect(await client.files.retrieve(file.id)).toEqual(file);
    expect(await contentOf(file.id)).toBe('{"custom_id":"ü"}\n');
    expect((await client.files.list()).data).toContainEqual(file);
    expect(await client.files.delete(file.id)).toEqual({ id: file.id, object: 'file', deleted: true });
    await expect(client.files.retrieve(file.id)).rejects.toBeInstanceOf(OpenAI.NotFoundError);
    await expect(client.files.delete(file.id)).rejects.toBeInstanceOf(OpenAI.NotFoundError);
    expect(await remains()).toEqual([]);
  });

  test('takes files from wherever it takes them: streams, buffers, answers of fetch', async () => {
    const path = join(harness.cluster.dir, 'from-disk.jsonl');
    const content = `${JSON.stringify({ custom_id: randomBytes(40_000).toString('hex') })}\n`;
    await writeFile(path, content);
    const sources = [createReadStream(path), await toFile(Buffer.from(content), 'b.jsonl'), new Response(content)];
    for (const file of sources) {
      const made = await client.files.create({ file, purpose: 'user_data' });
      expect(made.bytes).toBe(content.length);
      expect(await contentOf(made.id)).toBe(content);
      await client.files.delete(made.id);
    }
  });

  test('lists page by page, by purpose, newest first', async () => {
    const made: string[] = [];
    for (const purpose of ['vision', 'batch', 'vision', 'vision'] as const) {
      made.push((await upload('x', 'x', purpose)).id);
      await sleep(2);
    }
    const [first, , second, third] = made;
    const seen: string[] = [];
    for await (const file of client.files.list({ limit: 2, purpose: 'vision' })) seen.push(file.id);
    expect(seen).toEqual([third, second, first]);
    const oldest = await client.files.list({ order: 'asc', limit: 1 });
    expect([oldest.data[0]?.id, oldest.has_more]).toEqual([first, true]);
    for (const id of made) await client.files.delete(id);
  });

  test('files expire when they are told to', async () => {
    const file = await client.files.create({
      file: new File(['x'], 'x.jsonl'),
      purpose: 'batch',
      expires_after: { anchor: 'created_at', seconds: 3_600 },
    });
    expect((file.expires_at ?? 0) - file.created_at).toBe(3_600);
    await client.files.delete(file.id);
    for (const seconds of [3_599, 2_592_001, 4_000.5]) {
      const file = new File(['x'], 'x.jsonl');
      const making = client.files.create({ file, purpose: 'batch', expires_after: { anchor: 'created_at', seconds } });
      expect(await fault(making)).toMatchObject({ status: 400, param: 'expires_after.seconds' });
    }
    expect(await remains()).toEqual([]);
  });
});

const FILE = ['name="file"; filename="a.jsonl"', '{}\n'] as const;
const PURPOSE = ['name="purpose"', 'batch'] as const;

async function send(body: Buffer<ArrayBuffer> | string, headers: Record<string, string> = MULTIPART) {
  const answer = await harness.fetch('/v1/files', { method: 'POST', body: body, headers });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

describe('forms', () => {
  test.each([
    ['purpose first', formOf(PURPOSE, FILE)],
    ['file first', formOf(FILE, PURPOSE)],
    [
      'expiry around it',
      formOf(['name="expires_after[seconds]"', '4000'], FILE, PURPOSE, ['name="expires_after[anchor]"', 'created_at']),
    ],
    ['a path as its name', formOf(PURPOSE, ['name="file"; filename="../../etc/a.jsonl"', '{}\n'])],
  ])('%s', async (_name, form) => {
    const { status, body } = await send(form);
    expect([status, body]).toMatchObject([200, { filename: 'a.jsonl', bytes: 3, purpose: 'batch' }]);
    expect(await contentOf(String(body.id))).toBe('{}\n');
    await client.files.delete(String(body.id));
  });

  test.each<[string, Buffer<ArrayBuffer> | string, number, string | null, RegExp, Record<string, string>?]>([
    ['no purpose', formOf(FILE), 400, 'purpose', /Missing.*"batch"/],
    ['no file', formOf(PURPOSE), 400, 'file', /Missing/],
    ['nothing', '--b0undary--\r\n', 400, 'file', /Missing/],
    ['an empty file', formOf(PURPOSE, ['name="file"; filename="a"', '']), 400, 'file', /empty/],
    ['the file as text', formOf(PURPOSE, ['name="file"', '{}']), 400, 'file', /filename/],
    ['two files', formOf(PURPOSE, FILE, FILE), 400, 'file', /one file/],
    ['a file under another name', formOf(PURPOSE, ['name="data"; filename="a"', 'x']), 400, 'data', /Unknown/],
    ['an unknown field', formOf(FILE, PURPOSE, ['name="kind"', 'x']), 400, 'kind', /Unknown/],
    ['a field of the prototype', formOf(FILE, ['name="__proto__[a]"', 'x'], PURPOSE), 400, '__proto__[a]', /Unknown/],
    ['a field twice', formOf(PURPOSE, PURPOSE, FILE), 400, 'purpose', /twice/],
    ['a huge field', formOf(['name="purpose"', 'x'.repeat(5_000)], FILE), 400, 'purpose', /too long/],
    [
      'fine-tuning results',
      formOf(['name="purpose"', 'fine-tune-results'], FILE),
      400,
      'purpose',
      /made by fine.*"vision"/,
    ],
    ['what batches make', formOf(FILE, ['name="purpose"', 'batch_output']), 400, 'purpose', /made by batches/],
    ['another purpose', formOf(FILE, ['name="purpose"', 'assistants']), 400, 'purpose', /"user_data"/],
    [
      'an anchor alone',
      formOf(FILE, PURPOSE, ['name="expires_after[anchor]"', 'created_at']),
      400,
      'expires_after.seconds',
      /Missing/,
    ],
    [
      'a wrong anchor',
      formOf(FILE, PURPOSE, ['name="expires_after[anchor]"', 'now'], ['name="expires_after[seconds]"', '4000']),
      400,
      'expires_after.anchor',
      /created_at/,
    ],
    ['a form that is cut off', formOf(PURPOSE, FILE).subarray(0, -20), 400, null, /cut short/],
    ['no form at all', 'hello', 400, null, /cut short/],
    ['JSON', '{"purpose":"batch"}', 415, null, /multipart\/form-data/, { 'content-type': 'application/json' }],
    ['no boundary', formOf(FILE), 400, null, /cannot be read/, { 'content-type': 'multipart/form-data' }],
  ])('%s is refused in words', async (_name, form, status, param, words, headers) => {
    const answer = await send(form, headers);
    expect(answer).toMatchObject({ status, body: { error: { type: 'invalid_request_error', param } } });
    expect((answer.body.error as { message: string }).message).toMatch(words);
    expect(await remains()).toEqual([]);
  });

  test('a form where JSON belongs is refused too', async () => {
    const answer = await harness.fetch('/v1/responses', {
      method: 'POST',
      body: formOf(FILE),
      headers: MULTIPART,
    });
    expect(answer.status).toBe(415);
  });

  test('without a key, nothing is taken', async () => {
    const answer = await fetch(`${harness.api.url}/v1/files`, {
      method: 'POST',
      body: formOf(FILE, PURPOSE),
      headers: MULTIPART,
    });
    expect(answer.status).toBe(401);
  });
});

test('a part of a file is read by a range', async () => {
  const file = await upload('0123456789');
  const ask = async (range: string) => {
    const answer = await harness.fetch(`/v1/files/${file.id}/content`, { headers: { range } });
    return [answer.status, answer.headers.get('content-range'), answer.ok ? await answer.text() : await answer.json()];
  };
  expect(await ask('bytes=2-4')).toEqual([206, 'bytes 2-4/10', '234']);
  expect(await ask('bytes=7-')).toEqual([206, 'bytes 7-9/10', '789']);
  expect(await ask('bytes=7-700')).toEqual([206, 'bytes 7-9/10', '789']);
  expect(await ask('bytes=-3')).toEqual([206, 'bytes 7-9/10', '789']);
  expect(await ask('bytes=-30')).toEqual([206, 'bytes 0-9/10', '0123456789']);
  expect(await ask('bytes=0-1,4-5')).toEqual([200, null, '0123456789']);
  expect(await ask('lines=1-2')).toEqual([200, null, '0123456789']);
  for (const outside of ['bytes=10-', 'bytes=-0']) {
    expect(await ask(outside)).toMatchObject([416, null, { error: { code: 'range_not_satisfiable' } }]);
  }
  const headers = (await client.files.content(file.id)).headers;
  expect(headers.get('content-disposition')).toBe("attachment; filename*=UTF-8''requests.jsonl");
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  await client.files.delete(file.id);
});

test.each(['limit=0', 'limit=10001', 'order=up', 'after=file-1', 'purpose=x', 'page=2'])(
  'a list that cannot be given is refused: %s',
  async (query) => {
    const answer = await harness.fetch(`/v1/files?${query}`);
    expect([answer.status, ((await answer.json()) as { error: { param: string } }).error.param]).toEqual([
      400,
      query.split('=')[0],
    ]);
  },
);
