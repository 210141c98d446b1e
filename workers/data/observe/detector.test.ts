import { expect, test } from 'vitest';
import { random } from '../random.ts';
import { type Box, detectWithNoise, type TrueObject, type Wear } from './detector.ts';
import { DETECTOR_RATES } from './detector-rates.ts';

const box = (at: number): Box => [at, 0.2, at + 0.1, 0.5];
const objects: readonly TrueObject[] = [
  ...[0.1, 0.3, 0.5, 0.7].map((at) => ({ label: 'cup', bbox: box(at) })),
  { label: 'dog', bbox: box(0.85) },
];
const PICTURES = 2_500;

test.each<Wear>(['none', 'light', 'medium', 'heavy'])('%s: errs as often as was measured', (wear) => {
  const rates = DETECTOR_RATES[wear];
  const counts = { missed: 0, doubtful: 0, false: 0, objects: 0 };
  const offsets: number[] = [];
  for (let i = 0; i < PICTURES; i++) {
    const found = detectWithNoise(random(1, `${wear}-${i}`), objects, ['cup', 'bird'], wear);
    expect(found.every(({ label }) => label !== 'dog')).toBe(true);
    expect(found.map(({ score }) => score)).toEqual(found.map(({ score }) => score).sort((a, b) => b - a));
    const real = found.filter(({ of }) => of !== undefined);
    counts.objects += 4;
    counts.missed += 4 - real.length;
    counts.doubtful += real.filter(({ score }) => score < 0.5).length;
    counts.false += found.length - real.length;
    for (const { of, bbox } of real) offsets.push((bbox[0] - objects[of as number]!.bbox[0]) / 0.1);
    for (const { score } of found) expect(score >= 0.3 && score < 1).toBe(true);
  }
  const expected = (of: 'missed' | 'doubtful'): number => 0.95 * rates.clear[of] + 0.05 * rates.faint[of];
  expect(Math.abs(counts.missed / counts.objects - expected('missed'))).toBeLessThan(0.01);
  expect(Math.abs(counts.doubtful / counts.objects - expected('doubtful'))).toBeLessThan(0.01);
  expect(Math.abs(counts.false / PICTURES - rates.falseBoxes)).toBeLessThan(0.006);
  offsets.sort((a, b) => a - b);
  for (const [k, q] of [0.05, 0.25, 0.5, 0.75, 0.95].entries())
    expect(Math.abs(offsets[Math.floor(q * offsets.length)]! - rates.offsets[k]!)).toBeLessThan(0.006);
});

test('what nobody asked for is not found, and nothing comes of nothing', () => {
  expect(detectWithNoise(random(1), objects, [], 'heavy')).toEqual([]);
});
