/**
 * Errors of a reader come in crowds: a font that it cannot read, or a page that is nearly illegible, makes most of them.
 * So each page draws how much worse or better than the mean it is read, for each kind of error.
 */
import type { Random } from '../random.ts';
import type { NoiseRates } from './noise.ts';

/** Kinds of error that crowd, and the rates that a page moves for each. */
export const CROWDING = {
  letters: ['confuse', 'drop'],
  digits: ['digit'],
  marks: ['mark'],
  spacesLost: ['space', 'allSpaces'],
  torn: ['tear'],
  decimals: ['decimal'],
  dollars: ['currency'],
  gapsLost: ['gap'],
  cellsMissed: ['miss', 'missCell'],
  junkRows: ['junkRow'],
} as const satisfies Readonly<Record<string, readonly (keyof NoiseRates)[]>>;
export type Crowding = keyof typeof CROWDING;
export const CROWDING_KINDS = Object.keys(CROWDING) as Crowding[];

/** How many times the mean rate pages of some share have; the shares sum to 1, and so does times x share. */
export type Crowd = readonly (readonly [times: number, share: number])[];

export interface Crowds {
  /** Share of pages on which the kinds are bad together (an illegible page) and not each by itself (a font's space, say). */
  readonly together: number;
  readonly kinds: Readonly<Partial<Record<Crowding, Crowd>>>;
}

/** Nothing is certain, not even on the worst page. */
const MOST = 0.98;

/** Where a page stands among all pages, in [0, 1) from the best read to the worst. Its font and print stay the same at a closer look. */
export interface Standing {
  /** Decides whether the page is bad in all kinds together or in each by itself. */
  readonly together: number;
  readonly shared: number;
  readonly own: Readonly<Record<Crowding, number>>;
}

export const drawStanding = (rng: Random): Standing => ({
  together: rng.next(),
  shared: rng.next(),
  own: Object.fromEntries(CROWDING_KINDS.map((kind) => [kind, rng.next()])) as Record<Crowding, number>,
});

/** Rates of one page. */
export function ofPage(rates: NoiseRates, { together, shared, own }: Standing): NoiseRates {
  const { crowds, ...mean } = rates;
  if (!crowds) return rates;
  const page: Partial<Record<keyof NoiseRates, unknown>> = { ...mean };
  for (const kind of CROWDING_KINDS) {
    const crowd = crowds.kinds[kind];
    if (!crowd) continue;
    const times = timesAt(crowd, together < crowds.together ? shared : own[kind]);
    for (const knob of CROWDING[kind]) page[knob] = Math.min(MOST, ((rates[knob] as number | undefined) ?? 0) * times);
  }
  return page as unknown as NoiseRates;
}

function timesAt(crowd: Crowd, place: number): number {
  let left = place;
  for (const [times, share] of crowd) {
    left -= share;
    if (left < 0) return times;
  }
  return crowd.at(-1)?.[0] ?? 1;
}

/** Rates of a page that is drawn; rates without crowds take nothing from the generator. */
export const drawPage = (rng: Random, rates: NoiseRates): NoiseRates =>
  rates.crowds ? ofPage(rates, drawStanding(rng)) : rates;
