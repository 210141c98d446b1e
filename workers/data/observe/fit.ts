/**
 * Fits the noise to real readings: for each kind of wear, how the rates differ from page to page is estimated from the
 * pages, and the mean rates are moved until the noise errs on the same scenes as often as the reader did. How well that
 * went is seen on pictures that were left out, a quarter of them at a time.
 */
import { type Random, random } from '../random.ts';
import type { Wear } from '../render/degrade.ts';
import { align } from './align.ts';
import { CROWDING_KINDS, type Crowding, ofPage, type Standing } from './crowds.ts';
import { type Rates, type Tally, tallyOf } from './measure.ts';
import { NOISE, type NoiseRates, readWithNoise } from './noise.ts';
import { countsOf, crowdOf, pagesWithErrors, rate, sum } from './pages.ts';
import type { Reading } from './readings.ts';

export const FITTED_WEARS: readonly Wear[] = ['clean', 'scan', 'photo', 'poor', 'fax', 'dim'];
/** Wears whose pages are counted together for what is rare on each of them: those that are easy to read, and the others. */
const ALIKE: readonly (readonly Wear[])[] = [
  ['clean', 'scan', 'photo', 'dim'],
  ['poor', 'fax'],
];
/** With fewer pages that have the error, how often it comes is anyone's guess: one font more or less decides. */
const ENOUGH_PAGES = 8;

/** A reading and what went wrong in it. */
export interface Counted {
  readonly reading: Reading;
  readonly tally: Tally;
}

export const counted = (readings: readonly Reading[]): Counted[] =>
  readings.map((reading) => {
    const { scene, rows } = reading;
    return { reading, tally: tallyOf([{ scene, read: align(scene, rows) }]) };
  });

export const ofWears = (all: readonly Counted[], wears: readonly string[]): Counted[] =>
  all.filter(({ reading }) => wears.includes(reading.wear));

const talliesOf = (pages: readonly Counted[]): Tally[] => pages.map(({ tally }) => tally);

export const FOLDS = 4;

/**
 * Fold of each picture: every fourth of each layout and wear is in the same, so that layouts that are read badly count
 * in all folds alike.
 */
export function foldsOf(all: readonly Counted[]): Map<Counted, number> {
  const folds = new Map<Counted, number>();
  const groups = Map.groupBy(all, ({ reading }) => `${reading.wear} ${reading.scene.template}`);
  for (const [, list] of [...groups].sort(([a], [b]) => (a < b ? -1 : 1)))
    for (const one of list) folds.set(one, folds.size % FOLDS);
  return folds;
}

/** The pages that say how often an error comes on a wear: its own, or with too few of them also those of wears alike. */
export function witnesses(fit: readonly Counted[], wear: Wear, name: keyof Rates): readonly Tally[] {
  const alike = ALIKE.find((wears) => wears.includes(wear)) ?? [];
  const sets = [[wear], alike].map((wears) => talliesOf(ofWears(fit, wears)));
  return (
    sets.find((pages) => pagesWithErrors(countsOf(pages, name)) >= ENOUGH_PAGES) ??
    // What hardly ever comes where it is easy to read is not what comes on a fax.
    (sets[1] as Tally[])
  );
}

/** What the noise makes of the same scenes, page by page. Each kind of page is met as often as it should be. */
export function noiseTallies(
  readings: readonly Reading[],
  rates: NoiseRates,
  seed: number,
  repeats: number,
): { tally: Tally; of: number }[] {
  const pages = Array.from({ length: repeats }, () => readings.map((_, of) => of)).flat();
  const rng = random(seed, 'noise on readings');
  const order = (): number[] => rng.shuffle(pages.map((_, i) => (i + rng.next()) / pages.length));
  const own = new Map(CROWDING_KINDS.map((kind) => [kind, order()]));
  const shared = order();
  return pages.map((of, i) => {
    const { scene } = readings[of] as Reading;
    const standing: Standing = {
      together: rng.next(),
      shared: shared[i] as number,
      own: Object.fromEntries([...own].map(([kind, places]) => [kind, places[i]])) as Standing['own'],
    };
    const { rows } = readWithNoise(random(seed, `page ${i}`), scene, ofPage(rates, standing));
    return { tally: tallyOf([{ scene, read: align(scene, rows) }]), of };
  });
}

/** Which rate of the noise makes which errors. */
const KNOBS: readonly (readonly [keyof Rates, readonly (keyof NoiseRates)[]])[] = [
  ['letters', ['confuse', 'drop']],
  ['digits', ['digit']],
  ['marks', ['mark']],
  ['spacesLost', ['space']],
  ['torn', ['tear']],
  ['decimals', ['decimal']],
  ['dollars', ['currency']],
  ['signs', ['sign']],
  ['gapsLost', ['gap']],
  ['rowsSplit', ['split']],
  ['cellsMissed', ['miss', 'missCell']],
  ['junkRows', ['junkRow']],
  ['strayCells', ['scribble']],
];

const ROUNDS = 6;
/** So many errors weighs the belief that a knob makes just what it says; what is seen goes on from there. */
const PRIOR = 20;
/** Scenes that the noise reads in a round. */
const SCENES = 300;

/** A rate that is never more than certain, with few digits: more would be chance. */
const kept = (value: number): number => Number(Math.min(0.98, Math.max(0, value)).toPrecision(3));

/** Kinds that are bad together on an illegible page. */
const LEGIBILITY: readonly Crowding[] = ['letters', 'digits', 'marks', 'decimals', 'cellsMissed', 'junkRows'];

