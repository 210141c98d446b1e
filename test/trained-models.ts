/** Registers the weights that come with Cota under ids of trained models, as a training job does with its own. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { Cluster } from '../shared/cluster.ts';
import { paths } from '../shared/keys.ts';
import { type NewTrainedModel, versionOfFiles } from '../shared/models/trained.ts';

const FOLDER = join(import.meta.dirname, '../models/cota-nano');

export const trainedId = (short: string, tenant = 'default', base = 'cota-nano'): string =>
  `ft:${base}:${tenant}:-:${short.padStart(8, '0')}`;

/** Puts the files into the store and gives the record, which is not registered yet. */
export async function storeTrained(
  objects: Cluster['objects'],
  short: string,
  { tenant = 'default', base = 'cota-nano' }: { readonly tenant?: string; readonly base?: string } = {},
): Promise<NewTrainedModel> {
  const files: NewTrainedModel['files'] = [];
  for (const entry of await readdir(FOLDER, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.name.endsWith('.md')) continue;
    const name = relative(FOLDER, join(entry.parentPath, entry.name));
    const bytes = await readFile(join(FOLDER, name));
    const key = `${paths.trainedModel(tenant, `${base}-${short}`)}${name}`;
    await objects.put(key, bytes, { contentType: 'application/octet-stream' });
    files.push({ name, key, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') });
  }
  return {
    ...{ id: trainedId(short, tenant, base), tenant, base, files, version: versionOfFiles(files) },
    job: `ftjob-${short}`,
    createdAt: 1_700_000_000,
    serve: { dialect: 'nano', tools: [] },
  };
}
