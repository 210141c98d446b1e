/** What only the file driver can do wrong: half files, a folder that vanishes, a full disk, forged links. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LinkRefused, type ObjectStore, openObjectStore, StoreAway } from '../../shared/object-store.ts';

const json = { contentType: 'application/json' };
const linkSecret = 'a secret of tests';
let root: string;
let store: ObjectStore;

beforeEach(async () => {
  root = join(await mkdtemp(join(tmpdir(), 'cota-fs-')), 'store');
  store = await openObjectStore({ driver: 'fs', root, linkSecret });
});
afterEach(() => rm(join(root, '..'), { recursive: true, force: true }));

async function keys(): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of store.list('')) found.push(key);
  return found;
}

test('a process killed at any moment leaves whole objects only', async () => {
  // Each body is one byte value repeated, 1 to 3 MB: any mixture or cut shows.
  const writer = `
    import { openObjectStore } from '${new URL('../../shared/object-store.ts', import.meta.url)}';
    const store = await openObjectStore({ driver: 'fs', root: process.argv[1], linkSecret: '${linkSecret}' });
    for (let i = 0; ; i++) {
      await Promise.all([0, 1, 2, 3].map((n) => store.put('t/a/runs/' + n + '/trace.bin', Buffer.alloc(1_000_000 * (1 + (i % 3)), i % 251), { contentType: 'image/png' })));
      if (i === 0) process.stdout.write('going');
    }`;
  let leftovers = 0;
  for (let round = 0; round < 12; round++) {
    const child = spawn(process.execPath, ['--input-type=module', '-e', writer, root], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout!, 'data');
    await sleep(round * 7);
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
    leftovers += (await readdir(join(root, '.tmp'))).length;
    expect((await keys()).sort()).toEqual([0, 1, 2, 3].map((n) => `t/a/runs/${n}/trace.bin`));
    for (const key of await keys()) {
      const { bytes, contentType } = await store.get(key);
      expect(contentType).toBe('image/png');
      expect([1_000_000, 2_000_000, 3_000_000]).toContain(bytes.length);
      expect(bytes.equals(Buffer.alloc(bytes.length, bytes[0]))).toBe(true);
    }
  }
  // Otherwise no kill hit a write, and this test showed nothing.
  expect(leftovers).toBeGreaterThan(0);
}, 60_000);

test('a folder that was moved away is an outage, is not made anew, and ends when it is back', async () => {
  await store.put('t/a/runs/1/trace.json', Buffer.from('{}'), json);
  await rename(root, `${root}-away`);
  const calls = {
    put: () => store.put('t/a/runs/1/trace.json', Buffer.from('[]'), json),
    putElsewhere: () => store.put('t/new/runs/2/trace.json', Buffer.from('[]'), json),
    get: () => store.get('t/a/runs/1/trace.json'),
    getMissing: () => store.get('t/a/runs/9/trace.json'),
    stream: () => store.stream('t/a/runs/1/trace.json'),
    head: () => store.head('t/a/runs/1/trace.json'),
    delete: () => store.delete('t/a/runs/1/trace.json'),
    deletePrefix: () => store.deletePrefix('t/a/runs/1/'),
    list: keys,
    check: () => store.check(),
  };
  for (const [name, call] of Object.entries(calls)) {
    await expect(call(), name).rejects.toMatchObject({
      name: 'StoreAway',
      reason: 'root_missing',
      message: expect.stringContaining(root),
    });
    expect(existsSync(root), name).toBe(false);
  }
  // An unmounted volume leaves an empty folder: that is not the store either.
  await mkdir(root);
  for (const [name, call] of Object.entries(calls)) await expect(call(), name).rejects.toThrow(StoreAway);
  expect(await readdir(root)).toEqual([]);
  await rm(root, { recursive: true });

  await rename(`${root}-away`, root);
  expect((await store.get('t/a/runs/1/trace.json')).bytes.toString()).toBe('{}');
  await calls.putElsewhere();
  await store.check();
});

test('folders that another process removed are made again', async () => {
  const other = await openObjectStore({ driver: 'fs', root, linkSecret });
  for (let i = 0; i < 5; i++) {
    await store.put('t/a/runs/1/trace.json', Buffer.from('{}'), json);
    await store.put('short/1.json', Buffer.from('{}'), json);
    await (i % 2 ? other.deletePrefix('t/a/') : other.delete('t/a/runs/1/trace.json'));
    await other.delete('short/1.json');
    expect((await readdir(root)).filter((name) => name !== '.tmp')).toEqual([]);
  }
});

test('puts and deletes of the same folder at once: every put that resolves last is there', async () => {
  const work = Array.from({ length: 200 }, (_, i) =>
    i % 2 ? store.deletePrefix('t/a/runs/1/') : store.put(`t/a/runs/1/${i}.json`, Buffer.from('{}'), json),
  );
  await Promise.all([...work, ...Array.from({ length: 50 }, () => store.deletePrefix('t/'))]);
  await store.put('t/a/runs/1/last.json', Buffer.from('{}'), json);
  expect(await keys()).toContain('t/a/runs/1/last.json');
});

test('a full disk and a read-only one say so, and a failed put leaves nothing', async (context) => {
  const disk = join(root, '..', 'disk');
  await mkdir(disk);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk], { stdio: 'ignore' });
  } catch {
    context.skip('mounting a small file system is not allowed here');
  }
  try {
    const small = await openObjectStore({ driver: 'fs', root: disk, linkSecret });
    await small.put('old.json', Buffer.from('{}'), json);
    await expect(small.put('big.bin', Buffer.alloc(2_000_000), json)).rejects.toMatchObject({ reason: 'full' });
    await expect(small.put('old.json', Buffer.alloc(2_000_000), json)).rejects.toThrow(/is full. Free some space/);
    expect(await readdir(join(disk, '.tmp'))).toEqual([]);
    expect((await small.get('old.json')).bytes.toString()).toBe('{}');
    execFileSync('mount', ['-o', 'remount,ro', disk]);
    await expect(small.put('new.json', Buffer.from('{}'), json)).rejects.toMatchObject({ reason: 'read_only' });
    await expect(small.check()).rejects.toMatchObject({ reason: 'read_only' });
    expect((await small.get('old.json')).bytes.toString()).toBe('{}');
  } finally {
    execFileSync('umount', [disk]);
  }
});

test('a root that cannot be made is a clear error', async () => {
  await writeFile(join(root, '..', 'file'), '');
  const open = openObjectStore({ driver: 'fs', root: join(root, '..', 'file', 'store'), linkSecret });
  await expect(open).rejects.toThrow(/is not a folder/);
});

test('opening sweeps what dead processes left, and nothing younger', async () => {
  await writeFile(join(root, '.tmp', 'old'), 'x');
  await utimes(join(root, '.tmp', 'old'), 0, 0);
  await writeFile(join(root, '.tmp', 'young'), 'x');
  await openObjectStore({ driver: 'fs', root, linkSecret });
  expect(await readdir(join(root, '.tmp'))).toEqual(['young']);
});

test('a link opens its key for its time, on every process with the secret, and nothing else', async () => {
  const other = await openObjectStore({ driver: 'fs', root, linkSecret });
  const stranger = await openObjectStore({ driver: 'fs', root, linkSecret: 'another secret of tests' });
  const key = 't/a/runs/1/image+1=@.png';
  const link = await store.link(key, { expiresInSeconds: 60, baseUrl: 'https://cota.example/' });
  expect(link).toMatch(/^https:\/\/cota\.example\/v1\/links\/t\/a\/runs\/1\//);
  const { pathname, search } = new URL(link);
  const path = pathname + search;
  expect(store.verifyLink(path)).toBe(key);
  expect(other.verifyLink(path)).toBe(key);
  expect(() => stranger.verifyLink(path)).toThrow(LinkRefused);

  const forged = [
    path.replace('runs/1', 'runs/2'),
    path.replace(/expires=(\d)/, 'expires=9'),
    path.replace(/signature=./, (s) => (s.endsWith('A') ? 'signature=B' : 'signature=A')),
    path.slice(0, -1),
    path.replace(/&signature=.*/, ''),
    path.replace(/\?.*/, ''),
    path.replace('/v1/links/', '/v1/links/../'),
    path.replace('/v1/links/', '/v1/other/'),
    path.replace('t/a', 't%2f..%2fa'),
    '/v1/links/%E0%A4%A',
    '',
  ];
  for (const bad of forged) expect(() => store.verifyLink(bad), bad).toThrow(LinkRefused);

  const short = new URL(await store.link(key, { expiresInSeconds: 1, baseUrl: 'http://x' }));
  await sleep(1100);
  expect(() => store.verifyLink(short.pathname + short.search)).toThrow(/has expired/);
  for (const seconds of [0, -1, 1.5, 604_801, Number.NaN])
    await expect(store.link(key, { expiresInSeconds: seconds })).rejects.toThrow(RangeError);
});
