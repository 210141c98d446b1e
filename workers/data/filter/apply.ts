/** `filter.apply`: writes the chains that stay, and why the others went; one shard a chain file. Lines pass unread. */
import { z } from 'zod';
import type { Chain } from '../../../shared/data/chain.ts';
import { readRows, writeLines } from '../factory/chain-files.ts';
import { madeChains } from '../factory/dataset.ts';
import { stage } from '../factory/stage.ts';
import type { Decision } from './decide.ts';
import { lineBatches, writeLineBatches } from './lines.ts';
import { numbered } from './names.ts';
import type { ApplyNotes, DroppedChain, Reason } from './reasons.ts';

const spec = z.object({ chains: z.string(), decisions: z.string() });

const MARK = Buffer.from(',"source":"');

/** The chain's source, of the line's first bytes where it stands there as the factory writes it. */
function sourceOf(line: Buffer): string {
  const at = line.indexOf(MARK);
  const start = at + MARK.length;
  const end = line.indexOf('"', start);
  const before = line.subarray(1, Math.max(at, 1));
  const plain = at > 0 && at < 400 && !before.includes('[') && !before.includes('{') && !before.includes('\\');
  const source = plain ? line.toString('utf8', start, end) : '\\';
  return source.includes('\\') ? (JSON.parse(line.toString()) as Chain).source : source;
}

export const apply = stage<z.infer<typeof spec>>({
  name: 'filter.apply',
  spec,
  async plan(job) {
    if (!job.recipe.filter) return [];
    const [decided] = await job.reports('filter.decide');
    const decisions = (decided?.files ?? []).filter(({ name }) => name.startsWith('decisions-'));
    return (await madeChains(job)).map(({ key }, i) => ({ chains: key, decisions: decisions[i]?.key as string }));
  },
  async make({ chains, decisions }, shard) {
    const going = new Map<number, Decision>();
    for await (const row of readRows<Decision>(shard.objects, decisions)) going.set(row.row, row);
    // Sources of imported chains have any name: without a prototype none of them is there before it is counted.
    const sources: ApplyNotes['sources'] = Object.create(null) as ApplyNotes['sources'];
    const counts: Record<string, number> = { read: 0, kept: 0 };
    const count = (name: string): void => {
      counts[name] = (counts[name] ?? 0) + 1;
    };
    async function* staying(): AsyncGenerator<Buffer[]> {
      let row = 0;
      for await (const lines of lineBatches(shard.objects, chains)) {
        shard.signal.throwIfAborted();
        const stay: Buffer[] = [];
        for (const line of lines) {
          const gone = going.get(row++);
          const name = gone?.source ?? sourceOf(line);
          const source = sources[name] ?? { read: 0, kept: 0, dropped: {} };
          sources[name] = source;
          source.read++;
          count('read');
          if (gone) {
            const reason = gone.reason as Reason;
            source.dropped[reason] = (source.dropped[reason] ?? 0) + 1;
            count(`dropped:${reason}`);
          } else {
            source.kept++;
            count('kept');
            stay.push(line);
          }
        }
        yield stay;
      }
    }
    const kept = await writeLineBatches(
      shard.objects,
      shard.key(numbered('chains', shard.shard, 'jsonl.zst')),
      staying(),
    );
    const dropped = await writeLines(
      shard.objects,
      shard.key(numbered('dropped', shard.shard, 'jsonl.zst')),
      [...going.values()].map(({ row: _, ...rest }) => rest as DroppedChain),
    );
    return { files: [kept, dropped], counts, notes: { sources } satisfies ApplyNotes };
  },
});
