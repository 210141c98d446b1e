import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { random } from '../../random.ts';
import { type Wear, wearOut } from '../../render/degrade.ts';
import { layOut } from '../../render/draw.ts';
import { makeScene, type SceneKind } from '../../scene/make.ts';
import { layoutOf } from './layout.ts';

const KINDS: readonly SceneKind[] = [
  'menu',
  'board',
  'chart',
  'line',
  'pie',
  'table',
  'receipt',
  'list',
  'form',
  'equations',
  'nutrition',
  'sign',
  'columns',
  'pump',
];

describe('layouts', () => {
  it.each(KINDS)('%s: nearly every cell has a place, in the order of the rows', (kind) => {
    let all = 0;
    let placed = 0;
    for (let i = 0; i < 25; i++) {
      const rng = random(i, `layout ${kind}`);
      const scene = makeScene(rng, 'train', kind);
      const layout = layoutOf(scene, layOut(rng, 'train', scene));
      scene.rows.forEach((row, r) => {
        row.cells.forEach((text, cell) => {
          if (text.trim() === '') return;
          all++;
          const box = layout.at({ row: r, cell });
          if (!box) return;
          placed++;
          expect(box[2]).toBeGreaterThan(box[0]);
          expect(box[3]).toBeGreaterThan(box[1]);
        });
      });
    }
    expect(placed / all).toBeGreaterThan(0.97);
  });

  it.each(['clean', 'scan', 'photo', 'poor', 'fax', 'dim'] as const)(
    '%s: boxes lie on ink, however the page was turned',
    async (wear: Wear) => {
      for (let i = 0; i < 3; i++) {
        const rng = random(i, `ink ${wear}`);
        const scene = makeScene(rng, 'train', 'equations');
        const page = layOut(rng, 'train', scene);
        const picture = await wearOut(rng, page, wear);
        const layout = layoutOf(scene, page, picture, picture.at);
        const box = layout.at({ row: 0, cell: 0 });
        if (!box) throw new Error('the first cell has no place');
        const [left, top, right, bottom] = [
          box[0] * picture.width,
          box[1] * picture.height,
          box[2] * picture.width,
          box[3] * picture.height,
        ].map(Math.round) as [number, number, number, number];
        const busy = async (at: { left: number; top: number; width: number; height: number }): Promise<number> => {
          const part = await sharp(picture.bytes).extract(at).greyscale().png().toBuffer();
          return (await sharp(part).stats()).channels[0]?.stdev ?? Number.NaN;
        };
        const inside = await busy({ left, top, width: Math.max(1, right - left), height: Math.max(1, bottom - top) });
        // The strip above the first line is paper: letters make the box far busier.
        const above = await busy({
          left,
          top: Math.max(0, top - Math.round((bottom - top) * 0.25)),
          width: Math.max(1, right - left),
          height: Math.max(1, Math.round((bottom - top) * 0.15)),
        });
        expect(inside).toBeGreaterThan(above);
      }
    },
  );
});
