/**
 * The promise: no URL that a user gives makes Cota open a connection to an address outside of the public internet.
 * A listener counts connections on every local address; ports and http are allowed throughout, so that nothing but the
 * check of addresses stands between the URL and the listener.
 */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createSafeFetch, type ResolvedAddress } from '../../shared/safe-fetch.ts';

let secret: Server;
let port: number;
let connections = 0;

beforeAll(async () => {
  // No kept connections: each request of a test must look its name up and connect.
  secret = createServer((_, response) => response.setHeader('connection', 'close').end('the secret'));
  secret.on('connection', () => connections++);
  secret.listen(0, '::');
  await once(secret, 'listening');
  port = (secret.address() as AddressInfo).port;
});
afterAll(() => {
  secret.closeAllConnections();
  secret.close();
});
beforeEach(() => {
  connections = 0;
});

const limits = { maxBytes: 1_000, timeoutMs: 3_000 };
const ports = () => [port, 80, 443];

const spellings = [
  // Loopback, in every form that URLs know.
  'localhost',
  'LOCALHOST',
  'localhost.',
  'a.localhost',
  'a.b.localhost.',
  'ⓛⓞⓒⓐⓛⓗⓞⓢⓣ',
  'loc%61lhost',
  '127.0.0.1',
  '127.0.0.1.',
  '127.1',
  '127.0.1',
  '127.255.255.254',
  '127.0.0.2',
  '2130706433',
  '0x7f000001',
  '0x7f.1',
  '0x7f.0x0.0x0.0x1',
  '017700000001',
  '0177.0.0.1',
  '0177.0x0.1',
  '%31%32%37.0.0.1',
  '１２７.０.０.１',
  '127。0。0。1',
  '0x7F000001',
  '[::1]',
  '[0:0:0:0:0:0:0:1]',
  '[0000:0000:0000:0000:0000:0000:0000:0001]',
  '[::]',
  // "This host": Linux takes it for loopback.
  '0.0.0.0',
  '0',
  '0x0',
  '0.1.2.3',
  // IPv4 inside IPv6: mapped, compatible, translated, NAT64, 6to4, Teredo.
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[0:0:0:0:0:ffff:7f00:0001]',
  '[::127.0.0.1]',
  '[::7f00:1]',
  '[::ffff:0:127.0.0.1]',
  '[64:ff9b::127.0.0.1]',
  '[64:ff9b::a00:1]',
  '[64:ff9b:1::7f00:1]',
  '[2002:7f00:1::]',
  '[2002:a00:1::1]',
  '[2001:0:7f00:1::]',
  '[::ffff:10.0.0.1]',
  '[::ffff:169.254.169.254]',
  '[::ffff:a9fe:a9fe]',
  // Private networks.
  '10.0.0.1',
  '10.255.255.255',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.0.1',
  '192.168.255.255',
  '167772161',
  '0xc0a80001',
  '[fc00::1]',
  '[fd00::1]',
  '[fec0::1]',
  // Metadata of clouds, link-local.
  '169.254.169.254',
  '169.254.0.1',
  '2852039166',
  '0xa9fea9fe',
  '0251.0376.0251.0376',
  '[fd00:ec2::254]',
  '[fe80::1]',
  '[fe80::a9fe:a9fe]',
  '100.100.100.200',
  '192.0.0.192',
  '168.63.129.16',
  // Shared, reserved, documentation, benchmarks, multicast, broadcast.
  '100.64.0.1',
  '100.127.255.255',
  '192.0.0.1',
  '192.0.2.1',
  '198.51.100.1',
  '203.0.113.1',
  '198.18.0.1',
  '198.19.255.255',
  '192.88.99.1',
  '224.0.0.1',
  '239.255.255.255',
  '240.0.0.1',
  '255.255.255.255',
  '[ff02::1]',
  '[2001:db8::1]',
  '[3fff::1]',
  '[100::1]',
  '[2001:2::1]',
  '[5f00::1]',
  '[4000::1]',
  '[::2]',
];

test('the listener can be reached, and is counted, where an operator allows it', async () => {
  const { fetch, close } = createSafeFetch({ allowHttp: true, ports: ports(), allow: ['127.0.0.1', '::1'] });
  for (const host of ['127.0.0.1', '[::1]', '0x7f.1', '[::ffff:127.0.0.1]']) {
    expect((await fetch(`http://${host}:${port}/`, limits)).body.toString(), host).toBe('the secret');
  }
  expect(connections).toBeGreaterThan(0);
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
  expect(connections).toBe(0);
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
  expect(connections).toBe(0);
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
  expect(connections).toBe(0);
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
  expect(connections).toBe(toAllowed);
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
  expect(connections).toBe(0);
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
  expect(connections).toBe(0);
});
