/** Picks as bytes: four 32-bit numbers each, by file and row, so that a shard reads only those of its own file. */
import { createHash } from 'node:crypto';
import type { DataFile } from '../../../shared/data/job.ts';
import type { ObjectStore } from '../../../shared/object-store.ts';
import type { ShardView } from '../factory/stage.ts';

/** Columns file, row, place in the mixture, whether it becomes a Direct chain. */
export type Picks = AsyncIterable<[number[], number[], number[], boolean[]]>;

export interface Pick {
  /** Of the chain in its file. */
  readonly row: number;
  /** Of the mixture's files, and the place in it. */
  readonly shard: number;
  readonly place: number;
  readonly direct: boolean;
}

const NUMBERS = 4;
const PICK_BYTES = 4 * NUMBERS;

export async function writePicks(
  shard: ShardView,
  picks: Picks,
  files: number,
  shardRows: number,
): Promise<{ readonly file: DataFile; readonly perFile: number[]; readonly shards: number }> {
  const perFile = Array.from({ length: files }, () => 0);
  const blocks: Buffer[] = [];
  let rows = 0;
  for await (const [file, row, place, direct] of picks) {
    const block = Buffer.alloc(file.length * PICK_BYTES);
    for (let i = 0; i < file.length; i++) {
      const at = i * PICK_BYTES;
      const position = place[i] as number;
      block.writeUInt32LE(row[i] as number, at);
      block.writeUInt32LE(Math.floor(position / shardRows), at + 4);
      block.writeUInt32LE(position % shardRows, at + 8);
      block.writeUInt32LE(direct[i] ? 1 : 0, at + 12);
      perFile[file[i] as number] = (perFile[file[i] as number] as number) + 1;
    }
    rows += file.length;
    blocks.push(block);
  }
  const bytes = Buffer.concat(blocks);
  const key = shard.key('picks.bin');
  await shard.objects.put(key, bytes, { contentType: 'application/octet-stream' });
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const file = { name: 'picks.bin', key, rows, bytes: bytes.length, sha256 };
  return { file, perFile, shards: Math.ceil(rows / shardRows) };
}

/** @param first number of the first pick, `count` how many */
export async function readPicks(objects: ObjectStore, key: string, first: number, count: number): Promise<Pick[]> {
  if (count === 0) return [];
  const range = { start: first * PICK_BYTES, end: (first + count) * PICK_BYTES - 1 };
  const { body } = await objects.stream(key, range);
  const bytes = Buffer.concat(await body.toArray());
  return Array.from({ length: count }, (_, i) => ({
    row: bytes.readUInt32LE(i * PICK_BYTES),
    shard: bytes.readUInt32LE(i * PICK_BYTES + 4),
    place: bytes.readUInt32LE(i * PICK_BYTES + 8),
    direct: bytes.readUInt32LE(i * PICK_BYTES + 12) === 1,
  }));
}
