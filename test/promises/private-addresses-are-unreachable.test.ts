/**
 * The promise: no URL that a user gives makes Cota open a connection to an address outside of the public internet.
 * A listener counts connections on every local address; ports and http are allowed throughout, so that nothing but the
 * check of addresses stands between the URL and the listener.
 */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createSafeFetch, type ResolvedAddress } from '../../shared/safe-fetch.ts';
import { spellings } from './private-addresses.ts';
import { openPrivateListener, type PrivateListener } from './private-listener.ts';

let listener: PrivateListener;
let port: number;
beforeAll(async () => {
  listener = await openPrivateListener();
  ({ port } = listener);
});
afterAll(() => listener.close());
beforeEach(() => listener.reset());

const limits = { maxBytes: 1_000, timeoutMs: 3_000 };
const ports = () => [port, 80, 443];

test('the listener can be reached, and is counted, where an operator allows it', async () => {
  const { fetch, close } = createSafeFetch({ allowHttp: true, ports: ports(), allow: ['127.0.0.1', '::1'] });
  for (const host of ['127.0.0.1', '[::1]', '0x7f.1', '[::ffff:127.0.0.1]']) {
    expect((await fetch(`http://${host}:${port}/`, limits)).body.toString(), host).toBe('the secret');
  }
  expect(listener.connections()).toBeGreaterThan(0);
  await close();
});

test(`${spellings.length} spellings of private and reserved addresses are refused, and nothing arrives`, async () => {
  expect(new Set(spellings).size).toBeGreaterThanOrEqual(60);
  const { fetch, check, close } = createSafeFetch({ allowHttp: true, ports: ports() });
  for (const host of spellings) {
    for (const url of [`http://${host}:${port}/`, `https://${host}/`, ` http:\\\\${host}:${port}\\a@example.com`]) {
      expect(() => check(url), url).toThrow(expect.objectContaining({ name: 'FetchRefused' }));
      await expect(fetch(url, limits), url).rejects.toMatchObject({ name: 'FetchRefused' });
    }
  }
  await close();
  expect(listener.connections()).toBe(0);
});

test('the same addresses behind a name are refused in the moment of connecting', async () => {
  const answers = new Map<string, string>();
  for (const [i, host] of spellings.entries()) {
    const { hostname } = URL.canParse(`http://${host}`) ? new URL(`http://${host}`) : { hostname: '' };
    const address = hostname.replace(/[[\]]/g, '');
    if (/^[\d.]+$|:/.test(address)) answers.set(`name-${i}.example`, address);
  }
  expect(answers.size).toBeGreaterThan(60);
  const asked: string[] = [];
  const resolve = async (host: string): Promise<ResolvedAddress[]> => {
    asked.push(host);
    const address = answers.get(host)!;
    return [{ address, family: address.includes(':') ? 6 : 4 }];
  };
  const { fetch, close } = createSafeFetch({ allowHttp: true, ports: ports(), resolve });
  for (const host of answers.keys()) {
    await expect(fetch(`http://${host}:${port}/`, limits), `${host} = ${answers.get(host)}`).rejects.toMatchObject({
      name: 'FetchRefused',
      reason: 'not_allowed',
      message: expect.stringContaining('does not lead to the public internet'),
    });
  }
  // Each was really looked up, so each refusal came from the connection.
  expect(asked.sort()).toEqual([...answers.keys()].sort());
  await close();
  expect(listener.connections()).toBe(0);
});

test('one private address among public ones spoils the answer, in any order', async () => {
  const open: ResolvedAddress = { address: '93.184.215.14', family: 4 };
  const shut: ResolvedAddress = { address: '127.0.0.1', family: 4 };
  for (const answer of [[open, shut], [shut, open], [open, { address: '::1', family: 6 } as const], []]) {
    const { fetch, close } = createSafeFetch({ allowHttp: true, ports: ports(), resolve: async () => answer });
    await expect(fetch(`http://mixed.example:${port}/`, limits)).rejects.toMatchObject({
      name: answer.length ? 'FetchRefused' : 'FetchFailed',
    });
    await close();
  }
  expect(listener.connections()).toBe(0);
});

