import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { COMMIT, type FakeHub, startFakeHub } from '../../test/fake-hub.ts';
import type { CatalogueEntry } from './catalogue.ts';
import { folderSource } from './folder.ts';
import { hubSource } from './hub.ts';
import { pull } from './pull.ts';
import type { WeightsSource } from './source.ts';
import { remove, verify } from './verify.ts';
import { openWeights } from './weights.ts';

const REPO = 'org/tiny-ONNX';
const LARGE = 700_000;
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

let root: string;
let hub: FakeHub;
let sources: WeightsSource[];
const model = randomBytes(LARGE);
const config = Buffer.from('{"model_type": "tiny"}\n');
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'cota-weights-'));
  hub = await startFakeHub(REPO);
  hub.files.set('config.json', config).set('onnx/model.onnx', model);
  sources = [];
});
afterEach(async () => {
  for (const source of sources) await source.close();
  await hub.close();
  await rm(root, { recursive: true, force: true });
});

const entry = (change: Partial<CatalogueEntry> = {}): CatalogueEntry => ({
  ...{ id: 'tiny', engine: 'clip', dtype: 'fp32', repo: REPO, revision: 'main', licence: 'MIT', description: '' },
  ...{ source: 'https://example.org', tools: [] },
  files: [
    { path: 'config.json', bytes: null, sha256: null },
    { path: 'onnx/model.onnx', bytes: LARGE, sha256: sha256(model) },
  ],
  ...change,
});
const loose = entry({ files: entry().files.map(({ path }) => ({ path, bytes: null, sha256: null })) });

function from(source: WeightsSource = hubSource(hub.url), what = entry()) {
  sources.push(source);
  const notes: string[] = [];
  const pulled = pull({
    ...{ root, entry: what, source, signal: new AbortController().signal },
    patience: { attempts: 3, pauseMs: 1 },
    onNote: (line) => notes.push(line),
  });
  return Object.assign(pulled, { notes });
}
const at = (path: string): string => join(root, REPO, path);
const large = () => hub.asked.filter((one) => one.at === 'cdn');

test('what is pulled is checked, has a receipt, and is there the next time; a token stays with the hub', async () => {
  hub.faults = { token: 'hf_x' };
  const { receipt, fetched } = await from(hubSource(hub.url, 'hf_x'));
  expect(fetched).toEqual(['config.json', 'onnx/model.onnx']);
  expect(receipt).toMatchObject({ id: 'tiny', repo: REPO, revision: 'main', commit: COMMIT, from: hub.url });
  expect(receipt.files).toEqual([
    { path: 'config.json', bytes: config.length, sha256: sha256(config), heldTo: 'source' },
    { path: 'onnx/model.onnx', bytes: LARGE, sha256: sha256(model), heldTo: 'catalogue' },
  ]);
  expect(sha256(await readFile(at('onnx/model.onnx')))).toBe(sha256(model));
  expect((await readdir(at(''), { recursive: true })).sort()).toEqual(
    ['config.json', 'cota-weights-tiny.json', 'onnx', 'onnx/model.onnx'].sort(),
  );
  expect(openWeights(root, [entry()]).find('tiny')).toMatchObject({ ready: true, folder: join(root, REPO) });
  const asked = hub.asked.length;
  expect((await from()).fetched).toEqual([]);
  expect(hub.asked).toHaveLength(asked);
  expect(large().map((one) => one.authorization)).toEqual([undefined]);
  expect(hub.asked[1]?.path, 'a branch may move between two files').toContain(`/resolve/${COMMIT}/`);
});

test('a broken connection is gone on with, each byte sent once, and progress is never given up', async () => {
  hub.faults = { breakAfter: 200_000, pauseMs: 2 };
  const pulling = from(undefined, loose);
  expect((await pulling).receipt.files[1]?.sha256).toBe(sha256(model));
  expect(large().length).toBeGreaterThanOrEqual(4);
  expect(large()[1]?.range).toMatch(/^bytes=\d+-$/);
  // A piece on its way when the connection breaks may be lost.
  expect(hub.sent).toBeLessThan(LARGE * 1.6);
  expect(pulling.notes.join()).toContain('trying again');
});

