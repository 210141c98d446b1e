import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { placeChips, type Rectangle, shared } from './chips.ts';
import { parseColour } from './colours.ts';
import { fitText, textPath, textWidth } from './lettering.ts';
import { drawingOf, drawRegions } from './regions.ts';

const plain = (width: number, height: number, background = '#808080') =>
  sharp({ create: { width, height, channels: 3, background } })
    .png()
    .toBuffer();

async function pixelsOf(bytes: Buffer) {
  const { data, info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
  return { ...info, at: (x: number, y: number) => [...data.subarray((y * info.width + x) * 3).subarray(0, 3)] };
}

describe('labels', () => {
  test('lie inside the picture and not on each other, also in a crowd', () => {
    const picture = { width: 900, height: 600 };
    const boxes: Rectangle[] = Array.from({ length: 20 }, (_, i) => ({
      left: 40 + 40 * i,
      top: 250,
      width: 60,
      height: 120,
    }));
    const places = placeChips(
      [...boxes, { left: 0, top: 0, width: 900, height: 600 }],
      Array.from({ length: 21 }, () => ({ width: 110, height: 30 })),
      picture,
    );
    for (const [i, place] of places.entries()) {
      expect(place.left).toBeGreaterThanOrEqual(0);
      expect(place.top).toBeGreaterThanOrEqual(0);
      expect(place.left + place.width).toBeLessThanOrEqual(900);
      expect(place.top + place.height).toBeLessThanOrEqual(600);
      for (const other of places.slice(i + 1)) expect(shared(place, other)).toBe(0);
    }
  });

  test('have outlines for accents, Greek and Cyrillic, and a box for what the font lacks', () => {
    for (const text of ['Łódź', 'Ελλάδα', 'Привет', 'Việt'])
      expect(textPath(text, 0, 20, 16).length).toBeGreaterThan(500);
    expect(textPath('猫', 0, 20, 16)).toBe(textPath('🐱', 0, 20, 16));
    expect(textPath('猫', 0, 20, 16).length).toBeGreaterThan(20);
    expect(textPath('a\u0000\u202e\u0301', 0, 20, 16)).toBe(textPath('á', 0, 20, 16));
  });

  test('that are too long end in an ellipsis', () => {
    const text = fitText('a very long label', 16, 60);
    expect(text).toMatch(/^a v.*…$/);
    expect(textWidth(text, 16)).toBeLessThanOrEqual(60);
    expect(fitText('long', 16, 3)).toBe('');
  });

  test('never get into the SVG as text', () => {
    const svg = drawingOf([{ label: '</svg><script>&"', bbox: [0, 0, 1, 1], group: '"><x' }], {
      width: 300,
      height: 200,
    });
    expect(svg).not.toMatch(/script|<x|&/);
  });
});

describe('boxes', () => {
  test('are drawn where they are, in one colour a group or in the one asked for', async () => {
    const regions = [
      { label: 'dog', bbox: [0.25, 0.25, 0.75, 0.75], group: 'dog' },
      { label: 'dog-2', bbox: [0.8, 0.5, 0.95, 0.9], group: 'dog' },
      { label: 'cat', bbox: [0.05, 0.5, 0.15, 0.9] },
    ];
    const bytes = await plain(800, 600);
    const { width, height, channels, at } = await pixelsOf(await drawRegions(bytes, regions));
    expect([width, height, channels]).toEqual([800, 600, 3]);
    const line = 2;
    expect(at(200 + line, 300)).toEqual(at(640 + line, 420));
    expect(at(200 + line, 300)).not.toEqual(at(40 + line, 420));
    expect(at(400, 300)).toEqual([128, 128, 128]);
    const yellow = await pixelsOf(await drawRegions(bytes, regions, { colour: parseColour('#ffee00')! }));
    for (const [x, y] of [
      [202, 300],
      [642, 420],
      [42, 420],
    ] as const)
      expect(yellow.at(x, y)).toEqual([255, 238, 0]);
  });

  test('have a dark edge, so that they are seen on their own colour', async () => {
    const { at } = await pixelsOf(
      await drawRegions(await plain(700, 500, '#ff0000'), [{ label: '', bbox: [0.2, 0.2, 0.8, 0.8] }], {
        colour: [255, 0, 0],
      }),
    );
    const row = Array.from({ length: 12 }, (_, i) => at(138 + i, 250)[0]!);
    expect(Math.min(...row)).toBeLessThan(130);
  });

  test('the same twice gives the same bytes', async () => {
    const bytes = await plain(300, 200);
    const regions = [{ label: 'dog', bbox: [0.1, 0.1, 0.9, 0.9] }];
    expect((await drawRegions(bytes, regions)).equals(await drawRegions(bytes, regions))).toBe(true);
  });

  test('on pictures of any size and kind', async () => {
    const regions = [
      { label: 'person', bbox: [0, 0, 1, 1] },
      { label: 'dog', bbox: [0.999, 0.999, 1, 1] },
    ];
    for (const [width, height, outWidth, outHeight] of [
      [1, 1, 8, 8],
      [2, 300, 3, 480],
      [3000, 1, 2048, 1],
      [3000, 1500, 2048, 1024],
      [100, 60, 480, 288],
    ] as const) {
      const drawn = await sharp(await drawRegions(await plain(width, height), regions)).metadata();
      expect([drawn.width, drawn.height, drawn.format]).toEqual([outWidth, outHeight, 'png']);
    }
    const colour = sharp(await plain(600, 500, '#4080c0'));
    const turned = await colour.clone().jpeg().withMetadata({ orientation: 6 }).toBuffer();
    expect(await sharp(await drawRegions(turned, regions)).metadata()).toMatchObject({ width: 500, height: 600 });
    for (const bytes of [
      await colour.clone().toColourspace('rgb16').png().toBuffer(),
      await colour.clone().ensureAlpha(1).png().toBuffer(),
      await colour.clone().greyscale().png().toBuffer(),
    ]) {
      const { at, channels } = await pixelsOf(await drawRegions(bytes, regions));
      expect(channels).toBe(3);
      expect(Math.abs(at(300, 250)[1]! - 0x80)).toBeLessThan(10);
    }
  });

  test('what is no picture is refused with a reason', async () => {
    await expect(drawRegions(Buffer.from('hello'), [])).rejects.toMatchObject({ code: 'unreadable_image' });
  });
});

test('colours by name, hex and rgb; others are none', () => {
  expect(parseColour('Red')).toEqual([230, 25, 75]);
  expect(parseColour('#0f8')).toEqual([0, 255, 136]);
  expect(parseColour('#00FF88')).toEqual([0, 255, 136]);
  expect(parseColour('rgb(1, 2, 3)')).toEqual([1, 2, 3]);
  for (const text of ['reddish', '#12', 'rgb(1,2,300)', 'url(x)', '__proto__', '#gggggg'])
    expect(parseColour(text)).toBeUndefined();
});