test('a name that changes its address between lookups gains nothing', async () => {
  // 127.0.0.2 stands for the public internet here: allowed, and its own listener. 127.0.0.1 stays private.
  const outside = createServer((_, response) => response.setHeader('connection', 'close').end('public'));
  outside.listen(0, '127.0.0.2');
  await once(outside, 'listening');
  const { port: outsidePort } = outside.address() as AddressInfo;
  for (const privateTurn of [0, 1]) {
    let turn = 0;
    const resolve = async (): Promise<ResolvedAddress[]> => [
      { address: turn++ % 2 === privateTurn ? '127.0.0.1' : '127.0.0.2', family: 4 },
    ];
    for (const at of [port, outsidePort]) {
      turn = 0;
      const { fetch, close } = createSafeFetch({
        allowHttp: true,
        ports: [port, outsidePort],
        allow: ['127.0.0.2'],
        resolve,
      });
      for (let i = 0; i < 10; i++) {
        const before = turn;
        const got = await fetch(`http://rebinding.example:${at}/`, limits).then(
          ({ body }) => body.toString(),
          (error: Error) => error.name,
        );
        // One lookup for one connection: what was checked is what was used.
        expect(turn - before).toBe(1);
        if (before % 2 === privateTurn) expect(got).toBe('FetchRefused');
        // The listener of secrets takes 127.0.0.2 as well: such an answer is a connection to an allowed address.
        else expect(got).toBe(at === port ? 'the secret' : 'public');
      }
      await close();
    }
  }
  outside.close();
  const toAllowed = 2 * 5;
  expect(listener.connections()).toBe(toAllowed);
});

test('redirects are checked like first URLs', async () => {
  let target = '';
  const outside = createServer((_, response) => response.writeHead(302, { location: target }).end());
  outside.listen(0, '127.0.0.2');
  await once(outside, 'listening');
  const origin = `http://127.0.0.2:${(outside.address() as AddressInfo).port}`;
  const resolve = async (): Promise<ResolvedAddress[]> => [{ address: '127.0.0.1', family: 4 }];
  const { fetch, close } = createSafeFetch({ allowHttp: true, ports: ports(), allow: [origin], resolve });
  const targets = [
    ...spellings.map((host) => `http://${host}:${port}/`),
    `//127.0.0.1:${port}/`,
    `\\\\127.0.0.1:${port}/`,
    `http://name.example:${port}/`,
    `http://user:password@example.com:${port}/`,
    'http://example.com:22/',
    'file:///etc/passwd',
    'ftp://127.0.0.1/',
    'gopher://127.0.0.1:6379/_INFO',
    'data:text/plain,a',
  ];
  for (target of targets) {
    // Node sends header bytes as Latin-1; browsers and servers percent-encode what lies beyond.
    target = encodeURI(target).replaceAll('%25', '%').replaceAll('%5B', '[').replaceAll('%5D', ']');
    await expect(fetch(`${origin}/`, limits), target).rejects.toMatchObject({ name: 'FetchRefused' });
  }
  await close();
  outside.closeAllConnections();
  outside.close();
  expect(listener.connections()).toBe(0);
});

test('proxies that the environment names are not asked', async () => {
  const outside = createServer((_, response) => response.end('direct'));
  outside.listen(0, '127.0.0.2');
  await once(outside, 'listening');
  const origin = `http://127.0.0.2:${(outside.address() as AddressInfo).port}`;
  const script = `
    import { createSafeFetch } from '${new URL('../../shared/safe-fetch.ts', import.meta.url)}';
    const { fetch, close } = createSafeFetch({ allow: ['${origin}'] });
    process.stdout.write((await fetch('${origin}/', { maxBytes: 100, timeoutMs: 3000 })).body);
    await close();`;
  const proxy = `http://127.0.0.1:${port}`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
    env: {
      NODE_USE_ENV_PROXY: '1',
      HTTP_PROXY: proxy,
      HTTPS_PROXY: proxy,
      ALL_PROXY: proxy,
      http_proxy: proxy,
      https_proxy: proxy,
    },
  });
  outside.close();
  expect(stdout).toBe('direct');
  expect(listener.connections()).toBe(0);
});
