import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, expect, test } from 'vitest';
import { createSafeFetch, type FetchPolicy, type SafeFetch } from './safe-fetch.ts';

const opened: { close(): unknown }[] = [];
afterEach(async () => {
  for (const thing of opened.splice(0)) await thing.close();
});

async function serve(listener: RequestListener): Promise<string> {
  return await listen(createServer(listener));
}

async function listen(server: Server | TcpServer): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  opened.push({
    close: () => {
      if ('closeAllConnections' in server) server.closeAllConnections();
      server.close();
    },
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function safeFetch(policy: FetchPolicy): SafeFetch {
  const made = createSafeFetch(policy);
  opened.push(made);
  return made;
}

const limits = { maxBytes: 1_000, timeoutMs: 5_000 };

test('fetches bytes with status and headers', async () => {
  const origin = await serve((request, response) => {
    response
      .writeHead(200, { 'content-type': 'image/png' })
      .end(`${request.method} ${request.headers['accept-encoding']}`);
  });
  const { body, ...rest } = await safeFetch({ allow: [origin] }).fetch(`${origin}/a.png?b=c`, limits);
  expect(body.toString()).toBe('GET identity');
  expect(rest).toMatchObject({ url: `${origin}/a.png?b=c`, status: 200, headers: { 'content-type': 'image/png' } });
});

test('sends a body with headers, and follows no redirect with it', async () => {
  const seen: string[] = [];
  const origin = await serve(async (request, response) => {
    seen.push(
      `${request.method} ${request.url} ${request.headers['webhook-id']} ${(await request.toArray()).join('')}`,
    );
    if (request.url === '/moved') response.writeHead(307, { location: '/hook' }).end();
    else response.writeHead(204).end();
  });
  const { fetch } = safeFetch({ allow: [origin] });
  const post = { ...limits, method: 'POST', body: '{"a":1}', headers: { 'webhook-id': 'w1' } } as const;
  expect((await fetch(`${origin}/hook`, post)).status).toBe(204);
  await expect(fetch(`${origin}/moved`, post)).rejects.toMatchObject({
    name: 'FetchFailed',
    status: 307,
    retryable: false,
  });
  expect(seen).toEqual(['POST /hook w1 {"a":1}', 'POST /moved w1 {"a":1}']);
});

test('the size limit holds against announced, endless and compressed bodies', async () => {
  const big = Buffer.alloc(5_000_000);
  let sent = 0;
  const origin = await serve((request, response) => {
    const answers: Record<string, () => void> = {
      '/announced': () => response.writeHead(200, { 'content-length': '1000000000' }).write('x'),
      '/endless': () => {
        const more = () => {
          sent += 65_536;
          if (!response.destroyed) response.write(Buffer.alloc(65_536), () => setImmediate(more));
        };
        more();
      },
      '/gzip': () => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(big)),
      '/br': () => response.writeHead(200, { 'content-encoding': 'br' }).end(brotliCompressSync(big)),
      '/deflate': () => response.writeHead(200, { 'content-encoding': 'deflate' }).end(deflateSync(big)),
    };
    answers[request.url ?? '']?.();
  });
  const { fetch } = safeFetch({ allow: [origin] });
  for (const path of ['/announced', '/endless', '/gzip', '/br', '/deflate']) {
    const refused = fetch(origin + path, { maxBytes: 100_000, timeoutMs: 5_000 });
    await expect(refused, path).rejects.toMatchObject({ name: 'FetchRefused', reason: 'too_large' });
  }
  // What the sockets' buffers hold may be on its way; an endless body is not read on.
  expect(sent).toBeLessThan(20_000_000);
});

test('bodies that fill the limit exactly come through, plain and compressed though not asked for', async () => {
  const bytes = Buffer.alloc(1_000, 7);
  const origin = await serve((request, response) => {
    if (request.url === '/plain') response.end(bytes);
    else if (request.url === '/gzip') response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(bytes));
    else if (request.url === '/odd') response.writeHead(200, { 'content-encoding': 'gzip, br' }).end(bytes);
    else response.writeHead(200, { 'content-encoding': 'gzip' }).end(bytes);
  });
  const { fetch } = safeFetch({ allow: [origin] });
  expect((await fetch(`${origin}/plain`, limits)).body.equals(bytes)).toBe(true);
  expect((await fetch(`${origin}/gzip`, limits)).body.equals(bytes)).toBe(true);
  await expect(fetch(`${origin}/odd`, limits)).rejects.toThrow(/which was not asked for/);
  await expect(fetch(`${origin}/broken`, limits)).rejects.toThrow(/cannot be decompressed/);
});

