/** Stage `import`: chains from a file in Cota's own layout, each line checked before anything is made of it. */
import { z } from 'zod';
import { type Chain, type ChainImage, chain } from '../../../shared/data/chain.ts';
import { CotaError } from '../../../shared/errors.ts';
import { assertKey, ObjectMissing } from '../../../shared/object-store.ts';
import { writeLines } from '../factory/chain-files.ts';
import { keepPicture, pictureBytesOf, pictureKey } from '../factory/pictures.ts';
import { type Made, type ShardView, stage } from '../factory/stage.ts';
import { badRows, toldRows } from './bad-rows.ts';
import { openInput } from './input.ts';
import { jsonDocuments } from './json-documents.ts';

const SHARD_BYTES = 256 * 1024 * 1024;
const MOST_SHARDS = 64;

const spec = z.object({ source: z.string(), input: z.string(), part: z.int(), of: z.int() });
type Spec = z.infer<typeof spec>;

export const importStage = stage<Spec>({
  name: 'import',
  spec,
  async plan(job) {
    const specs: Spec[] = [];
    for (const { name, chains } of job.recipe.sources) {
      if (chains === undefined) continue;
      const head = await job.objects.head(job.input(chains));
      if (!head) throw new CotaError('not_found', `The input ${chains} is not in the store any more: upload it again.`);
      const of = Math.max(1, Math.min(MOST_SHARDS, Math.ceil(head.size / SHARD_BYTES)));
      for (let part = 0; part < of; part++) specs.push({ source: name, input: chains, part, of });
    }
    return specs;
  },
  make: (what, shard) => importChains(what, shard),
});

async function importChains({ source, input, part, of }: Spec, shard: ShardView): Promise<Made> {
  const bad = badRows();
  const seen = new Set<string>();
  let row = 0;
  let read = 0;
  async function* chains(): AsyncGenerator<Chain> {
    const body = await openInput(shard.objects, { key: shard.input(input), name: input });
    for await (const { line, value, problem } of jsonDocuments(body, input)) {
      if (row++ % of !== part) continue;
      shard.signal.throwIfAborted();
      read++;
      if (read % 100 === 0) shard.progress(read, read + 100);
      const found = problem ?? (await taken(checkedChain(value, shard.tenant), shard));
      if (typeof found === 'string') bad.add(line, found);
      else if (seen.has(found.id)) bad.add(line, `another chain has the id "${found.id.slice(0, 60)}" already`);
      else {
        seen.add(found.id);
        yield found;
      }
    }
  }
  const name = `chains-${source}-${String(part).padStart(3, '0')}.jsonl.zst`;
  const file = await writeLines(shard.objects, shard.key(name), chains());
  if (file.rows === 0 && (read > 0 || of === 1)) {
    const why = read === 0 ? 'it has no lines' : toldRows(bad.first);
    throw new CotaError('invalid_value', `${input} holds no chain that can be taken (source ${source}): ${why}.`);
  }
  const notes = { source, bad: bad.first.map(({ line, reason }) => ({ line, reason })) };
  return {
    files: [file],
    counts: { rows: read, chains: file.rows, [`${source}/chains`]: file.rows, ...bad.counts() },
    notes,
  };
}

/** @returns the chain, or what is wrong with it */
export function checkedChain(value: unknown, tenant: string): Chain | string {
  const read = chain.safeParse(value);
  if (!read.success) {
    const [issue] = read.error.issues;
    return `${issue?.path.join('.') || 'chain'}: ${issue?.message ?? 'not a chain'}`;
  }
  const found = read.data;
  for (const [at, { actions, observations }] of found.turns.entries()) {
    const calls = actions.filter(({ name }) => name !== 'Terminate').length;
    if (calls !== observations.length) return `turns.${at}: ${observations.length} observations for ${calls} actions`;
  }
  for (const [at, image] of picturesOf(found).entries()) {
    if (image.name !== `image-${at}`)
      return `${image.name} stands where image-${at} should: images are numbered as they come`;
    const fault = keyFault(image, tenant);
    if (fault !== undefined) return fault;
  }
  return found;
}

/** Pictures that data jobs keep are copied to this one, so that it needs none of the others from now on. */
async function taken(found: Chain | string, shard: ShardView): Promise<Chain | string> {
  if (typeof found === 'string') return found;
  const { objects } = shard;
  for (const { name, key, sha256 = '', contentType = 'image/png' } of picturesOf(found)) {
    if (key === undefined || key !== pictureKey(sha256)) continue;
    try {
      const bytes = await pictureBytesOf(objects, shard, key);
      await keepPicture(objects, shard, { sha256, bytes, contentType });
    } catch (error) {
      if (!(error instanceof ObjectMissing)) throw error;
      return `${name}: no data job of this tenant has its picture any more (${key}); leave key out for one that is not in the store`;
    }
  }
  return found;
}

const picturesOf = ({ images, turns }: Chain): ChainImage[] => [
  ...images,
  ...turns.flatMap(({ observations }) => observations.flatMap((one) => (one.ok ? (one.images ?? []) : []))),
];

/** A chain names pictures by their hashes, or by keys of its own tenant, or not at all. */
function keyFault({ name, key, sha256 }: ChainImage, tenant: string): string | undefined {
  if (key === undefined || (sha256 !== undefined && key === pictureKey(sha256))) return undefined;
  try {
    assertKey(key);
    if (key.startsWith(`t/${tenant}/`)) return undefined;
  } catch {
    // Told below.
  }
  return `${name}: its key is neither images/<its sha256> nor one of this tenant's objects; leave key out for a picture that is not in the store`;
}
