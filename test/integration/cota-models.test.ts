/** `cota models list`, `pull`, `verify` and `remove` as a person runs them, against a server that behaves like the hub. */
import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Cota, openCota, until } from '../cota-command.ts';
import { type FakeHub, startFakeHub } from '../fake-hub.ts';

const LARGE = 8_000_000;
const model = randomBytes(LARGE);
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

let cota: Cota;
let hub: FakeHub;
let env: Record<string, string>;
beforeAll(async () => {
  cota = await openCota('{}');
  hub = await startFakeHub('org/tiny');
  hub.files.set('config.json', Buffer.from('{}')).set('onnx/model.onnx', model);
  const catalogue = join(cota.dir, 'catalogue.yaml');
  const entry = (id: string, pin: string | null) => ({
    ...{ id, engine: 'depth', repo: 'org/tiny', revision: 'main', licence: 'MIT', source: 'https://example.org/tiny' },
    ...{ description: 'Tiny.', tools: ['EstimateRegionDepth'] },
    files: [{ path: 'config.json' }, { path: 'onnx/model.onnx', bytes: LARGE, sha256: pin }],
  });
  writeFileSync(catalogue, JSON.stringify([entry('tiny', sha256(model)), entry('wrong', 'a'.repeat(64))]));
  env = { COTA_WEIGHTS_CATALOGUE: catalogue, HF_ENDPOINT: hub.url };
});
beforeEach(() => {
  hub.faults = {};
  hub.asked.length = 0;
});
afterAll(async () => {
  await hub.close();
  await cota.remove();
});

const run = (...args: string[]) => cota.run(['models', ...args], env);
const folder = (): string => join(cota.data, 'weights/org/tiny');
const cdn = () => hub.asked.filter((one) => one.at === 'cdn');

test('a pull that is killed goes on where it was, and what is there is listed, verified, mended and removed', async () => {
  hub.faults = { pauseMs: 20 };
  const { child, said } = cota.spawn(['models', 'pull', 'tiny'], env);
  const part = join(folder(), 'onnx/model.onnx.part');
  await until('a part is there', () => (statSync(part, { throwIfNoEntry: false })?.size ?? 0) > 1_000_000);
  child.kill('SIGKILL');
  await said;
  const have = statSync(part).size;
  expect(have).toBeLessThan(LARGE);
  expect((await run('list')).out).toMatch(/tiny .* begun: pull goes on with it/);

  hub.faults = {};
  hub.asked.length = 0;
  const pulled = await run('pull', 'tiny');
  expect(pulled).toMatchObject({ code: 0, err: '' });
  expect(pulled.out).toMatch(
    /^tiny: pulled 2 files, 7.6 MB, in .*weights; not pinned by the catalogue, .*: config.json\n$/,
  );
  expect(cdn().map((one) => one.range)).toEqual([`bytes=${have}-`]);
  expect(readFileSync(join(folder(), 'onnx/model.onnx')).equals(model)).toBe(true);
  expect(readdirSync(folder()).sort()).toEqual(['config.json', 'cota-weights-tiny.json', 'onnx']);

  const listed = JSON.parse((await run('list', '--json')).out) as { id: string; ready: boolean; pinned: boolean }[];
  expect(listed.find((one) => one.id === 'tiny')).toMatchObject({ ready: true, pinned: false });
  expect(listed.map((one) => one.id)).toContain('grounding-dino-tiny-q8');

  writeFileSync(join(folder(), 'onnx/model.onnx'), Buffer.alloc(LARGE));
  const verified = await run('verify', 'tiny');
  expect(verified.code).toBe(1);
  expect(verified.out).toMatch(/^tiny: onnx\/model.onnx: other bytes\n\nto mend it: cota models pull tiny --force\n/);
  const stored = await run('pull', 'tiny', '--force', '--to', 'store');
  expect(stored).toMatchObject({ code: 0, out: expect.stringContaining('2 files copied into the object store') });
  expect((await run('list', '--store')).out).toMatch(/tiny .* ready +there/);
  expect(await run('verify', '--store')).toMatchObject({ code: 0, out: 'tiny: all well\n' });
  expect((await run('remove', 'tiny', '--store')).code).toBe(0);

  const removed = await run('remove', 'tiny');
  expect(removed.out).toBe(
    `tiny: removed\n${['cota-weights-tiny.json', 'config.json', 'onnx/model.onnx'].map((path) => `  org/tiny/${path}\n`).join('')}`,
  );
  expect(readdirSync(join(cota.data, 'weights'))).toEqual([]);
});

