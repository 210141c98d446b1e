/** The stage that makes chains by program: scenes from a seed, questions about them, chains that carry their own proof. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { CHAIN_VERSION, type Chain, type ChainImage, type Split, toolCalls } from '../../../shared/data/chain.ts';
import type { ProgramSource } from '../../../shared/data/recipe/program.ts';
import type { Recipe } from '../../../shared/data/recipe.ts';
import { CotaError } from '../../../shared/errors.ts';
import { checkChain } from '../check/check-chain.ts';
import { writeLines } from '../factory/chain-files.ts';
import { keepPicture, pictureBytesOf } from '../factory/pictures.ts';
import { type JobView, type ShardView, stage } from '../factory/stage.ts';
import { pictureHash } from '../filter/picture-hash.ts';
import { type Random, random } from '../random.ts';
import { annotationCounts, familyShares, worldsOf } from './program.ts';
import { withToolPictures } from './tool-pictures.ts';
import type { SceneRequest, World, WorldChain } from './world.ts';

/** Of our own scenes: words, pictures and chains are made by the program and anyone may use them for anything. */
const LICENCE = 'CC0-1.0';

/** Scenes that a shard may try for each chain that it is to make, before it says that the families do not come about. */
const SCENES_PER_CHAIN = 20;
/** So many chains are made before progress is told and the signal is looked at. */
const PACE = 200;

const spec = z.object({
  /** Name of the source in the recipe. */
  source: z.string(),
  /** Number of the shard within its source, and its chains. */
  part: z.int().nonnegative(),
  chains: z.int().positive(),
});
type Spec = z.infer<typeof spec>;

type Named = { readonly name: string; readonly program: ProgramSource };

const programs = (recipe: Recipe): Named[] =>
  recipe.sources.flatMap(({ name, program }) => (program ? [{ name, program }] : []));

/** @throws CotaError for shares that are all 0 */
function someOf<T extends string>(source: string, what: string, shares: Partial<Record<T, number>>): [T, number][] {
  const some = (Object.entries(shares) as [T, number][]).filter(([, share]) => share > 0);
  if (some.length > 0) return some;
  throw new CotaError('invalid_request', `Source ${source} has no share above 0 in ${what}.`, { param: 'sources' });
}

async function plan(job: JobView): Promise<readonly Spec[]> {
  const shards: Spec[] = [];
  for (const { name, program } of programs(job.recipe)) {
    familyShares(name, program.families, await worldsOf(program, job));
    someOf(name, 'observe', program.observe);
    someOf(name, 'splits', program.splits);
    for (let part = 0; part * job.recipe.shard < program.chains; part++)
      shards.push({ source: name, part, chains: Math.min(job.recipe.shard, program.chains - part * job.recipe.shard) });
  }
  return shards;
}

/** Keeps a picture once, under its hash, in a folder that all shards of the job share. */
function keeper(
  shard: ShardView,
): (bytes: Buffer) => Promise<Pick<ChainImage, 'key' | 'sha256' | 'contentType' | 'phash'>> {
  return async (bytes) => {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const contentType = bytes[0] === 0xff ? 'image/jpeg' : 'image/png';
    const key = await keepPicture(shard.objects, shard, { sha256, bytes, contentType });
    return { key, sha256, contentType, phash: await pictureHash(bytes) };
  };
}

