import { expect, it } from 'vitest';
import { DEFECTS, sowDefects } from '../../../test/bench/defects/sow.ts';

/** Spoilt chains of each kind; `npm run bench -- defects` takes a thousand. */
const WANTED = 25;

it('rejects each kind of sown defect for the right reason, and hardly any sound chain', {
  timeout: 120_000,
}, async () => {
  const { clean, found } = await sowDefects(WANTED, WANTED * 150);
  expect(DEFECTS.length).toBeGreaterThanOrEqual(12);
  for (const { name, sown, rightly, reasons } of found) {
    expect(sown, name).toBeGreaterThanOrEqual(WANTED);
    expect(rightly / sown, `${name}: ${reasons.join('; ')}`).toBeGreaterThanOrEqual(0.95);
  }
  const all = found.reduce((sum, { sown }) => sum + sown, 0);
  expect(found.reduce((sum, { rightly }) => sum + rightly, 0) / all).toBeGreaterThanOrEqual(0.99);
  // Of the texts' chains some are asked about pages so badly read that a reader may well differ.
  for (const [world, most] of [
    ['objects', 0.005],
    ['texts', 0.02],
  ] as const) {
    const { chains, rejected } = clean.get(world)!;
    expect(chains, world).toBeGreaterThan(100);
    const wrongly = [...rejected.values()].reduce((a, b) => a + b, 0);
    expect(wrongly / chains, `${world}: ${[...rejected].join('; ')}`).toBeLessThanOrEqual(most);
  }
});
