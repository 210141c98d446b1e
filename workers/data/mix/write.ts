/** `mix.write`: one file of the mixture a shard, its chains in their places. */
import { zstdDecompressSync } from 'node:zlib';
import { z } from 'zod';
import type { ObjectStore } from '../../../shared/object-store.ts';
import { stage } from '../factory/stage.ts';
import { writeLineBatches } from '../filter/lines.ts';
import { numbered } from '../filter/names.ts';
import { gatherNotes } from './gather.ts';
import type { SelectNotes } from './select.ts';

const spec = z.object({ file: z.int() });

/** Pieces fetched at a time: a store that is far away answers each only after a while. */
const AT_ONCE = 8;
/** Lines handed on at a time. */
const BATCH = 256;

export const write = stage<z.infer<typeof spec>>({
  name: 'mix.write',
  spec,
  async plan(job) {
    const [selected] = await job.reports('mix.select');
    const { shards } = (selected?.notes ?? { shards: 0 }) as unknown as SelectNotes;
    return Array.from({ length: shards }, (_, file) => ({ file }));
  },
  async make({ file }, shard) {
    const pieces = (await shard.reports('mix.gather')).flatMap(({ files, notes }) =>
      gatherNotes
        .parse(notes)
        .pieces.filter(([of]) => of === file)
        .map(([, start, length]) => ({ key: files[0]?.key as string, start, end: start + length - 1 })),
    );
    const rows: Buffer[] = [];
    for (let i = 0; i < pieces.length; i += AT_ONCE) {
      shard.signal.throwIfAborted();
      shard.progress(i, pieces.length);
      await Promise.all(pieces.slice(i, i + AT_ONCE).map((piece) => place(shard.objects, piece, rows)));
    }
    function* batches(): Generator<Buffer[]> {
      for (let i = 0; i < rows.length; i += BATCH) yield rows.slice(i, i + BATCH);
    }
    const name = numbered('chains', shard.shard, 'jsonl.zst');
    const written = await writeLineBatches(shard.objects, shard.key(name), batches());
    return { files: [written], counts: { chains: written.rows } };
  },
});

async function place(
  objects: ObjectStore,
  { key, start, end }: { readonly key: string; readonly start: number; readonly end: number },
  rows: Buffer[],
): Promise<void> {
  const { body } = await objects.stream(key, { start, end });
  const plain = zstdDecompressSync(Buffer.concat(await body.toArray()));
  let from = plain.indexOf(10) + 1;
  for (const at of JSON.parse(plain.toString('utf8', 0, from - 1)) as number[]) {
    const end = plain.indexOf(10, from);
    rows[at] = plain.subarray(from, end);
    from = end + 1;
  }
}
