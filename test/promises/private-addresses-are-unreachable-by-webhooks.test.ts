/**
 * The same promise for webhooks: no URL of an endpoint makes a webhook worker open a connection to an address outside
 * of the public internet, whatever the URL says, its name is looked up to, or its receiver answers. As in the other
 * file, ports and http are allowed throughout, so that only the check of addresses stands before the listener.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createSafeFetch, type FetchPolicy, type ResolvedAddress } from '../../shared/safe-fetch.ts';
import { type Endpoint, ownerOf } from '../../shared/webhooks/endpoints.ts';
import { newSecret, openKeyring } from '../../shared/webhooks/secrets.ts';
import { type Attempted, attempt } from '../../workers/webhooks/attempt.ts';
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

const keyring = openKeyring({ COTA_SECRET_KEY: ['a key for these tests'], COTA_API_KEY: undefined });
const sealed = keyring.seal(newSecret(), ownerOf('acme', 'we_1'));

/** One try of a webhook worker at an endpoint whose URL came past every check. */
async function tryAt(url: string, policy: FetchPolicy): Promise<Attempted> {
  const web = createSafeFetch({ allowHttp: true, setting: 'COTA_WEBHOOK_ALLOW', ...policy });
  const endpoint: Endpoint = {
    ...{ id: 'we_1', url, events: ['*'], description: '', enabled: true, createdAt: 0 },
    secrets: [{ sealed, createdAt: 0 }],
  };
  const claimed = {
    ...{ id: 'whd_1', token: '1', dueAt: 0, event: 'evt_1', type: 'response.completed', body: '{}' },
    ...{ attempts: 0, tries: [] },
  };
  const parts = { web, keyring, timeoutMs: 3_000, pausesS: [5], random: () => 0.5 };
  try {
    return await attempt(parts, 'acme', endpoint, claimed, Date.now(), new AbortController().signal);
  } finally {
    await web.close();
  }
}

const errorOf = ({ settlement }: Attempted): string | undefined =>
  'made' in settlement ? settlement.made.error : undefined;

const REFUSED = /does not lead to the public internet|is not a URL|not fetched|not a host/;

test('the listener can be reached, and is counted, where an operator allows it', async () => {
  const { settlement } = await tryAt(`http://127.0.0.1:${port}/`, { ports: [port], allow: ['127.0.0.1'] });
  expect(settlement).toMatchObject({ result: 'delivered', made: { status: 200, response: 'the secret' } });
  expect(listener.connections()).toBe(1);
});

test(`${spellings.length} spellings of private and reserved addresses are refused, and nothing arrives`, async () => {
  expect(new Set(spellings).size).toBeGreaterThanOrEqual(60);
  for (const host of spellings) {
    for (const url of [`http://${host}:${port}/`, `https://${host}/`, ` http:\\\\${host}:${port}\\a@example.com`]) {
      const tried = await tryAt(url, { ports: [port, 80, 443] });
      expect(tried.settlement.result, url).toBe('retry');
      expect(errorOf(tried), url).toMatch(REFUSED);
      expect(errorOf(tried), url).not.toContain('COTA_FETCH_ALLOW');
    }
  }
  expect(listener.connections()).toBe(0);
});

test('the same addresses behind a name are refused in the moment of connecting', async () => {
  let looked = 0;
  for (const [index, host] of spellings.entries()) {
    const hostname = URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : '';
    const address = hostname.replace(/[[\]]/g, '');
    if (!/^[\d.]+$|:/.test(address)) continue;
    looked += 1;
    const resolve = async (): Promise<ResolvedAddress[]> => [{ address, family: address.includes(':') ? 6 : 4 }];
    const tried = await tryAt(`http://name-${index}.example:${port}/`, { ports: [port], resolve });
    expect(errorOf(tried), address).toMatch(/does not lead to the public internet.*COTA_WEBHOOK_ALLOW/);
  }
  expect(looked).toBeGreaterThan(60);
  expect(listener.connections()).toBe(0);
});

test('a name that changes its address between tries gains nothing', async () => {
  // 127.0.0.2 stands for the public internet here: allowed, and its own listener. 127.0.0.1 stays private.
  const outside = createServer((_, response) => response.setHeader('connection', 'close').end('public'));
  outside.listen(0, '127.0.0.2');
  await once(outside, 'listening');
  const at = (outside.address() as AddressInfo).port;
  for (const privateTurn of [0, 1]) {
    let turn = 0;
    const resolve = async (): Promise<ResolvedAddress[]> => [
      { address: turn++ % 2 === privateTurn ? '127.0.0.1' : '127.0.0.2', family: 4 },
    ];
    for (let i = 0; i < 6; i++) {
      const before = turn;
      const tried = await tryAt(`http://rebinding.example:${at}/`, { ports: [at], allow: ['127.0.0.2'], resolve });
      // One lookup for one connection: what was checked is what was used.
      expect(turn - before).toBe(1);
      if (before % 2 === privateTurn) expect(errorOf(tried)).toMatch(REFUSED);
      else expect(tried.settlement).toMatchObject({ result: 'delivered', made: { response: 'public' } });
    }
  }
  const mixed = async (): Promise<ResolvedAddress[]> => [
    { address: '127.0.0.2', family: 4 },
    { address: '127.0.0.1', family: 4 },
  ];
  const both = { ports: [at, port], allow: ['127.0.0.2'], resolve: mixed };
  expect(errorOf(await tryAt(`http://mixed.example:${at}/`, both))).toMatch(REFUSED);
  outside.close();
  expect(listener.connections()).toBe(0);
});

test('redirects lead nowhere, not even to where deliveries may go', async () => {
  let target = '';
  let status = 302;
  let asked = 0;
  const outside = createServer((_, response) => {
    asked += 1;
    response.writeHead(status, { location: target }).end();
  });
  outside.listen(0, '127.0.0.2');
  await once(outside, 'listening');
  const origin = `http://127.0.0.2:${(outside.address() as AddressInfo).port}`;
  const targets = [
    ...spellings.map((host) => `http://${host}:${port}/`),
    `//127.0.0.1:${port}/`,
    `${origin}/again`,
    'file:///etc/passwd',
    'gopher://127.0.0.1:6379/_INFO',
  ];
  for (const [index, written] of targets.entries()) {
    status = [301, 302, 303, 307, 308][index % 5] ?? 302;
    target = encodeURI(written).replaceAll('%25', '%').replaceAll('%5B', '[').replaceAll('%5D', ']');
    const tried = await tryAt(`${origin}/`, { ports: [port], allow: [origin, '127.0.0.1', '::1'] });
    expect(tried.settlement.result, target).toBe('retry');
    expect(errorOf(tried), target).toContain(`answered ${status}: deliveries are not redirected`);
  }
  outside.closeAllConnections();
  outside.close();
  expect(asked).toBe(targets.length);
  expect(listener.connections()).toBe(0);
});
