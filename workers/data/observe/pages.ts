/** Counts of errors page by page: how sure a rate is, and how much pages differ in it. */
import type { Random } from '../random.ts';
import type { Crowd } from './crowds.ts';
import type { Rates, Tally } from './measure.ts';

/** Errors of one kind on one page, of how many there could have been. */
export interface Count {
  readonly bad: number;
  readonly all: number;
}

export const rate = ({ bad, all }: Count): number => (all === 0 ? 0 : bad / all);

export const countsOf = (pages: readonly Tally[], name: keyof Rates): Count[] =>
  pages.flatMap((page) => (page[name].all > 0 ? [page[name]] : []));

export const sum = (counts: readonly Count[]): Count =>
  counts.reduce((total, { bad, all }) => ({ bad: total.bad + bad, all: total.all + all }), { bad: 0, all: 0 });

export const pagesWithErrors = (counts: readonly Count[]): number => counts.filter(({ bad }) => bad > 0).length;

/**
 * Standard error of the rate of so many pages. Whole pages are drawn again and again: errors on one page are no
 * independent witnesses.
 * @param size pages in a draw; all of them if left out
 */
export function standardError(rng: Random, counts: readonly Count[], size = counts.length): number {
  if (counts.length === 0 || size === 0) return 0;
  const draws = Array.from({ length: 200 }, () => rate(sum(Array.from({ length: size }, () => rng.pick(counts)))));
  const mean = draws.reduce((a, b) => a + b, 0) / draws.length;
  return Math.sqrt(draws.reduce((a, b) => a + (b - mean) ** 2, 0) / (draws.length - 1));
}

/** Rates that a page may have. */
const GRID = [0, 0.001, 0.002, 0.004, 0.008, 0.015, 0.03, 0.06, 0.12, 0.25, 0.45, 0.7, 0.95];
const STEPS = 150;
/** Smaller shares of pages are noise of the estimate. */
const LEAST = 0.0004;

/**
 * How the rate differs from page to page: the shares of pages with each rate of a grid under which these counts are the
 * likeliest (a mixture of binomials, by expectation and maximisation). What chance alone makes of one rate, a page of
 * few letters without an error, say, is not taken for a difference between pages.
 */
export function crowdOf(counts: readonly Count[]): Crowd {
  const likely = counts.map(({ bad, all }) => {
    const logs = GRID.map((p) =>
      p === 0 ? (bad === 0 ? 0 : Number.NEGATIVE_INFINITY) : bad * Math.log(p) + (all - bad) * Math.log(1 - p),
    );
    const most = Math.max(...logs);
    return logs.map((log) => Math.exp(log - most));
  });
  let shares = GRID.map(() => 1 / GRID.length);
  for (let step = 0; step < STEPS; step++) {
    const next = GRID.map(() => 0);
    for (const page of likely) {
      const parts = page.map((l, i) => l * (shares[i] as number));
      const whole = parts.reduce((a, b) => a + b, 0);
      parts.forEach((part, i) => {
        next[i] = (next[i] as number) + part / whole / likely.length;
      });
    }
    shares = next;
  }
  const kept = GRID.flatMap((p, i) => ((shares[i] as number) >= LEAST ? [[p, shares[i] as number] as const] : []));
  const whole = kept.reduce((total, [, share]) => total + share, 0);
  const mean = kept.reduce((total, [p, share]) => total + (p * share) / whole, 0);
  if (mean === 0) return [[1, 1]];
  return kept.map(([p, share]) => [Number((p / mean).toPrecision(4)), Number((share / whole).toPrecision(4))]);
}
