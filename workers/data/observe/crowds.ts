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

/**
 * Rates of one page.
 * @param at place in [0, 1) of the page among all pages, for each kind, from the best to the worst
 */
export function ofPage(rates: NoiseRates, at: (kind: Crowding) => number): NoiseRates {
  const { crowds, ...mean } = rates;
  if (!crowds) return rates;
  const page: Partial<Record<keyof NoiseRates, unknown>> = { ...mean };
  for (const kind of CROWDING_KINDS) {
    const crowd = crowds.kinds[kind];
    if (!crowd) continue;
    let left = at(kind);
    const [times] = crowd.find(([, share]) => (left -= share) < 0) ?? (crowd.at(-1) as Crowd[number]);
    for (const knob of CROWDING[kind]) page[knob] = Math.min(MOST, ((rates[knob] as number | undefined) ?? 0) * times);
  }
  return page as unknown as NoiseRates;
}

/** Draws a page's rates; those of no crowds take nothing from the generator. */
export function drawPage(rng: Random, rates: NoiseRates): NoiseRates {
  if (!rates.crowds) return rates;
  const shared = rng.chance(rates.crowds.together) ? rng.next() : undefined;
  return ofPage(rates, () => shared ?? rng.next());
}