test.each([
  ['a server that ignores ranges', { ignoreRange: true }],
  ['a server that says nothing of its files', { silent: true }],
])('%s: an ended pull begins anew where it must, and comes to the same bytes', async (_, faults) => {
  hub.faults = { breakAfter: 300_000, pauseMs: 2 };
  const control = new AbortController();
  const source = hubSource(hub.url);
  sources.push(source);
  const first = pull({
    ...{ root, entry: loose, source, signal: control.signal, patience: { attempts: 0, pauseMs: 1 } },
  });
  await expect(first).rejects.toThrow(/what is there is kept/);
  expect((await stat(at('onnx/model.onnx.part'))).size).toBeGreaterThan(0);
  hub.faults = faults;
  expect((await from(undefined, loose)).receipt.files[1]?.sha256).toBe(sha256(model));
});

test('a part of a file that has changed since is thrown away', async () => {
  hub.faults = { breakAfter: 300_000, pauseMs: 2 };
  await expect(
    pull({
      ...{ root, entry: loose, source: hubSource(hub.url), signal: new AbortController().signal },
      patience: { attempts: 0, pauseMs: 1 },
    }),
  ).rejects.toThrow();
  const newer = randomBytes(LARGE + 5);
  hub.files.set('onnx/model.onnx', newer);
  hub.faults = {};
  await from(undefined, loose);
  expect(sha256(await readFile(at('onnx/model.onnx')))).toBe(sha256(newer));
});

test('changed bytes are fetched again once, and never get the name of the file', async () => {
  hub.faults = { corrupt: 1 };
  const once = from(undefined, loose);
  await once;
  expect(once.notes.join()).toContain('fetched again from the start');
  await remove(root, loose, new AbortController().signal);
  hub.faults = { corrupt: 9 };
  await expect(from(undefined, loose)).rejects.toThrow(
    /onnx\/model.onnx from http.* is not what it should be: its SHA-256 is/,
  );
  expect(existsSync(at('onnx/model.onnx'))).toBe(false);
  expect(openWeights(root, [loose]).find('tiny')).toMatchObject({ ready: false, remedy: 'cota models pull tiny' });
});

test('a file other than that of the catalogue is refused before a byte of it is kept', async () => {
  const files = (bytes: number | null, hash: string | null) => [{ path: 'onnx/model.onnx', bytes, sha256: hash }];
  await expect(from(undefined, entry({ files: files(5, null) }))).rejects.toThrow(/700000 bytes, not 5; is org\/tiny/);
  const other = files(LARGE, 'a'.repeat(64));
  await expect(from(undefined, entry({ files: other }))).rejects.toThrow(/its SHA-256 is [0-9a-f]{12}…, not aaaa/);
  // Nor what is shorter or longer than the hub says.
  hub.faults = { other: model.subarray(0, 400_000) };
  await expect(from(undefined, loose)).rejects.toThrow(/given up after 3|400000 bytes, not 700000/);
  hub.faults = { other: Buffer.concat([model, model]) };
  await expect(from(undefined, loose)).rejects.toThrow(/sends more than the 700000 bytes/);
  expect(existsSync(at('onnx/model.onnx'))).toBe(false);
});

test('a busy hub is tried again; one that refuses is told in one line', async () => {
  hub.faults = { refusals: { status: 503, times: 2 } };
  await from();
  await remove(root, entry(), new AbortController().signal);
  hub.faults = { refusals: { status: 429, times: 99 } };
  await expect(from()).rejects.toThrow(/answers HTTP 429: given up after 3 more tries/);
  hub.faults = { token: 'hf_secret' };
  await expect(from()).rejects.toThrow(/does not give out config.json of org\/tiny-ONNX without a token: set HF_TOKEN/);
  hub.faults = {};
  hub.files.delete('config.json');
  await expect(from()).rejects.toThrow(/has no config.json of org\/tiny-ONNX at revision main/);
  await expect(from(hubSource('http://127.0.0.1:9'))).rejects.toThrow(
    /^127.0.0.1:9 cannot be reached \(.*\): --from takes/,
  );
});

test('two pulls at once fetch everything once', async () => {
  hub.faults = { pauseMs: 5 };
  const both = [from(), from()] as const;
  const [one, other] = await Promise.all(both);
  expect([one.fetched.length, other.fetched.length].sort()).toEqual([0, 2]);
  expect(large()).toHaveLength(1);
  expect(both.flatMap(({ notes }) => notes).join()).toContain('pulls org/tiny-ONNX already: waiting for it');
});

