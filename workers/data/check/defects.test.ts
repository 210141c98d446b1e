import { expect, it } from 'vitest';
import { DEFECTS, sowDefects } from '../../../test/bench/defects/sow.ts';

/** Spoilt chains of each kind; `npm run bench -- defects` takes a thousand. */
const WANTED = 40;

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
  const objects = clean.get('objects')!;
  expect([...objects.rejected.values()].reduce((a, b) => a + b, 0) / objects.chains).toBeLessThanOrEqual(0.005);
});
