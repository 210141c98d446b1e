/**
 * `mix.gather`: takes the picked chains out of one chain file and lays them down by the file of the mixture in which
 * they will stand, each such piece compressed by itself. So each chain file is read once and each mixture file reads
 * only its pieces, however well the mixture is shuffled.
 */
import { createHash } from 'node:crypto';
import { constants as zlib, zstdCompressSync } from 'node:zlib';
import { z } from 'zod';
import type { Chain } from '../../../shared/data/chain.ts';
import { keptChains } from '../factory/dataset.ts';
import { stage } from '../factory/stage.ts';
import { LEVEL, lineBatches } from '../filter/lines.ts';
import { numbered } from '../filter/names.ts';
import { toDirect } from './direct.ts';
import { readPicks } from './picks.ts';
import type { SelectNotes } from './select.ts';

const spec = z.object({ chains: z.string(), picks: z.string(), first: z.int(), count: z.int() });

/** Where the piece for a mixture file lies in the file of this shard: mixture file, first byte, bytes. */
export const gatherNotes = z.object({ pieces: z.array(z.tuple([z.int(), z.int(), z.int()])) });

export const gather = stage<z.infer<typeof spec>>({
  name: 'mix.gather',
  spec,
  async plan(job) {
    const [selected] = await job.reports('mix.select');
    const picks = selected?.files[0];
    if (!selected || !picks) return [];
    const { picks: perFile } = selected.notes as unknown as SelectNotes;
    let first = 0;
    return (await keptChains(job)).flatMap(({ key }, i) => {
      const count = perFile[i] ?? 0;
      const shard = { chains: key, picks: picks.key, first, count };
      first += count;
      return count === 0 ? [] : [shard];
    });
  },
  async make({ chains, picks, first, count }, shard) {
    const wanted = await readPicks(shard.objects, picks, first, count);
    /** Mixture file -> places and lines. */
    const pieces = new Map<number, { places: number[]; lines: Buffer[] }>();
    let row = 0;
    let next = 0;
    for await (const lines of lineBatches(shard.objects, chains)) {
      shard.signal.throwIfAborted();
      for (const line of lines) {
        const pick = wanted[next];
        if (pick?.row !== row++) continue;
        next++;
        const piece = pieces.get(pick.shard) ?? { places: [], lines: [] };
        pieces.set(pick.shard, piece);
        piece.places.push(pick.place);
        if (pick.direct) {
          const direct = toDirect(JSON.parse(line.toString()) as Chain, shard.recipe.seed);
          piece.lines.push(Buffer.from(JSON.stringify(direct)));
        } else piece.lines.push(Buffer.from(line));
      }
      if (next === wanted.length) break;
    }
    if (next < wanted.length) throw new Error(`${chains} has no row ${wanted[next]?.row}`);
    const packed: Buffer[] = [];
    const places: [number, number, number][] = [];
    let at = 0;
    for (const [file, piece] of [...pieces].sort(([a], [b]) => a - b)) {
      const plain = Buffer.concat(
        [JSON.stringify(piece.places), ...piece.lines].flatMap((it) => [Buffer.from(it), NEWLINE]),
      );
      const bytes = zstdCompressSync(plain, { params: { [zlib.ZSTD_c_compressionLevel]: LEVEL } });
      packed.push(bytes);
      places.push([file, at, bytes.length]);
      at += bytes.length;
    }
    const bytes = Buffer.concat(packed);
    const name = numbered('picked', shard.shard, 'zst');
    const key = shard.key(name);
    await shard.objects.put(key, bytes, { contentType: 'application/zstd' });
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    return {
      files: [{ name, key, rows: wanted.length, bytes: bytes.length, sha256 }],
      counts: { picked: wanted.length },
      notes: { pieces: places } satisfies z.infer<typeof gatherNotes>,
    };
  },
});

const NEWLINE = Buffer.from('\n');