test('a folder may be a copy of the hub, a cache of it, a clone, or the bare files', async () => {
  const layouts = {
    copy: (path: string) => join(REPO, path),
    cache: (path: string) => join('models--org--tiny-ONNX/snapshots/main', path),
    clone: (path: string) => path,
    bare: (path: string) => path.replace('onnx/', ''),
  };
  for (const [name, place] of Object.entries(layouts)) {
    const folder = join(root, 'from', name);
    for (const [path, bytes] of hub.files) {
      await mkdir(dirname(join(folder, place(path))), { recursive: true });
      await writeFile(join(folder, place(path)), bytes);
    }
    const { receipt } = await from(await folderSource(folder), entry({ id: name }));
    expect(receipt.files.map((file) => file.heldTo)).toEqual(['size', 'catalogue']);
    await remove(root, entry({ id: name }), new AbortController().signal);
    await writeFile(join(folder, place('onnx/model.onnx')), model.subarray(1));
    await expect(from(await folderSource(folder), entry({ id: name }))).rejects.toThrow(/699999 bytes, not 700000/);
  }
  await expect(folderSource(join(root, 'none'))).rejects.toThrow(/there is no folder/);
  await expect(from(await folderSource(root), entry({ id: 'x', repo: 'org/other' }))).rejects.toThrow(
    /has no config.json/,
  );
});

test('no room on the disk, and no folder to write into', async () => {
  const huge = entry({ files: [{ path: 'onnx/model.onnx', bytes: 9e15, sha256: null }] });
  await expect(from(undefined, huge)).rejects.toThrow(
    /has \d+ MB free, and tiny takes 9000000000 MB more: nothing is fetched/,
  );
  root = join(root, 'a file');
  await writeFile(root, '');
  await expect(from()).rejects.toThrow(/cannot write .*: (a part of its path is a file|EEXIST)/);
  expect(hub.asked).toEqual([]);
});

test('verify names what is missing, changed and strange; variants share a folder and what both need', async () => {
  const variant = entry({
    id: 'tiny-q8',
    files: [entry().files[0], { path: 'onnx/q8.onnx', bytes: null, sha256: null }].filter((f) => f !== undefined),
  });
  hub.files.set('onnx/q8.onnx', randomBytes(5_000));
  await from();
  await from(undefined, variant);
  expect(await verify(root, entry())).toEqual([]);
  expect(await verify(root, variant)).toEqual([]);

  await writeFile(at('onnx/model.onnx'), Buffer.concat([Buffer.from('x'), model.subarray(1)]));
  await writeFile(at('onnx/q8.onnx'), 'short');
  await writeFile(at('stray.bin'), 'x');
  const stray = { path: 'stray.bin', what: 'not of these weights' };
  expect(await verify(root, entry())).toEqual([{ path: 'onnx/model.onnx', what: 'other bytes' }, stray]);
  expect(await verify(root, variant)).toEqual([{ path: 'onnx/q8.onnx', what: 'wrong size' }, stray]);
  expect(openWeights(root, [variant]).find('tiny-q8')).toMatchObject({ ready: false, broken: /has 5 bytes/ });
  await from(undefined, variant);
  expect(openWeights(root, [variant]).find('tiny-q8')).toMatchObject({ ready: true });

  const signal = new AbortController().signal;
  expect(await remove(root, variant, signal)).toEqual(
    ['cota-weights-tiny-q8.json', 'onnx/q8.onnx'].map((path) => join(REPO, path)),
  );
  await rm(at('onnx/model.onnx'));
  expect(await verify(root, entry())).toEqual([{ path: 'onnx/model.onnx', what: 'missing' }, stray]);
  await remove(root, entry(), signal);
  expect(await readdir(at('')), 'what is not ours stays').toEqual(['stray.bin']);
  await expect(remove(root, entry(), signal)).rejects.toThrow(/there is nothing of tiny/);
  await expect(verify(root, entry())).rejects.toThrow(/has not been pulled/);
});

test('a mirror that never gives a whole file is given up, and not asked for ever', async () => {
  hub.faults = { refusals: { status: 416, times: 1_000_000 } };
  await expect(from()).rejects.toThrow('(HTTP 416)');
  hub.faults = { refusals: { status: 206, times: 1_000_000 } };
  await expect(from()).rejects.toThrow('gives a part of config.json of org/tiny-ONNX that nobody asked for');
  expect(hub.asked.length).toBeLessThan(4);
});