test('one time limit covers lookup, connection, headers, body and redirects', async () => {
  const silent = await listen(createTcpServer((socket) => void socket.on('error', () => undefined)));
  const slow = await serve((request, response) => {
    if (request.url === '/drip') setInterval(() => response.write('x'), 50).unref();
    else setTimeout(() => response.writeHead(302, { location: '/again' }).end(), 200);
  });
  const never = () => new Promise<never>(() => undefined);
  const cases: [string, FetchPolicy][] = [
    [`${silent}/`, { allow: [silent] }],
    [`${slow}/drip`, { allow: [slow] }],
    [`${slow}/again`, { allow: [slow] }],
    ['https://a.example/', { resolve: never }],
  ];
  for (const [url, policy] of cases) {
    const start = Date.now();
    const failed = safeFetch(policy).fetch(url, { ...limits, timeoutMs: 300, maxRedirects: 20 });
    await expect(failed, url).rejects.toMatchObject({
      name: 'FetchFailed',
      retryable: true,
      message: expect.stringContaining('within 0.3 seconds'),
    });
    expect(Date.now() - start, url).toBeLessThan(1_500);
  }
});

test('stops at once on the signal of the caller, with its reason', async () => {
  const origin = await serve(() => undefined);
  const stop = new AbortController();
  const fetching = safeFetch({ allow: [origin] }).fetch(origin, { ...limits, signal: stop.signal });
  setTimeout(() => stop.abort(new Error('the run was cancelled')), 50);
  await expect(fetching).rejects.toThrow('the run was cancelled');
});

test.each([
  [404, false],
  [403, false],
  [410, false],
  [304, false],
  [408, true],
  [425, true],
  [429, true],
  [500, true],
  [503, true],
])('status %i is a failure, worth another try: %s', async (status, retryable) => {
  const origin = await serve((_, response) => response.writeHead(status, { 'retry-after': '7' }).end('no'));
  const failed = safeFetch({ allow: [origin] }).fetch(origin, limits);
  await expect(failed).rejects.toMatchObject({
    name: 'FetchFailed',
    status,
    retryable,
    retryAfterMs: 7_000,
  });
});

test('Retry-After may be a date, and nonsense is left out', async () => {
  let value = new Date(Date.now() + 20_000).toUTCString();
  const origin = await serve((_, response) => response.writeHead(503, { 'retry-after': value }).end());
  const { fetch } = safeFetch({ allow: [origin] });
  const failure = async () =>
    (await fetch(origin, limits).catch((error: unknown) => error)) as { retryAfterMs?: number };
  const { retryAfterMs = 0 } = await failure();
  expect(retryAfterMs).toBeGreaterThan(15_000);
  expect(retryAfterMs).toBeLessThanOrEqual(20_000);
  for (value of ['soon', '-5', new Date(0).toUTCString()])
    expect((await failure()).retryAfterMs, value).toBeUndefined();
});