class Tally {
  readonly counts: Record<string, number> = {};
  readonly #distinct = new Map<string, Set<string>>();
  add(name: string, by = 1): void {
    this.counts[name] = (this.counts[name] ?? 0) + by;
  }
  /** Notes a thing of which the different ones are counted. */
  see(name: string, thing: string): void {
    const seen = this.#distinct.get(name) ?? new Set();
    this.#distinct.set(name, seen.add(thing));
  }
  distinct(): Record<string, number> {
    return Object.fromEntries([...this.#distinct].map(([name, seen]) => [name, seen.size]));
  }
}

/** A chain of the source, with what the independent checker says of it. */
function whole(made: WorldChain, source: string, id: string, licence: string): Chain {
  const chain: Chain = { version: CHAIN_VERSION, id, source, origin: 'program', ...made, licence };
  const checked = checkChain(chain);
  const why = checked.ok ? 'the answer follows from the observations' : `${checked.reason}: ${checked.detail}`;
  return { ...chain, verdict: { by: 'checker', correct: checked.ok, why } };
}

/** Chooses what is furthest behind its share oftener than what is ahead of it. */
function behind(shares: Readonly<Record<string, number>>, wanted: number, made: ReadonlyMap<string, number>) {
  const sum = Object.values(shares).reduce((a, b) => a + b, 0);
  return Object.fromEntries(
    Object.entries(shares).map(([family, share]) => {
      const target = (wanted * share) / sum;
      // Squared: a family that gives few chains a scene catches up.
      return [family, Math.max(target - (made.get(family) ?? 0), target * 0.05) ** 2];
    }),
  );
}

function* scenesOf({ part }: Spec, recipe: Recipe, wanted: number): Generator<number> {
  const first = part * recipe.shard * SCENES_PER_CHAIN;
  for (let k = 0; k < wanted * SCENES_PER_CHAIN; k++) yield first + k;
}

async function* chainsOf(spec: Spec, shard: ShardView, tally: Tally): AsyncGenerator<Chain> {
  const { recipe } = shard;
  const { name, program } = programs(recipe).find((one) => one.name === spec.source) as Named;
  const worlds = await worldsOf(program, shard);
  const shares = familyShares(name, program.families, worlds);
  const observe = someOf(name, 'observe', program.observe);
  const splits = someOf<Split>(name, 'splits', program.splits);
  const keep = keeper(shard);
  // One for all scenes: worlds remember what they learned of the tools by it.
  const act: NonNullable<SceneRequest['act']> = (call) => shard.services.act(call, shard.signal);
  const licence = program.annotations?.licence ?? LICENCE;
  const made = new Map<string, number>();
  let count = 0;
  for (const index of scenesOf(spec, recipe, spec.chains)) {
    if (count >= spec.chains) return;
    const rng = random(recipe.seed, `${name}/${index}`);
    const families = behind(shares, spec.chains, made);
    const world = pickWorld(rng, worlds, families);
    const mode = rng.weighted(observe);
    const bare = await world.make({
      seed: seedOf(recipe.seed, name),
      index,
      split: rng.weighted(splits),
      families: Object.fromEntries(world.families.flatMap((f) => (families[f] ? [[f, families[f]]] : []))),
      observe: mode,
      multipleChoice: program.multiple_choice,
      unanswerable: program.unanswerable,
      wanted: Math.min(rng.int(3, 7), spec.chains - count),
      ...(program.draw || mode === 'tool' ? { keep } : {}),
      ...(mode === 'tool' ? { act } : {}),
    });
    const chains: WorldChain[] = [];
    for (const one of bare)
      chains.push(
        program.draw
          ? await withToolPictures(one, (key) => pictureBytesOf(shard.objects, shard, key), keep, shard.signal)
          : one,
      );
    if (chains.length === 0) {
      tally.add('scenes:no question');
      continue;
    }
    tally.add('scenes');
    for (const one of chains.slice(0, spec.chains - count)) {
      const facts = one.facts;
      const id = `${name}/${spec.part}-${count}`;
      const chain = whole(twinNamed(one, chains, `${name}/${spec.part}-`, count), name, id, licence);
      count++;
      if (facts) made.set(facts.family, (made.get(facts.family) ?? 0) + 1);
      note(tally, chain);
      yield chain;
      if (count % PACE === 0) {
        shard.signal.throwIfAborted();
        shard.progress(count, spec.chains);
      }
    }
  }
  if (count < spec.chains)
    throw new CotaError(
      'invalid_request',
      `Source ${name}: ${spec.chains * SCENES_PER_CHAIN} scenes gave ${count} of ${spec.chains} chains. Its families (${Object.keys(shares).join(', ')}) hardly come about with these observations: give it more families, or ask for fewer chains.`,
      { param: 'sources' },
    );
}

/** Worlds know nothing of ids: a twin names its other by its place among the scene's chains. */
function twinNamed(made: WorldChain, all: readonly WorldChain[], prefix: string, count: number): WorldChain {
  const twinOf = made.facts?.twinOf;
  if (!made.facts || twinOf === undefined) return made;
  const first = count - all.indexOf(made);
  return { ...made, facts: { ...made.facts, twinOf: `${prefix}${first + Number(twinOf)}` } };
}

function pickWorld(rng: Random, worlds: readonly World[], families: Readonly<Record<string, number>>): World {
  return rng.weighted(
    worlds.map((world) => [world, world.families.reduce((sum, family) => sum + (families[family] ?? 0), 0)] as const),
  );
}

/** Two sources of one recipe never make the same scene. */
const seedOf = (seed: number, source: string): number => random(seed, `source ${source}`).int(0, 2 ** 31 - 1);

function note(tally: Tally, chain: Chain): void {
  const { facts, verdict, turns } = chain;
  tally.add('chains');
  tally.add(`split:${chain.split}`);
  tally.add(`outcome:${chain.outcome}`);
  if (verdict) tally.add(verdict.correct ? 'checker:confirmed' : `checker:${verdict.why.split(':')[0]}`);
  tally.see('action sequences', turns.flatMap(({ actions }) => actions.map(({ name }) => name)).join('>'));
  if (toolCalls(chain).filter(({ name }) => name === 'OCR' || name === 'LocalizeObjects').length > chain.images.length)
    tally.add('looked again');
  if (!facts) return;
  tally.add(`family:${facts.family}`);
  tally.add(`observed:${facts.observed}`);
  tally.add(`form:${facts.form}`);
  if (facts.unanswerable) tally.add('unanswerable');
  tally.see('skeletons', facts.skeleton);
  tally.see('templates', facts.template);
}

export const make = stage<Spec>({
  name: 'make',
  spec,
  plan,
  async make(spec, shard) {
    const tally = new Tally();
    const file = await writeLines(
      shard.objects,
      shard.key(`chains-${String(shard.shard).padStart(6, '0')}.jsonl.zst`),
      chainsOf(spec, shard, tally),
    );
    // Once for each source: all its shards read the same files.
    const { program } = programs(shard.recipe).find(({ name }) => name === spec.source) as Named;
    const annotations = spec.part === 0 ? await annotationCounts(program, shard) : undefined;
    const notes = { distinct: tally.distinct(), ...(annotations ? { annotations } : {}) };
    return { files: [file], counts: tally.counts, notes };
  },
});
