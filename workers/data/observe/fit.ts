/**
 * Fits the noise to real readings: for each kind of wear the rates are moved until the noise errs on the same scenes as
 * often as the reader did. Half of the pictures are fitted to, the other half says how well that went.
 */
import type { Reading } from '../nano/real.ts';
import { random } from '../random.ts';
import type { Wear } from '../render/degrade.ts';
import { align } from './align.ts';
import { type Rates, type Tally, tallyOf } from './measure.ts';
import { NOISE, type NoiseRates, readWithNoise } from './noise.ts';

export const FITTED_WEARS: readonly Wear[] = ['clean', 'scan', 'photo', 'poor', 'fax', 'dim'];

/** Which rates of the noise make which errors. */
const KNOBS: readonly (readonly [keyof Rates, readonly (keyof NoiseRates)[]])[] = [
  ['letters', ['confuse', 'drop']],
  ['digits', ['digit']],
  ['marks', ['mark']],
  ['spacesLost', ['space', 'allSpaces']],
  ['torn', ['tear']],
  ['decimals', ['decimal', 'torn']],
  ['dollars', ['currency']],
  ['signs', ['sign']],
  ['gapsLost', ['gap', 'flat']],
  ['rowsSplit', ['split']],
  ['cellsMissed', ['miss', 'missCell']],
  ['junkRows', ['junk']],
];

const ROUNDS = 7;
/** Times that the noise reads each scene in a round: chance should not be what is fitted to. */
const REPEATS = 2;
/** Fewer errors than this say little about their rate: it is within a third of the truth two times in three. */
export const TOO_FEW = 20;

const START: NoiseRates = { ...NOISE.medium, digit: 0.004, mark: 0.05, sign: 0.9, decimalKinds: [1, 1, 1] };

export const rate = ({ bad, all }: Tally[keyof Tally]): number => (all === 0 ? 0 : bad / all);

export const realTally = (readings: readonly Reading[]): Tally =>
  tallyOf(readings.map(({ scene, rows }) => ({ scene, read: align(scene, rows) })));

/** What the noise makes of the same scenes. */
export function noiseTally(readings: readonly Reading[], rates: NoiseRates, seed: number, repeats = REPEATS): Tally {
  const read = function* () {
    for (let k = 0; k < repeats; k++)
      for (const { scene, index } of readings) {
        const { rows } = readWithNoise(random(seed + k, `fit ${index}`), scene, rates);
        yield { scene, read: align(scene, rows) };
      }
  };
  return tallyOf(read());
}

/**
 * How far a rate may be off by the chance of which pictures were drawn: errors come in crowds, one page with a font that
 * is read badly makes most of them, so whole pictures are drawn again and again.
 * @returns the rates between which 95 of 100 such draws lie
 */
export function spread(readings: readonly Reading[], name: keyof Rates, seed: number): [number, number] {
  const each = readings.map((one) => realTally([one])[name]);
  const rng = random(seed, `spread ${name}`);
  const draws = Array.from({ length: 200 }, () => {
    let bad = 0;
    let all = 0;
    for (let i = 0; i < each.length; i++) {
      const one = each[rng.int(0, each.length - 1)] as Tally[keyof Tally];
      bad += one.bad;
      all += one.all;
    }
    return all === 0 ? 0 : bad / all;
  }).sort((a, b) => a - b);
  return [draws[4] as number, draws[194] as number];
}

/** A rate that is never more than certain, with few digits: more would be chance. */
const kept = (value: number): number => Number(Math.min(0.98, Math.max(0, value)).toPrecision(3));

/** @param readings of one kind of wear */
export function fitRates(readings: readonly Reading[], seed: number): NoiseRates {
  const real = realTally(readings);
  const { decimals, decimalsLost, decimalsApart } = real;
  const other = Math.max(0.5, decimals.bad - decimalsLost.bad - decimalsApart.bad);
  let rates: NoiseRates = {
    ...START,
    decimalKinds: [kept1(decimalsLost.bad + 0.5), kept1(decimalsApart.bad + 0.5), kept1(other)],
  };
  for (let round = 0; round < ROUNDS; round++) {
    const noise = noiseTally(readings, rates, seed + 1000 * round);
    const next: Record<string, unknown> = { ...rates };
    for (const [error, knobs] of KNOBS) {
      const wanted = rate(real[error]);
      const got = rate(noise[error]);
      // Half an error, where there was none, leaves the knob somewhere to come back from.
      const factor = (wanted + 0.5 / Math.max(1, real[error].all)) / (got + 0.5 / Math.max(1, noise[error].all));
      for (const knob of knobs) next[knob] = kept((rates[knob] as number) * Math.min(3, Math.max(1 / 3, factor)));
    }
    rates = next as unknown as NoiseRates;
  }
  return rates;
}

const kept1 = (value: number): number => Number(value.toPrecision(3));

/** Every second picture of each layout: what layouts are read badly should count in both halves alike. */
export function halves(readings: readonly Reading[]): [fit: Reading[], held: Reading[]] {
  const fit: Reading[] = [];
  const held: Reading[] = [];
  let turn = 0;
  for (const [, list] of [...Map.groupBy(readings, ({ scene }) => scene.template)].sort(([a], [b]) => (a < b ? -1 : 1)))
    for (const one of list) (turn++ % 2 === 0 ? fit : held).push(one);
  return [fit, held];
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
 * ${date}, ${pictures.toLocaleString('en')} pictures really read with PP-OCRv4 (seeds ${seeds.join(', ')}), every second one fitted to.
 */
import type { Wear } from '../render/degrade.ts';
import type { NoiseRates } from './noise.ts';

export const FITTED: Readonly<Record<Wear, NoiseRates>> = ${JSON.stringify(table, null, 2)};
`;
}