/** How much pages with one of these errors are those with another: the mean correlation of having any. */
function togetherness(pages: readonly Tally[]): number {
  const found: number[] = [];
  LEGIBILITY.forEach((a, i) => {
    for (const b of LEGIBILITY.slice(i + 1)) {
      const both = pages.filter((page) => page[a].all > 0 && page[b].all > 0);
      const n = both.length;
      const [x, y, xy] = [[a], [b], [a, b]].map((names) =>
        n === 0 ? 0 : both.filter((page) => names.every((name) => page[name as Crowding].bad > 0)).length / n,
      ) as [number, number, number];
      const scale = Math.sqrt(x * (1 - x) * y * (1 - y));
      if (scale > 0) found.push((xy - x * y) / scale);
    }
  });
  return found.length === 0 ? 0 : kept(found.reduce((p, q) => p + q, 0) / found.length);
}

/** Shares that are too rare to be told apart by wear: what an unread character became. */
function kinds(fit: readonly Counted[]): Pick<NoiseRates, 'decimalKinds' | 'lostShares'> & { letter: number } {
  const pages = talliesOf(fit);
  const bad = (name: keyof Rates): number => sum(countsOf(pages, name)).bad;
  const lost = (one: keyof Rates, all: keyof Rates): number => kept((bad(one) + 0.5) / (bad(all) + 1));
  const [gone, wide] = [bad('decimalsLost') + 0.5, bad('decimalsApart') + 0.5];
  return {
    decimalKinds: [gone, wide, Math.max(0.5, bad('decimals') - gone - wide)],
    lostShares: [lost('digitsLost', 'digits'), lost('marksLost', 'marks')],
    letter: lost('lettersLost', 'letters'),
  };
}

/** @param fit pictures of all wears that may be fitted to */
export function fitRates(fit: readonly Counted[], wear: Wear, seed: number): NoiseRates {
  const wanted = new Map(KNOBS.map(([name]) => [name, sum(countsOf(witnesses(fit, wear, name), name))]));
  const target = (name: keyof Rates): number => rate(wanted.get(name) ?? { bad: 0, all: 0 });
  const { letter, ...shares } = kinds(fit);
  const alike = ALIKE.find((wears) => wears.includes(wear)) ?? [];
  let rates: NoiseRates = {
    ...NOISE.none,
    ...shares,
    confuse: target('letters') * (1 - letter),
    drop: target('letters') * letter,
    digit: target('digits'),
    mark: target('marks'),
    space: target('spacesLost'),
    tear: target('torn'),
    decimal: target('decimals'),
    currency: target('dollars'),
    sign: target('signs'),
    gap: target('gapsLost'),
    split: target('rowsSplit'),
    miss: target('cellsMissed') / 2,
    missCell: target('cellsMissed') / 2,
    junkRow: target('junkRows'),
    scribble: target('strayCells'),
    crowds: {
      together: togetherness(talliesOf(ofWears(fit, alike))),
      kinds: Object.fromEntries(
        CROWDING_KINDS.map((kind) => [kind, crowdOf(countsOf(witnesses(fit, wear, kind), kind))]),
      ),
    },
  };
  const scenes = ofWears(fit, [wear]).map(({ reading }) => reading);
  const rng: Random = random(seed, `fit ${wear}`);
  const start = rates;
  const seen = new Map(KNOBS.map(([name]) => [name, { got: PRIOR, hoped: PRIOR, scale: 1 }]));
  for (let round = 0; round < ROUNDS && scenes.length > 0; round++) {
    const some = Array.from({ length: Math.ceil(SCENES / scenes.length) }, () => rng.shuffle(scenes)).flat();
    const noise = noiseTallies(some.slice(0, SCENES), rates, seed + 1000 * round, 1).map(({ tally }) => tally);
    const next: Record<string, unknown> = { ...start };
    for (const [name, knobs] of KNOBS) {
      // All rounds together say how much of what the knob should make it does make: one round is too much chance.
      const knob = seen.get(name) as { got: number; hoped: number; scale: number };
      const { bad, all } = sum(countsOf(noise, name));
      knob.got += bad;
      knob.hoped += target(name) * knob.scale * all;
      knob.scale = knob.hoped / knob.got;
      if (name === 'junkRows') {
        // Rows that are misread past knowing count as junk whatever this knob does: it only adds what is left to add.
        const more = target(name) - (all === 0 ? 0 : bad / all);
        next.junkRow = kept(Math.max(0, (rates.junkRow ?? 0) + more / (round + 1)));
        continue;
      }
      for (const one of knobs) next[one] = kept((start[one] as number) * knob.scale);
    }
    rates = next as unknown as NoiseRates;
  }
  return rates;
}

/** The table as a source file. */
export function fittedFile(
  table: Readonly<Record<string, NoiseRates>>,
  pictures: number,
  seeds: readonly number[],
  date: string,
): string {
  return `/**
 * How often the reader errs on drawn pictures, by wear. Made by \`npm run bench -- ocr-noise --write\` and not by hand:
 * ${date}, ${pictures.toLocaleString('en')} pictures really read with PP-OCRv4 (seeds ${seeds.join(', ')}).
 */
import type { Wear } from '../render/degrade.ts';
import type { NoiseRates } from './noise.ts';

export const FITTED: Readonly<Record<Wear, NoiseRates>> = ${JSON.stringify(table, null, 2)};
`;
}
