/**
 * Checkpoints of a job in the object store: each is a folder of files, and a manifest that is written last. What has no
 * manifest was being written when its worker died, and counts as not there.
 */
import { paths } from '../keys.ts';
import { ObjectMissing, type ObjectStore } from '../object-store.ts';
import { type TrainCheckpoint, trainCheckpoint } from './job.ts';

interface Place {
  readonly tenant: string;
  readonly id: string;
}

const MANIFEST = 'manifest.json';
/** Checkpoints that are kept beside the ends of stages. */
const KEPT = 2;
const ID = /^ftckpt-([0-9]{10})-([0-9a-f]{8})$/;

/** @param attempt first characters of the token of the worker's try: 8 hex digits */
export const checkpointId = (step: number, attempt: string): string =>
  `ftckpt-${String(step).padStart(10, '0')}-${attempt}`;
export const isCheckpointId = (id: string): boolean => ID.test(id);
export const checkpointFolder = ({ tenant, id }: Place, checkpoint: string): string =>
  paths.trainCheckpoint(tenant, id, checkpoint);

/** Says that the checkpoint is whole. */
export async function putCheckpoint(objects: ObjectStore, at: Place, checkpoint: TrainCheckpoint): Promise<void> {
  const bytes = Buffer.from(JSON.stringify(checkpoint));
  await objects.put(`${checkpointFolder(at, checkpoint.id)}${MANIFEST}`, bytes, { contentType: 'application/json' });
}

/** Those that lie whole in the store, by their steps. */
export async function listCheckpoints(objects: ObjectStore, at: Place): Promise<TrainCheckpoint[]> {
  const found: TrainCheckpoint[] = [];
  const prefix = paths.trainCheckpoints(at.tenant, at.id);
  for await (const { key } of objects.list(prefix)) {
    // A trainer's own file may have this name, deeper in its folder.
    const [id = '', name, ...deeper] = key.slice(prefix.length).split('/');
    if (name !== MANIFEST || deeper.length > 0 || !isCheckpointId(id)) continue;
    const manifest = await manifestOf(objects, key);
    if (manifest) found.push(manifest);
  }
  return found.sort((a, b) => a.step - b.step || a.createdAt - b.createdAt);
}

/** @returns undefined for one that newer ones have taken the place of, just now */
async function manifestOf(objects: ObjectStore, key: string): Promise<TrainCheckpoint | undefined> {
  try {
    const { bytes } = await objects.get(key);
    return trainCheckpoint.safeParse(JSON.parse(bytes.toString())).data;
  } catch (error) {
    if (error instanceof ObjectMissing || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Removes what workers that died had begun to put away. Only whoever has the job in hand may do so. */
export async function removeHalves(objects: ObjectStore, at: Place): Promise<void> {
  const whole = new Set((await listCheckpoints(objects, at)).map(({ id }) => id));
  const prefix = paths.trainCheckpoints(at.tenant, at.id);
  const halves = new Set<string>();
  for await (const { key } of objects.list(prefix)) {
    const [id = ''] = key.slice(prefix.length).split('/');
    if (!whole.has(id)) halves.add(id);
  }
  for (const id of halves) await objects.deletePrefix(checkpointFolder(at, id));
}

/** Lets go of all but the last ones and the ends of stages. @returns bytes that were let go */
export async function pruneCheckpoints(objects: ObjectStore, at: Place): Promise<number> {
  const all = await listCheckpoints(objects, at);
  let bytes = 0;
  for (const old of all.slice(0, -KEPT).filter(({ stage }) => stage === undefined)) {
    // The manifest first: a checkpoint that is going is none any more.
    await objects.delete(`${checkpointFolder(at, old.id)}${MANIFEST}`);
    await objects.deletePrefix(checkpointFolder(at, old.id));
    bytes += old.files.reduce((sum, file) => sum + file.bytes, 0);
  }
  return bytes;
}
