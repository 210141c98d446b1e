/** Questions of the kind: which of these. */
import { centre } from '../boxes.ts';
import type { Box, ParsedQuestion } from '../contract.ts';
import { closer, type Region } from './evidence.ts';
import type { Meaning } from './meaning.ts';
import { bare, spellings } from './nouns.ts';
import { Missing, type Outcome, type World } from './outcome.ts';
import { sideBetween } from './places.ts';

type OfCandidates = Extract<
  Meaning,
  { asks: 'which-is-there' | 'frequency' | 'furthest' | 'depth' | 'depth-to-anchor' | 'head' }
>;

/** What the question lists, else its options. */
export function candidatesOf(meaning: Meaning, { options }: ParsedQuestion): readonly string[] | undefined {
  const listed = 'among' in meaning ? meaning.among : undefined;
  return listed ?? options?.map(({ text }) => bare(text));
}

interface Valued {
  readonly candidate: string;
  readonly value: number;
}

/** The candidate with the smallest value, where no other candidate comes as close as cannot be told apart. */
function least(values: readonly Valued[], apart: (a: number, b: number) => boolean): Outcome {
  let best = values[0];
  for (const one of values) if (best && one.value < best.value) best = one;
  if (!best) return 'unknown';
  const { candidate, value } = best;
  return values.some((one) => one.candidate !== candidate && !apart(one.value, value))
    ? 'unknown'
    : spellings(candidate);
}

const told = (a: number, b: number): boolean => !closer(a, b);
const unequal = (a: number, b: number): boolean => a !== b;

export function ofCandidates(world: World, meaning: OfCandidates, candidates: readonly string[]): Outcome {
  switch (meaning.asks) {
    case 'which-is-there':
      return onlyOne(candidates.filter((one) => isThere(world, one)));
    case 'frequency': {
      const sign = meaning.most ? -1 : 1;
      return least(
        candidates.map((candidate) => ({ candidate, value: sign * world.regions(candidate, 0).length })),
        unequal,
      );
    }
    case 'furthest': {
      const value = ALONG[meaning.to];
      return overRegions(world, candidates, ({ box }) => value(box));
    }
    case 'depth': {
      const sign = meaning.near ? 1 : -1;
      return overDepths(world, candidates, (depth) => sign * depth);
    }
    case 'depth-to-anchor': {
      const anchor = depthsOf(world, meaning.anchor);
      if (anchor === 'unknown' || anchor.length > 1) return 'unknown';
      const sign = meaning.near ? 1 : -1;
      return overDepths(world, candidates, (depth) => sign * Math.abs(depth - anchor[0]!));
    }
    case 'head': {
      const anchors = world.regions(meaning.anchor, 0);
      const regions = candidates.map((candidate) => ({ candidate, found: world.regions(candidate, 0) }));
      const [anchor] = anchors;
      if (!anchor || anchors.length !== 1) return 'unknown';
      return onlyOne(
        regions
          .filter(({ found }) => found.some(({ box }) => sideBetween(box, anchor.box, meaning.side) === meaning.side))
          .map(({ candidate }) => candidate),
      );
    }
  }
}

const ALONG = {
  left: (box: Box): number => centre(box)[0],
  right: (box: Box): number => -centre(box)[0],
  top: (box: Box): number => centre(box)[1],
  bottom: (box: Box): number => -centre(box)[1],
};

/** By regions where it was looked for, else by the names that GetObjects gave. */
export function isThere(world: World, noun: string, input = 0): boolean {
  const regions = world.maybe(noun, input);
  if (regions) return regions.length > 0;
  const named = world.evidence.named(noun, input);
  if (named === undefined) throw new Missing(`nobody looked for ${noun} in image-${input}`);
  return named;
}

const onlyOne = (fitting: readonly string[]): Outcome => (fitting.length === 1 ? spellings(fitting[0]!) : 'unknown');

function overRegions(world: World, candidates: readonly string[], value: (region: Region) => number): Outcome {
  const found = candidates.map((candidate) => ({ candidate, regions: world.regions(candidate, 0) }));
  // Of those that are there: one that was looked for and is not there is no candidate (rule 2).
  return least(
    found.flatMap(({ candidate, regions }) => regions.map((region) => ({ candidate, value: value(region) }))),
    told,
  );
}

/** Depths of all things of a name, by their regions or by the name itself. */
function depthsOf(world: World, noun: string): readonly number[] | 'unknown' {
  const named = world.evidence.depthOfObject(noun, 0);
  if (typeof named === 'number') return [named];
  const regions = world.maybe(noun, 0);
  if (!regions) {
    if (named === 'lost') return 'unknown';
    throw new Missing(`nobody measured how far away the ${noun} is`);
  }
  if (regions.length === 0) return 'unknown';
  return regions.map(({ box }) => {
    const depth = world.evidence.depthOfBox(box, 0);
    if (depth === undefined) throw new Missing(`nobody measured how far away the ${noun} is`);
    return depth;
  });
}

function overDepths(world: World, candidates: readonly string[], value: (depth: number) => number): Outcome {
  // One that is not there, or was not found by its name, decides: the others need not be measured.
  if (candidates.some((candidate) => isLost(world, candidate))) return 'unknown';
  const values: Valued[] = [];
  for (const candidate of candidates) {
    const depths = depthsOf(world, candidate);
    if (depths === 'unknown') return 'unknown';
    values.push(...depths.map((depth) => ({ candidate, value: value(depth) })));
  }
  return least(values, told);
}

function isLost(world: World, noun: string): boolean {
  const named = world.evidence.depthOfObject(noun, 0);
  return named === 'lost' || (named === undefined && world.maybe(noun, 0)?.length === 0);
}
