/** A store in a folder of its own, and files in it, for tests of the data factory's stages. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DataQuestion } from '../shared/data/question.ts';
import { type ObjectStore, openObjectStore } from '../shared/object-store.ts';
import { readRows } from '../workers/data/factory/chain-files.ts';
import type { Here } from '../workers/data/factory/here.ts';

export interface DataStore {
  readonly objects: ObjectStore;
  /** Puts input files in; what `runHere` takes as `inputs`. */
  inputs(files: Readonly<Record<string, string | Uint8Array>>): Promise<Record<string, string>>;
  /** All rows of the files that a stage wrote. */
  rows<T = DataQuestion>(here: Here, stage: string): Promise<T[]>;
  close(): Promise<void>;
}

export async function openDataStore(): Promise<DataStore> {
  const root = await mkdtemp(join(tmpdir(), 'cota-data-'));
  const objects = await openObjectStore({ driver: 'fs', root, sync: 'everysec', linkSecret: 'secret-of-a-test' });
  return {
    objects,
    async inputs(files) {
      const keys: Record<string, string> = {};
      for (const [name, content] of Object.entries(files)) {
        const key = `t/here/inputs/${name}`;
        await objects.put(key, Buffer.from(content), { contentType: 'application/octet-stream' });
        keys[name] = key;
      }
      return keys;
    },
    async rows<T>(here: Here, stage: string): Promise<T[]> {
      const all: T[] = [];
      for (const { files } of here.reports.get(stage) ?? [])
        for (const { key } of files) for await (const row of readRows<T>(objects, key)) all.push(row);
      return all;
    },
    async close() {
      await objects.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}
