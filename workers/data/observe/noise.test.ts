import { describe, expect, it } from 'vitest';
import { random } from '../random.ts';
import { makeScene } from '../scene/make.ts';
import type { Scene } from '../scene/scene.ts';
import { CROWDING, CROWDING_KINDS, drawStanding, ofPage, type Standing } from './crowds.ts';
import { FITTED } from './fitted.ts';
import { type Tally, tallyOf } from './measure.ts';
import { NOISE, type NoiseRates, readWithNoise } from './noise.ts';
import { countsOf, crowdOf, pagesWithErrors, rate, standardError, sum } from './pages.ts';

const scenes = (count: number): Scene[] =>
  Array.from({ length: count }, (_, i) => makeScene(random(5, `noise ${i}`), 'train'));

/** Standings that meet each kind of page as often as it should be, where `count` is prime: chance is not what is tested. */
const standing = (i: number, count: number): Standing => ({
  ...drawStanding(random(9, `standing ${i}`)),
  together: 1,
  own: Object.fromEntries(
    CROWDING_KINDS.map((kind, k) => [kind, (((i * (2 * k + 1) * 7 + k) % count) + 0.5) / count]),
  ) as Standing['own'],
});

/** The noise says itself where it put each cell, so nothing has to be found again. */
const read = (rates: NoiseRates, list: readonly Scene[]): Tally[] =>
  list.map((scene, i) =>
    tallyOf([{ scene, read: readWithNoise(random(7, `${i}`), scene, ofPage(rates, standing(i, list.length))) }]),
  );

describe('the fitted noise', () => {
  it('has shares of pages that are all pages, with the mean rate as their mean', () => {
    for (const { crowds } of Object.values(FITTED))
      for (const kind of CROWDING_KINDS) {
        const crowd = crowds?.kinds[kind] ?? [];
        const shares = crowd.reduce((total, [, share]) => total + share, 0);
        expect(shares).toBeCloseTo(1, 2);
        expect(crowd.reduce((total, [times, share]) => total + times * share, 0) / shares).toBeCloseTo(1, 1);
      }
  });

  it('errs on pages as often as its rates say', () => {
    const list = scenes(701);
    for (const wear of ['clean', 'photo', 'poor'] as const) {
      const rates = FITTED[wear];
      const pages = read(rates, list);
      const ratio = (name: keyof Tally, wanted: number): number => rate(sum(countsOf(pages, name))) / wanted;
      const near = (name: keyof Tally, wanted: number): void => {
        const error = standardError(random(3, name), countsOf(pages, name)) / wanted;
        expect(Math.abs(ratio(name, wanted) - 1), `${wear} ${name}`).toBeLessThan(0.2 + 2 * error);
        expect(ratio(name, wanted), `${wear} ${name}`).toBeGreaterThan(0.3);
      };
      near('letters', rates.confuse + rates.drop);
      near('marks', rates.mark ?? 0);
      near('spacesLost', rates.space);
      near('signs', rates.sign ?? 0);
      near('cellsMissed', rates.miss + rates.missCell);
    }
  });

  it('errs in crowds: on far fewer pages than the same rate alike on all pages', () => {
    const list = scenes(401);
    const { crowds: _, ...flat } = FITTED.clean;
    const crowded = countsOf(read(FITTED.clean, list), 'spacesLost');
    const even = countsOf(read(flat, list), 'spacesLost');
    expect(pagesWithErrors(crowded)).toBeLessThan(0.7 * pagesWithErrors(even));
    expect(rate(sum(crowded)) / rate(sum(even))).toBeGreaterThan(0.6);
    expect(rate(sum(crowded)) / rate(sum(even))).toBeLessThan(1.6);
  });

  it('is bad in all kinds at once on the share of pages that says so', () => {
    const rates = FITTED.poor;
    const worst = { together: 0, shared: 0.9999, own: drawStanding(random(1)).own };
    const page = ofPage(rates, worst);
    for (const kind of CROWDING_KINDS)
      for (const knob of CROWDING[kind])
        if ((rates[knob] as number) > 0) expect(page[knob] as number).toBeGreaterThanOrEqual(rates[knob] as number);
    expect(page.crowds).toBeUndefined();
  });

  it('leaves the noise of the small model as it was: no page is drawn', () => {
    const [scene] = scenes(1) as [Scene];
    expect(ofPage(NOISE.medium, drawStanding(random(1)))).toBe(NOISE.medium);
    const rng = random(4);
    expect(readWithNoise(rng, scene, NOISE.none).rows.join('')).toContain(
      scene.rows.find(({ cells }) => cells.length > 0)?.cells[0],
    );
  });

  it('finds how pages differ from their counts', () => {
    const rng = random(11);
    // Nine pages of ten err once in a hundred, the tenth at every second space.
    const counts = Array.from({ length: 400 }, (_, i) => {
      const p = i % 10 === 0 ? 0.5 : 0.01;
      return { bad: Array.from({ length: 40 }, () => rng.chance(p)).filter(Boolean).length, all: 40 };
    });
    const mean = rate(sum(counts));
    const crowd = crowdOf(counts);
    const worst = crowd.filter(([times]) => times * mean > 0.25).reduce((total, [, share]) => total + share, 0);
    expect(worst).toBeGreaterThan(0.08);
    expect(worst).toBeLessThan(0.12);
    const error = standardError(random(1), counts);
    // Four times what it were if each error stood by itself.
    expect(error / Math.sqrt((mean * (1 - mean)) / (400 * 40))).toBeGreaterThan(2.5);
  });
});
