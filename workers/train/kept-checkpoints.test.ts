import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type ObjectStore, openObjectStore } from '../../shared/object-store.ts';
import { checkpointFolder, listCheckpoints, putCheckpoint } from '../../shared/train/checkpoints.ts';
import { keepCheckpoint, restoreCheckpoint } from './kept-checkpoints.ts';

const AT = { tenant: 'acme', id: 'ftjob-01j00000000000000000000000' };
let folder: string;
let out: string;
let objects: ObjectStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cota-kept-'));
  out = join(folder, 'out');
  await mkdir(out);
  await writeFile(join(folder, 'secret'), 'of the machine');
  objects = await openObjectStore({
    ...{ driver: 'fs', root: join(folder, 'store'), sync: 'everysec', linkSecret: 'no link is made here' },
  });
});
afterEach(async () => {
  await objects.close();
  await rm(folder, { recursive: true, force: true });
});

const keep = (step: number, path: string) =>
  keepCheckpoint(objects, AT, out, '0123abcd', { step, path, metrics: {} }, async () => true);

it.each(['../secret', '..', '/etc/hostname', 'link', 'a/../../secret'])(
  'what a trainer names outside of its folder is not read: %s',
  async (path) => {
    await symlink(join(folder, 'secret'), join(out, 'link'));
    await mkdir(join(out, 'a'));
    await expect(keep(1, path)).rejects.toThrow('outside');
    expect(await listCheckpoints(objects, AT)).toEqual([]);
    for await (const { key } of objects.list('t/')) throw new Error(`kept: ${key}`);
  },
);

it('a manifest that names a place outside of the folder writes and removes nothing there', async () => {
  const key = `${checkpointFolder(AT, 'ftckpt-0000000001-0123abcd')}files/x`;
  await objects.put(key, Buffer.from('x'), { contentType: 'text/plain' });
  const file = { name: '../secret', key, bytes: 1, sha256: '0'.repeat(64) };
  const about = { id: 'ftckpt-0000000001-0123abcd', step: 1, path: '../secret', metrics: {}, createdAt: 1 };
  await putCheckpoint(objects, AT, { ...about, files: [file] });
  await expect(restoreCheckpoint(objects, AT, out)).rejects.toThrow('outside');
  expect(await readFile(join(folder, 'secret'), 'utf8')).toBe('of the machine');
});

it('a trainer may write a manifest.json of its own, whatever is in it', async () => {
  await mkdir(join(out, 'checkpoint-5/deep'), { recursive: true });
  await writeFile(join(out, 'checkpoint-5/manifest.json'), 'no JSON');
  await writeFile(join(out, 'checkpoint-5/deep/manifest.json'), '{"id":1}');
  await keep(5, 'checkpoint-5');
  expect((await listCheckpoints(objects, AT)).map(({ step }) => step)).toEqual([5]);
});

it('where the newest checkpoint is damaged in the store, the one before is taken', async () => {
  for (const step of [5, 10]) {
    await writeFile(join(out, `step-${step}`), `state ${step}`);
    await keep(step, `step-${step}`);
  }
  const [, newest] = await listCheckpoints(objects, AT);
  const key = newest?.files[0]?.key ?? '';
  for (const damage of [
    () => objects.put(key, Buffer.from('other'), { contentType: 'text/plain' }),
    () => objects.delete(key),
  ]) {
    await damage();
    await rm(out, { recursive: true });
    await mkdir(out);
    const passed: string[] = [];
    const taken = await restoreCheckpoint(objects, AT, out, (words) => passed.push(words));
    expect(taken?.step).toBe(5);
    expect(await readFile(join(out, 'step-5'), 'utf8')).toBe('state 5');
    expect(existsSync(join(out, 'step-10'))).toBe(false);
    expect(passed.join()).toContain('step 10');
  }
});

it('what a worker that was killed had begun to put away does not stay', async () => {
  const torn = `${checkpointFolder(AT, 'ftckpt-0000000007-89abcdef')}files/step-7`;
  await objects.put(torn, Buffer.from('half'), { contentType: 'text/plain' });
  await writeFile(join(out, 'step-9'), 'state 9');
  await keep(9, 'step-9');
  await restoreCheckpoint(objects, AT, out);
  expect(await objects.head(torn)).toBeUndefined();
  expect((await listCheckpoints(objects, AT)).map(({ step }) => step)).toEqual([9]);
});
