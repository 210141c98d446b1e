import { expect, it } from 'vitest';
import { chart } from './chart.ts';

it('draws a bar for each mean and a dot for each seed, within the picture', () => {
  const drawn = chart('a < b', [
    { name: 'cota & direct', primary: [0.2, 0.4], arithmetic: [0.05, 0.05] },
    { name: 'direct', primary: [0.1], arithmetic: [0] },
  ]);
  expect(drawn).toContain('a &lt; b');
  expect(drawn).toContain('cota &amp; direct');
  expect(drawn.match(/<circle/g)).toHaveLength(6 + 1);
  expect(drawn).toContain('>30.0<');
  const places = [...drawn.matchAll(/ c?x="([\d.]+)"/g)].map(([, x]) => Number(x));
  expect(Math.max(...places)).toBeLessThan(760);
  expect(drawn).toContain('>40 %<');
});

it('leaves room for the longest name', () => {
  const name = 'all of them together, asked for one of them';
  const drawn = chart('t', [{ name, primary: [0.5], arithmetic: [0.1] }]);
  const [, end] = /x="([\d.]+)" y="[\d.]+" text-anchor="end"/.exec(drawn) ?? [];
  expect(Number(end)).toBeGreaterThan(7 * name.length);
});
