/**
 * Near-duplicates: chains in the order of their ids; one goes when it is as alike as the threshold to one that stays.
 * So no two that stay are alike, and each that goes has one in its place. (Groups of all that hang together would drop
 * more: a chain of small steps joins texts that have little in common.)
 */
import { join } from 'node:path';
import type { Chain, ChainImage } from '../../../shared/data/chain.ts';
import type { DataFile } from '../../../shared/data/job.ts';
import type { Recipe } from '../../../shared/data/recipe.ts';
import type { ObjectStore } from '../../../shared/object-store.ts';
import { compared } from '../mix/direct.ts';
import { margin, suspectsOf } from './candidates.ts';
import { comparedText } from './chain-text.ts';
import { lineBatches } from './lines.ts';
import { bandHash, banding, jaccard, PERMUTATIONS, shingles, similarity } from './minhash.ts';
import { hashDistance } from './picture-hash.ts';
import { ShingleSpool } from './shingle-spool.ts';

/** Bits of picture hashes up to which two pictures count as one when the words are alike. */
const SAME_PICTURE_BITS = 8;
/** Chains that stay, of one band, which a later one is compared with: the newest. */
const LEADERS = 400;

export interface NearInput {
  readonly objects: ObjectStore;
  readonly recipe: Pick<Recipe, 'mix'>;
  /** Chain files; chain number -> file and row. */
  readonly files: readonly Pick<DataFile, 'key'>[];
  readonly file: Int32Array;
  readonly row: Int32Array;
  /** Number of the chain at a row of a file. */
  numberAt(file: number, row: number): number;
  readonly signatures: Uint8Array;
  /** Chains that are still in, ascending. */
  readonly alive: Uint32Array;
  readonly threshold: number;
  readonly folder: string;
  readonly signal: AbortSignal;
}

export interface NearResult {
  /** Chain that goes -> the one that stays in its place, and their similarity. */
  readonly dropped: ReadonlyMap<number, readonly [number, number]>;
  readonly bands: number;
  readonly rows: number;
  readonly suspects: number;
}

type Pictures = readonly Pick<ChainImage, 'sha256' | 'phash'>[];

/** Pictures that nobody has drawn are no reason to tell two chains apart. */
function samePictures(a: Pictures, b: Pictures): boolean {
  if (a.length !== b.length) return false;
  return a.every(({ sha256, phash }, i) => {
    const other = b[i] as Pictures[number];
    if (sha256 !== undefined && sha256 === other.sha256) return true;
    if (phash !== undefined && other.phash !== undefined) return hashDistance(phash, other.phash) <= SAME_PICTURE_BITS;
    return sha256 === undefined || other.sha256 === undefined;
  });
}

export async function nearDuplicates(input: NearInput): Promise<NearResult> {
  const { signatures, alive, threshold } = input;
  const cut = banding(threshold);
  const suspects = suspectsOf(signatures, alive, threshold, cut);
  const spool = new ShingleSpool(join(input.folder, 'shingles'));
  try {
    const pictures = await spoolSuspects(input, suspects, spool);
    const dropped = leaders(input, suspects, cut, spool, pictures);
    return { dropped, ...cut, suspects: pictures.size };
  } finally {
    spool.close();
  }
}

/** Reads the suspects' texts once more. Lines of other chains are passed over unread. */
async function spoolSuspects(
  { objects, recipe, files, file, numberAt, alive, signal }: NearInput,
  suspects: Uint8Array,
  spool: ShingleSpool,
): Promise<Map<number, Pictures>> {
  const pictures = new Map<number, Pictures>();
  const concerned = new Set<number>();
  for (const chain of alive) if (suspects[chain] === 1) concerned.add(file[chain] as number);
  for (const at of [...concerned].sort((a, b) => a - b)) {
    signal.throwIfAborted();
    let row = 0;
    for await (const lines of lineBatches(objects, (files[at] as Pick<DataFile, 'key'>).key))
      for (const line of lines) {
        const number = numberAt(at, row++);
        if (suspects[number] !== 1) continue;
        const chain = JSON.parse(line.toString()) as Chain;
        spool.add(number, shingles(comparedText(compared(chain, recipe))));
        pictures.set(
          number,
          chain.images.map(({ sha256, phash }) => ({ ...(sha256 && { sha256 }), ...(phash && { phash }) })),
        );
      }
  }
  return pictures;
}

function leaders(
  { signatures, alive, threshold }: NearInput,
  suspects: Uint8Array,
  { bands, rows }: { readonly bands: number; readonly rows: number },
  spool: ShingleSpool,
  pictures: ReadonlyMap<number, Pictures>,
): Map<number, readonly [number, number]> {
  const dropped = new Map<number, readonly [number, number]>();
  const buckets = Array.from({ length: bands }, () => new Map<number, number[]>());
  const atLeast = margin(threshold);
  for (const chain of alive) {
    if (suspects[chain] !== 1) continue;
    const hashes = buckets.map((_, band) => bandHash(signatures, chain * PERMUTATIONS + band * rows, rows));
    let own: Uint32Array | undefined;
    const compared = new Set<number>();
    let found: readonly [number, number] | undefined;
    for (let band = 0; band < bands && !found; band++) {
      for (const leader of buckets[band]?.get(hashes[band] as number)?.slice(-LEADERS) ?? []) {
        if (compared.has(leader)) continue;
        compared.add(leader);
        if (similarity(signatures, chain * PERMUTATIONS, leader * PERMUTATIONS, atLeast) < atLeast) continue;
        if (!samePictures(pictures.get(chain) ?? [], pictures.get(leader) ?? [])) continue;
        own ??= spool.get(chain);
        const alike = jaccard(own, spool.get(leader));
        if (alike < threshold) continue;
        found = [leader, alike];
        break;
      }
    }
    if (found) {
      dropped.set(chain, found);
      continue;
    }
    for (const [band, bucket] of buckets.entries()) {
      const list = bucket.get(hashes[band] as number);
      if (list) list.push(chain);
      else bucket.set(hashes[band] as number, [chain]);
    }
  }
  return dropped;
}
