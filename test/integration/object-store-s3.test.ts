/** What only the S3 driver can do wrong: outages of every kind, and servers that lack or mishandle a call. */
import { once } from 'node:events';
import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type ObjectStore, openObjectStore, type S3StoreConfig, StoreAway } from '../../shared/object-store.ts';
import { type S3Server, startS3Server } from './s3-server.ts';

const json = { contentType: 'application/json' };
let server: S3Server;
const opened: { close(): unknown }[] = [];

beforeAll(async () => {
  server = await startS3Server('cota');
});
afterAll(() => server.close());
afterEach(async () => {
  for (const thing of opened.splice(0)) await thing.close();
});

async function open(settings: Partial<S3StoreConfig> = {}): Promise<ObjectStore> {
  const { endpoint, accessKeyId, secretAccessKey } = server;
  const store = await openObjectStore({
    driver: 's3',
    bucket: 'cota',
    endpoint,
    accessKeyId,
    secretAccessKey,
    forcePathStyle: true,
    checksums: 'when_required',
    ...settings,
  });
  opened.push(store);
  return store;
}

/** A server of our own for answers that s3rver never gives. */
async function fake(listener: RequestListener): Promise<string> {
  const http: Server = createServer(listener);
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  opened.push({
    close: () => {
      http.closeAllConnections();
      http.close();
    },
  });
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
}

/** Passes a request on to s3rver; the Host header stays, since it is signed. */
function passOn(request: IncomingMessage, response: ServerResponse): void {
  const onward = httpRequest(
    server.endpoint + request.url,
    { method: request.method, headers: request.headers },
    (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    },
  );
  onward.on('error', () => response.destroy());
  request.pipe(onward);
}

function calls(store: ObjectStore): Record<string, () => Promise<unknown>> {
  return {
    put: () => store.put('a.json', Buffer.from('{}'), json),
    get: () => store.get('a.json'),
    stream: () => store.stream('a.json'),
    head: () => store.head('a.json'),
    delete: () => store.delete('a.json'),
    deletePrefix: () => store.deletePrefix('a/'),
    list: async () => {
      for await (const _ of store.list(''));
    },
    check: () => store.check(),
  };
}

test('a server that dies is an outage that ends when it is back, with every acknowledged object', async () => {
  const store = await open({ attempts: 2 });
  const kept = Array.from({ length: 20 }, (_, i) => `kept/${i}.json`);
  for (const key of kept) await store.put(key, Buffer.from(key), json);
  await server.kill();
  for (const [name, call] of Object.entries(calls(store))) {
    await expect(call(), name).rejects.toMatchObject({
      name: 'StoreAway',
      reason: 'unreachable',
      message: expect.stringContaining(server.endpoint),
    });
  }
  await server.restart();
  await store.check();
  for (const key of kept) expect((await store.get(key)).bytes.toString()).toBe(key);
}, 30_000);

test('a missing bucket says so in every call, and is created only when asked for', async () => {
  const store = await open({ bucket: 'no-such-bucket' });
  for (const [name, call] of Object.entries(calls(store))) {
    await expect(call(), name).rejects.toMatchObject({
      reason: 'bucket_missing',
      message: expect.stringContaining('Create it, or correct'),
    });
  }
  const making = await open({ bucket: 'made-by-check', createBucket: true });
  await making.check();
  await making.put('a.json', Buffer.from('{}'), json);
});

test('a server that never answers is a timeout, soon', async () => {
  const store = await open({ endpoint: await fake(() => undefined), idleTimeoutMs: 200, attempts: 1 });
  for (const [name, call] of Object.entries(calls(store))) {
    const start = Date.now();
    await expect(call(), name).rejects.toMatchObject({ name: 'StoreAway', reason: 'timeout' });
    expect(Date.now() - start, name).toBeLessThan(2_000);
  }
});