test('follows redirects, and shows keys only to the host they were meant for', async () => {
  const seen: Record<string, unknown> = {};
  const other = await serve((request, response) => {
    seen.other = request.headers;
    response.end('there');
  });
  const origin = await serve((request, response) => {
    seen[request.url ?? ''] = request.headers.authorization;
    response.writeHead(302, { location: request.url === '/a' ? '/b' : `${other}/c` }).end('moved');
  });
  const { fetch } = safeFetch({ allow: [origin, other] });
  const headers = { authorization: 'Bearer key', cookie: 'a=b', 'x-api-key': 'key', 'user-agent': 'tests' };
  const { url, body } = await fetch(`${origin}/a`, { ...limits, headers });
  expect([url, body.toString()]).toEqual([`${other}/c`, 'there']);
  expect(seen).toMatchObject({ '/a': 'Bearer key', '/b': 'Bearer key' });
  expect(seen.other).toEqual({
    host: new URL(other).host,
    connection: 'keep-alive',
    'user-agent': 'tests',
    'accept-encoding': 'identity',
  });
});

test('redirects are followed so often and no more', async () => {
  const origin = await serve((request, response) => {
    const left = Number(request.url?.slice(1));
    if (left === 0) response.end('there');
    else response.writeHead(301, { location: `/${left - 1}` }).end();
  });
  const { fetch } = safeFetch({ allow: [origin] });
  expect((await fetch(`${origin}/3`, limits)).body.toString()).toBe('there');
  await expect(fetch(`${origin}/4`, limits)).rejects.toMatchObject({ reason: 'too_many_redirects' });
  await expect(fetch(`${origin}/1`, { ...limits, maxRedirects: 0 })).rejects.toMatchObject({
    reason: 'too_many_redirects',
  });
});

test('a redirect without a place to go is a failure', async () => {
  const origin = await serve((_, response) => response.writeHead(302).end());
  await expect(safeFetch({ allow: [origin] }).fetch(origin, limits)).rejects.toMatchObject({
    name: 'FetchFailed',
    status: 302,
  });
});

test('trouble below HTTP says what it was, without codes that others look for', async () => {
  const rude = await listen(
    createTcpServer((socket) => socket.on('error', () => undefined).end('I am no web server\r\n\r\n')),
  );
  const cut = await serve((_, response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('x', () => response.destroy());
  });
  const gone = await serve(() => undefined);
  await (opened.pop() as { close(): unknown }).close();
  const { fetch } = safeFetch({
    allow: [rude, cut, gone],
    resolve: (host) =>
      Promise.reject(Object.assign(new Error(), { code: host.startsWith('no') ? 'ENOTFOUND' : 'EAI_AGAIN' })),
  });
  await expect(fetch(rude, limits)).rejects.toMatchObject({
    retryable: false,
    message: expect.stringContaining('proper HTTP'),
  });
  await expect(fetch(cut, limits)).rejects.toMatchObject({
    retryable: true,
    message: expect.stringMatching(/^The connection to "[^"]*" failed\.$/),
  });
  await expect(fetch(gone, limits)).rejects.toMatchObject({
    retryable: true,
    message: expect.stringMatching(/^The connection to "[^"]*" failed\.$/),
  });
  await expect(fetch('https://no.example', limits)).rejects.toMatchObject({
    retryable: false,
    message: 'There is no host "no.example". Check the URL.',
  });
  await expect(fetch('https://away.example', limits)).rejects.toMatchObject({ retryable: true });
});

test('a certificate that nobody vouches for is refused, also at an allowed host', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'cota-tls-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  try {
    const self = [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-subj',
      '/CN=127.0.0.1',
    ];
    execFileSync('openssl', [...self, '-keyout', key, '-out', cert], { stdio: 'ignore' });
  } catch {
    context.skip('openssl is not installed');
  }
  const server = createTlsServer({ key: await readFile(key), cert: await readFile(cert) }, (_, response) =>
    response.end('x'),
  );
  const origin = (await listen(server)).replace('http:', 'https:');
  await rm(folder, { recursive: true });
  const failed = safeFetch({ allow: [origin] }).fetch(origin, limits);
  await expect(failed).rejects.toMatchObject({
    name: 'FetchFailed',
    retryable: false,
    message: expect.stringContaining('no certificate that can be trusted'),
  });
});
