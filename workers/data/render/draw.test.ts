import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { random } from '../random.ts';
import { makeScene, type SceneKind } from '../scene/make.ts';
import { drawScene, layOut } from './draw.ts';
import { FONTS, loadFont } from './fonts.ts';

const kinds: readonly SceneKind[] = [
  'menu',
  'board',
  'chart',
  'nutrition',
  'table',
  'receipt',
  'sign',
  'list',
  'equations',
  'pump',
  'columns',
  'line',
  'pie',
];

describe('drawing', () => {
  it.each(kinds)('%s: a picture of readable size, the same each time', async (kind) => {
    const draw = () => {
      const rng = random(3, kind);
      return drawScene(rng, 'train', makeScene(rng, 'train', kind), 'scan');
    };
    const [a, b] = [await draw(), await draw()];
    expect(a.bytes.equals(b.bytes)).toBe(true);
    const meta = await sharp(a.bytes).metadata();
    expect([meta.width, meta.height]).toEqual([a.width, a.height]);
    expect(Math.max(a.width, a.height)).toBeGreaterThan(150);
    // Ink on paper, not an empty page.
    const { channels } = await sharp(a.bytes).stats();
    expect(Math.max(...channels.map((c) => c.stdev))).toBeGreaterThan(5);
  });

  it('writes no path that is not a number', () => {
    for (let i = 0; i < 60; i++) {
      const rng = random(i, 'paths');
      expect(layOut(rng, 'train', makeScene(rng, 'train')).svg).not.toMatch(/NaN|undefined|Infinity/);
    }
  });

  it('has fonts of its own for each split, all installed', () => {
    for (const font of FONTS) expect(loadFont(font.name).unitsPerEm).toBeGreaterThan(0);
    for (const split of ['train', 'validation', 'holdout']) expect(FONTS.some((f) => f.split === split)).toBe(true);
    expect(new Set(FONTS.map((f) => f.name)).size).toBe(FONTS.length);
    expect(() => loadFont('no-such-font')).toThrow('@fontsource/no-such-font');
  });
});