test.each([
  [503, 'SlowDown', 'server_error'],
  [500, 'InternalError', 'server_error'],
  [403, 'AccessDenied', 'denied'],
  [403, 'SignatureDoesNotMatch', 'denied'],
  [429, 'TooManyRequests', 'server_error'],
])('%i %s is an outage', async (status, code, reason) => {
  const endpoint = await fake((request, response) => {
    request.resume();
    response
      .writeHead(status, { 'content-type': 'application/xml' })
      .end(`<Error><Code>${code}</Code><Message>said the server</Message></Error>`);
  });
  const store = await open({ endpoint, attempts: 1 });
  for (const [name, call] of Object.entries(calls(store))) {
    await expect(call(), name).rejects.toMatchObject({ name: 'StoreAway', reason });
  }
});

test('a passing fault is tried again within the call', async () => {
  let count = 0;
  const endpoint = await fake((request, response) => {
    if (count++ % 3 < 2) response.writeHead(503).end();
    else passOn(request, response);
  });
  const store = await open({ endpoint });
  await store.put('retried.json', Buffer.from('{"a":1}'), json);
  expect((await store.get('retried.json')).bytes.toString()).toBe('{"a":1}');
  expect(count).toBe(6);
}, 20_000);

test('a body that ends or stops early is an error, never a shorter object', async () => {
  for (const how of ['ends', 'stalls']) {
    const endpoint = await fake((_, response) => {
      response.writeHead(200, { 'content-length': '1000', 'content-type': 'text/plain' });
      response.write('x'.repeat(500), () => (how === 'ends' ? setTimeout(() => response.destroy(), 50) : undefined));
    });
    const store = await open({ endpoint, attempts: 1, idleTimeoutMs: 300 });
    await expect(store.get('a.json'), how).rejects.toThrow(StoreAway);
    const { body } = await store.stream('a.json');
    await expect(
      (async () => {
        for await (const _ of body);
      })(),
      how,
    ).rejects.toThrow(StoreAway);
  }
});

test('deletes one by one where DeleteObjects is refused', async () => {
  let refused = 0;
  const endpoint = await fake((request, response) => {
    if (request.method !== 'POST') return passOn(request, response);
    refused++;
    response
      .writeHead(400)
      .end('<Error><Code>InvalidRequest</Code><Message>Missing required header Content-MD5</Message></Error>');
  });
  const store = await open({ endpoint });
  for (let i = 0; i < 5; i++) await store.put(`d/1/${i}.json`, Buffer.from('{}'), json);
  await store.put('d/2/kept.json', Buffer.from('{}'), json);
  await store.deletePrefix('d/1/');
  const left: string[] = [];
  for await (const { key } of store.list('d/')) left.push(key);
  expect(left).toEqual(['d/2/kept.json']);
  await store.put('d/1/9.json', Buffer.from('{}'), json);
  await store.deletePrefix('d/1/');
  expect(refused).toBe(1);
});

test('a range that the server did not honour is refused', async () => {
  const store = await open();
  await store.put('range.bin', Buffer.alloc(1000), json);
  // s3rver takes a range that ends at byte 0 for the whole object.
  await expect(store.stream('range.bin', { start: 0, end: 0 })).rejects.toThrow(/does not honour ranges/);
});

test('a link reads the object without a key, until it expires, at the address that clients see', async () => {
  const seen: string[] = [];
  const linkEndpoint = await fake((request, response) => {
    seen.push(request.url ?? '');
    passOn(request, response);
  });
  const store = await open({ linkEndpoint });
  await store.put('t/a/1+1.png', Buffer.from('bytes'), { contentType: 'image/png' });
  const link = await store.link('t/a/1+1.png', { expiresInSeconds: 2 });
  expect(link.startsWith(`${linkEndpoint}/cota/t/a/`)).toBe(true);
  const answer = await fetch(link);
  expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([200, 'image/png', 'bytes']);
  expect(seen).toHaveLength(1);
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  expect((await fetch(link)).status).toBe(403);
  expect(() => store.verifyLink('/v1/links/a')).toThrow(/the API serves none/);
}, 10_000);

test('settings that contradict each other are refused at open', async () => {
  const half: S3StoreConfig = { bucket: 'cota', endpoint: server.endpoint, accessKeyId: 'x' };
  await expect(openObjectStore({ driver: 's3', ...half })).rejects.toThrow(/or neither/);
});
