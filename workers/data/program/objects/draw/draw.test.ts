import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { random } from '../../../random.ts';
import { makePicture } from '../generate.ts';
import { TEMPLATES } from '../templates.ts';
import { COLOURS, KINDS } from '../words/kinds.ts';
import { drawPicture } from './draw.ts';
import { GROUNDS } from './grounds.ts';
import { DRAWINGS } from './shapes.ts';
import { SHAPES } from './sizes.ts';

const kinds = Object.values(KINDS).flat();

describe('drawings of objects', () => {
  test('there is a drawing of every kind, a ground of every template and enough of both', () => {
    expect(new Set(kinds).size).toBe(kinds.length);
    expect(kinds.length).toBeGreaterThanOrEqual(25);
    expect(Object.keys(COLOURS).length).toBeGreaterThanOrEqual(10);
    for (const kind of kinds) expect(DRAWINGS[kind] && SHAPES[kind], kind).toBeDefined();
    for (const { name } of TEMPLATES) expect(GROUNDS[name], name).toBeDefined();
  });

  test('each drawing fills its box and keeps inside it', async () => {
    const loose: string[] = [];
    for (const kind of kinds) {
      const [height, width] = [200, Math.round(200 * SHAPES[kind]!.aspect)];
      const body = DRAWINGS[kind]!({ fill: '#d62728', shade: '#8a1a1b', line: '#222222' });
      const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width + 80}" height="280"><g transform="translate(40 40) scale(2)" stroke="#222222" stroke-width="1.8">${body}</g></svg>`;
      const { data, info } = await sharp(Buffer.from(svg)).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
      const [left, top, right, bottom] = [[], [], [], []] as [number[], number[], number[], number[]];
      for (let y = 0; y < info.height; y++)
        for (let x = 0; x < info.width; x++)
          if (data[(y * info.width + x) * 4 + 3]! > 40) {
            left.push(x);
            top.push(y);
            right.push(x);
            bottom.push(y);
          }
      const least = (all: number[]): number => all.reduce((a, b) => Math.min(a, b));
      const most = (all: number[]): number => all.reduce((a, b) => Math.max(a, b));
      const off = [least(left) - 40, least(top) - 40, 40 + width - most(right) - 1, 40 + height - most(bottom) - 1];
      if (off.some((side) => Math.abs(side) > 10)) loose.push(`${kind}: ${off.join(' ')}`);
    }
    expect(loose).toEqual([]);
  });

  test('a scene is drawn the same each time, as large as it says, worn or not', async () => {
    for (const wear of ['none', 'heavy'] as const) {
      const draw = () => {
        const rng = random(2, 'drawn');
        const [picture] = makePicture(rng, 'train').pictures;
        return drawPicture(rng, picture!, wear).then((png) => ({ png, picture: picture! }));
      };
      const [{ png, picture }, again] = [await draw(), await draw()];
      expect(png.equals(again.png)).toBe(true);
      expect(await sharp(png).metadata()).toMatchObject({
        format: 'png',
        width: picture.width,
        height: picture.height,
      });
    }
  });
});
