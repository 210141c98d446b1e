/** Copies of known chains, planted among the others: what a search for duplicates finds of them is then a figure. */
import type { Chain } from '../../shared/data/chain.ts';
import type { ShardReport } from '../../shared/data/job.ts';
import type { ObjectStore } from '../../shared/object-store.ts';
import { readRows, writeLines } from '../../workers/data/factory/chain-files.ts';
import { comparedText } from '../../workers/data/filter/chain-text.ts';
import { lineBatches } from '../../workers/data/filter/lines.ts';
import { jaccard, shingles } from '../../workers/data/filter/minhash.ts';
import type { DroppedChain } from '../../workers/data/filter/reasons.ts';
import { type Random, random } from '../../workers/data/random.ts';

interface Pair {
  readonly original: string;
  readonly copy: string;
  readonly kind: 'exact' | 'near';
  /** Jaccard similarity of their word 5-grams. */
  readonly alike: number;
}

export interface Planted {
  /** The copies as one more file of the import. */
  readonly report: ShardReport;
  readonly pairs: readonly Pair[];
}

/** Words that are put in; none is a word of the factory's. */
const ODD = ['indeed', 'perhaps', 'hereby', 'moreover', 'somewhat', 'anyhow'] as const;
const MOST_EDITS = 8;

/** One word of a thought or of the question becomes another, goes, or gets one beside it. */
function edit(chain: Chain, rng: Random): Chain {
  const at = rng.int(-1, chain.turns.length - 1);
  const text = at < 0 ? chain.question : (chain.turns[at] as Chain['turns'][number]).thought;
  const words = text.split(' ');
  const word = rng.int(0, words.length - 1);
  const odd = rng.pick(ODD);
  if (rng.chance(0.4)) words[word] = odd;
  else if (rng.chance(0.5) && words.length > 3) words.splice(word, 1);
  else words.splice(word, 0, odd);
  const changed = words.join(' ');
  if (at < 0) return { ...chain, question: changed };
  return { ...chain, turns: chain.turns.map((turn, i) => (i === at ? { ...turn, thought: changed } : turn)) };
}

/** As many edits as a chain of its length bears; the last that is still as alike as the threshold. */
function nearCopy(chain: Chain, threshold: number, rng: Random): { copy: Chain; alike: number } | undefined {
  const own = shingles(comparedText(chain));
  let best: { copy: Chain; alike: number } | undefined;
  let copy = chain;
  for (let edits = rng.int(1, MOST_EDITS); edits > 0; edits--) {
    const next = edit(copy, rng);
    const alike = jaccard(own, shingles(comparedText(next)));
    if (alike < threshold) continue;
    copy = next;
    if (alike < 1) best = { copy, alike };
  }
  return best;
}

/**
 * @param share of the chains that get a copy, half of them the same words and half nearly so
 * @param key of the file that the copies go to
 */
export async function plantCopies(
  objects: ObjectStore,
  given: readonly ShardReport[],
  share: number,
  threshold: number,
  key: string,
): Promise<Planted> {
  const pairs: Pair[] = [];
  const copies: Chain[] = [];
  for (const { key: from } of given.flatMap(({ files }) => files)) {
    let row = 0;
    for await (const lines of lineBatches(objects, from))
      for (const line of lines) {
        const rng = random(1, `copy ${from} ${row++}`);
        if (!rng.chance(share)) continue;
        const chain = JSON.parse(line.toString()) as Chain;
        const near = rng.chance(0.5) ? nearCopy(chain, threshold, rng) : undefined;
        const copy = { ...(near?.copy ?? chain), id: `${chain.id}-copy` };
        copies.push(copy);
        pairs.push({
          original: chain.id,
          copy: copy.id,
          kind: near ? 'near' : 'exact',
          alike: near?.alike ?? 1,
        });
      }
  }
  const file = await writeLines(objects, key, copies);
  return { report: { stage: 'import', shard: given.length, files: [file], counts: { chains: file.rows } }, pairs };
}

const BANDS = [
  { name: 'the same words', takes: ({ kind }: Pair) => kind === 'exact' },
  { name: 'nearly, under 0.93', takes: ({ kind, alike }: Pair) => kind === 'near' && alike < 0.93 },
  { name: '0.93 to 0.97', takes: ({ kind, alike }: Pair) => kind === 'near' && alike >= 0.93 && alike < 0.97 },
  { name: '0.97 and more', takes: ({ kind, alike }: Pair) => kind === 'near' && alike >= 0.97 },
] as const;

/** Chains that the filter dropped, and why: id -> reason. */
export async function goneOf(objects: ObjectStore, applied: readonly ShardReport[]): Promise<Map<string, string>> {
  const gone = new Map<string, string>();
  for (const { key } of applied.flatMap(({ files }) => files.filter(({ name }) => name.startsWith('dropped-'))))
    for await (const { id, reason } of readRows<DroppedChain>(objects, key)) gone.set(id, reason);
  return gone;
}

/**
 * Lines of a table: a pair is found when one of it goes as a duplicate. Pairs of which one goes for what it is itself
 * (the checker, an idle step) say nothing about the search and are counted apart.
 * @param gone id -> reason, as `goneOf` gives them
 */
export function foundOf({ pairs }: Planted, gone: ReadonlyMap<string, string>): readonly string[] {
  const duplicate = (id: string): boolean => ['duplicate', 'near-duplicate'].includes(gone.get(id) ?? '');
  const otherwise = (id: string): boolean => !['', 'skeleton-share'].includes(gone.get(id) ?? '');
  return BANDS.map(({ name, takes }) => {
    const some = pairs.filter(takes).map(({ original, copy }) => [original, copy] as const);
    const found = some.filter((pair) => pair.some(duplicate)).length;
    const aside = some.filter((pair) => !pair.some(duplicate) && pair.some(otherwise)).length;
    const of = some.length - aside;
    const share = of === 0 ? '' : `, ${((100 * found) / of).toFixed(2)} %`;
    return `planted copies, ${name.padEnd(18)} ${found} found of ${of}${share}; ${aside} fell by other rules`;
  });
}