test('it goes through a proxy, and takes a folder where there is no network', async () => {
  const through: string[] = [];
  const proxy = createServer((incoming, outgoing) => {
    // The name leads nowhere: only the proxy knows where it is.
    through.push(incoming.url ?? '');
    const url = new URL(incoming.url ?? '');
    const target = url.hostname === 'hub.invalid' ? new URL(url.pathname, hub.url) : url;
    const onward = request(target, { headers: { ...incoming.headers, host: target.host } }, (reply) => {
      outgoing.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.pipe(outgoing);
    });
    incoming.pipe(onward);
  });
  proxy.on('connect', (incoming, socket) => {
    through.push(incoming.url ?? '');
    const [host, port] = (incoming.url ?? '').split(':');
    const target = new URL(host === 'hub.invalid' ? hub.url : `http://${host}:${port}`);
    const onward = connect(Number(target.port), target.hostname, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.pipe(onward).pipe(socket);
    });
    onward.on('error', () => socket.destroy());
    socket.on('error', () => onward.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const proxied = {
    ...env,
    HF_ENDPOINT: 'http://hub.invalid',
    HTTP_PROXY: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
  };
  const pulled = await cota.run(['models', 'pull', 'tiny'], proxied);
  proxy.closeAllConnections();
  await new Promise((resolve) => proxy.close(resolve));
  expect(pulled).toMatchObject({ code: 0, err: '' });
  expect(through.join(' ')).toContain('hub.invalid');

  hub.asked.length = 0;
  const other = join(cota.dir, 'elsewhere');
  const copied = await run('pull', 'tiny', '--from', join(cota.data, 'weights'), '--weights', other);
  expect(copied).toMatchObject({ code: 0, out: expect.stringContaining(`in ${other}`) });
  expect(hub.asked).toEqual([]);
  rmSync(join(cota.data, 'weights'), { recursive: true });
});

test('Ctrl-C ends a pull that waits for its hub', async () => {
  hub.faults = { refusals: { status: 503, times: 99, retryAfter: 60 } };
  const { child, said } = cota.spawn(['models', 'pull', 'tiny'], env);
  await until('it has asked', () => hub.asked.length > 0);
  child.kill('SIGINT');
  expect(await said).toMatchObject({ code: 1, err: expect.stringMatching(/^cota: stopped: what is there is kept/m) });
});

test('what cannot be done is told in one line', async () => {
  writeFileSync(join(cota.dir, 'occupied'), '');
  const cases: readonly [string[], number, RegExp][] = [
    [['pull'], 2, /pull what\? there are tiny, wrong, grounding-dino-tiny, /],
    [['pull', 'tinny'], 2, /the catalogue has no weights "tinny": did you mean tiny\?/],
    [['pull', 'tiny', '--weights', 'occupied'], 1, /cannot write .*occupied/],
    [['pull', 'wrong'], 1, /is not that of the catalogue: its SHA-256 is/],
    [['pull', 'tiny', '--from', 'http://127.0.0.1:9'], 1, /127.0.0.1:9 cannot be reached .*: --from takes a mirror/],
    [['polish'], 2, /there is no command "models polish"/],
    [['remove', 'tiny'], 1, /there is nothing of tiny/],
  ];
  // Two at a time, but never two that are about the same folder: one would say that it waits for the other.
  for (let next = 0; next < cases.length; next += 2) {
    await Promise.all(
      cases.slice(next, next + 2).map(async ([args, code, words]) => {
        const said = await run(...args);
        expect(said.err.trim().split('\n')).toEqual([expect.stringMatching(words)]);
        expect(said).toMatchObject({ code, out: '' });
      }),
    );
  }
  expect((await run('--help')).out).toMatch(/cota models \[COMMAND\][\s\S]*\(none\) +List the models of models.yaml/);
});
