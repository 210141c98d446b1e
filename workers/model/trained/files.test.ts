import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type TrainedModel, trainedModel, versionOfFiles } from '../../../shared/models/trained.ts';
import { ObjectMissing } from '../../../shared/object-store.ts';
import { openLog } from '../../../shared/telemetry.ts';
import { openTrainedFiles, type TrainedFiles } from './files.ts';

const never = new AbortController().signal;
let root: string;
let stored: Map<string, Buffer>;
let fetched: string[];
let files: TrainedFiles;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'cota-trained-'));
  stored = new Map();
  fetched = [];
  files = open(1_000_000);
});
afterEach(() => rm(root, { recursive: true, force: true }));

const open = (maxBytes: number, place = root): TrainedFiles =>
  openTrainedFiles({
    ...{ root: place, maxBytes, log: openLog('test', 'silent') },
    objects: {
      async stream(key) {
        fetched.push(key);
        const bytes = stored.get(key);
        if (!bytes) throw new ObjectMissing(key);
        return { body: Readable.from([bytes]), size: bytes.length, contentType: 'application/octet-stream' };
      },
    },
  });

function model(short: string, bytes = 100): TrainedModel {
  const made = ['config.json', 'onnx/model.onnx'].map((name) => {
    const content = Buffer.alloc(bytes, `${short} ${name}`);
    const key = `t/acme/models/${short}/${name}`;
    stored.set(key, content);
    return { name, key, bytes, sha256: createHash('sha256').update(content).digest('hex') };
  });
  return trainedModel.parse({
    ...{ id: `ft:nano:acme:-:${short}`, tenant: 'acme', base: 'nano', job: 'job', createdAt: 1, files: made },
    ...{ version: versionOfFiles(made), serve: { dialect: 'nano' } },
  });
}

it('fetches a model once, for all who ask at the same time, into the layout of its files', async () => {
  const one = model('aaaaaa');
  const folders = await Promise.all([1, 2, 3].map(() => open(1_000_000).folderOf(one, never)));
  expect(new Set(folders).size).toBe(1);
  expect(fetched).toHaveLength(2);
  expect(await readFile(join(folders[0] ?? '', 'onnx/model.onnx'), 'utf8')).toMatch(/^aaaaaa onnx/);
});

it('fetches anew what lost its length on the disk', async () => {
  const folder = await files.folderOf(model('aaaaaa'), never);
  await writeFile(join(folder, 'config.json'), 'cut');
  await files.folderOf(model('aaaaaa'), never);
  expect((await readFile(join(folder, 'config.json'))).length).toBe(100);
});

it('other bytes than those registered are tried once more and then told, and nothing of them stays', async () => {
  const one = model('aaaaaa');
  stored.set(one.files[1]?.key ?? '', Buffer.alloc(100, 'x'));
  const error = await files.folderOf(one, never).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'model_broken' });
  expect(String(error)).toMatch(/onnx\/model.onnx in the object store is not the one that was registered/);
  expect(fetched).toHaveLength(3);
  expect((await readdir(root)).filter((name) => !name.startsWith('.') && !name.endsWith('.part'))).toEqual([]);
});

it('a file that is gone, and a disk that takes nothing, are told apart', async () => {
  const one = model('aaaaaa');
  stored.delete(one.files[0]?.key ?? '');
  await expect(files.folderOf(one, never)).rejects.toMatchObject({ code: 'model_broken' });
  await writeFile(join(root, 'file'), '');
  const nowhere = open(1_000_000, join(root, 'file', 'cache'));
  await expect(nowhere.folderOf(model('bbbbbb'), never)).rejects.toMatchObject({ code: 'model_away' });
});

it('keeps to its bound: the longest unused go, those used lately stay', async () => {
  files = open(450);
  const [a, b, c] = [model('aaaaaa'), model('bbbbbb'), model('cccccc')];
  const [first, second] = [await files.folderOf(a, never), await files.folderOf(b, never)];
  const long = new Date(Date.now() - 3_600_000);
  await utimes(first, long, new Date(Date.now() - 3_500_000));
  await utimes(second, long, long);
  await files.folderOf(c, never);
  expect((await readdir(root)).sort()).toEqual([a.version, c.version].sort());
});
