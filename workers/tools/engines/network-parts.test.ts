import { describe, expect, test } from 'vitest';
import { regionDepth } from './depth/region-depth.ts';
import { detectionsOf, groundedBoxes } from './grounding-dino/grounded-boxes.ts';
import { MOST_TOKENS, promptsOf } from './grounding-dino/prompt.ts';
import { prepare, type Recipe, sizeFor, tensorOf } from './network-input.ts';
import { resample } from './resample.ts';

const recipe: Recipe = {
  do_resize: true,
  size: { shortest_edge: 800, longest_edge: 1333 },
  resample: 2,
  keep_aspect_ratio: false,
  ensure_multiple_of: 1,
  do_center_crop: false,
  rescale_factor: 1 / 255,
  image_mean: [0.5, 0.5, 0.5],
  image_std: [0.5, 0.5, 0.25],
};
const depth: Recipe = { ...recipe, size: { height: 518, width: 518 }, keep_aspect_ratio: true, ensure_multiple_of: 14 };
const grey = (width: number, height: number) => ({ width, height, rgb: new Uint8Array(width * height * 3).fill(128) });

describe('sizes', () => {
  test('as Python rounds them', () => {
    // Calculated by transformers 5.24: get_size_with_aspect_ratio, and DPT's get_resize_output_image_size.
    const of = (r: Recipe, width: number, height: number) => Object.values(sizeFor({ width, height }, r));
    expect(of(recipe, 640, 480)).toEqual([1066, 800]);
    expect(of(recipe, 480, 640)).toEqual([800, 1066]);
    expect(of(recipe, 1200, 500)).toEqual([1333, 555]);
    expect(of(recipe, 800, 800)).toEqual([800, 800]);
    expect(of(depth, 640, 480)).toEqual([686, 518]);
    expect(of(depth, 480, 640)).toEqual([518, 686]);
  });

  test('stay bounded for panoramas, strips and single pixels', () => {
    for (const [width, height] of [
      [4096, 300],
      [300, 4096],
      [4096, 1],
      [1, 1],
      [2, 4096],
    ] as const)
      for (const r of [recipe, depth]) {
        const size = sizeFor({ width, height }, r);
        expect(size.width * size.height).toBeLessThan(1_500_000);
        expect(Math.min(size.width, size.height)).toBeGreaterThanOrEqual(32);
      }
    const clip: Recipe = {
      ...recipe,
      size: { shortest_edge: 224, longest_edge: undefined },
      resample: 3,
      do_center_crop: true,
      crop_size: { width: 224, height: 224 },
    };
    const start = performance.now();
    const strip = prepare(grey(4096, 2), clip);
    expect(performance.now() - start).toBeLessThan(1_000);
    expect([strip.width, strip.height, strip.rgb.every((byte) => byte === 128)]).toEqual([224, 224, true]);
  });
});

test('resampling: a window is a part of the whole, and what is even stays so', () => {
  const rgb = Uint8Array.from({ length: 40 * 30 * 3 }, (_, i) => (i * 37) % 256);
  const whole = resample({ width: 40, height: 30, rgb }, 23, 17, 'bicubic');
  const part = resample({ width: 40, height: 30, rgb }, 23, 17, 'bicubic', { left: 5, top: 3, width: 9, height: 8 });
  for (let y = 0; y < 8; y++)
    expect(part.rgb.subarray(y * 27, y * 27 + 27)).toEqual(
      whole.rgb.subarray(((y + 3) * 23 + 5) * 3, ((y + 3) * 23 + 14) * 3),
    );
  expect(resample(grey(40, 30), 40, 11, 'lanczos')).toEqual(grey(40, 11));
  const cut = resample({ width: 40, height: 30, rgb }, 40, 30, 'bilinear', { left: 1, top: 2, width: 2, height: 1 });
  expect(cut.rgb).toEqual(rgb.slice((2 * 40 + 1) * 3, (2 * 40 + 3) * 3));
  expect([...tensorOf([{ width: 1, height: 1, rgb: Uint8Array.of(0, 255, 51) }], recipe)]).toEqual([
    -1,
    1,
    expect.closeTo(-1.2, 6),
  ]);
});

test('depth of a region: smaller is nearer, parts of cells count in part', () => {
  const map = { width: 2, height: 2, nearness: Float32Array.of(10, 6, 4, 2), nearest: 10 };
  expect(regionDepth(map, [0, 0, 0.5, 0.5])).toBe(0);
  expect(regionDepth(map, [0.5, 0.5, 1, 1])).toBe(8);
  expect(regionDepth(map, [0, 0, 1, 1])).toBe(4.5);
  expect(regionDepth(map, [0.25, 0, 0.75, 0.5])).toBe(2);
  expect(regionDepth(map, [0.6, 0.6, 0.601, 0.601])).toBeCloseTo(8, 6);
  expect(regionDepth(map, [0, 0, 1, 1], 'center')).toBe(8);
  expect(regionDepth(map, [0.9, 0, 1, 1], 'mode')).toBeCloseTo(4, 1);
});

/** A word a token: 1 begins, 2 is the stop, 3 ends. */
const words = {
  encode: (text: string) => [
    1,
    ...text
      .split(/\s+|(?=\.)/)
      .filter(Boolean)
      .map((word) => (word === '.' ? 2 : 10 + word.length)),
    3,
  ],
};

describe('Grounding DINO', () => {
  test('a prompt knows where each label stands; stops inside labels are none', () => {
    const [prompt, ...more] = promptsOf(['Red Car', 'a.b?', '...', 'red  car', 'dog'], words);
    expect(more).toEqual([]);
    expect(prompt!.tokens).toEqual([1, 13, 13, 2, 11, 11, 2, 13, 2, 3]);
    expect(prompt!.spans).toEqual([
      { label: 'Red Car', start: 1, end: 3 },
      { label: 'a.b?', start: 4, end: 6 },
      { label: 'dog', start: 7, end: 8 },
    ]);
    expect(promptsOf(['.'], words)).toEqual([]);
    const many = promptsOf(
      Array.from({ length: 100 }, (_, i) => `${'x '.repeat(9)}${'y'.repeat(i + 1)}`),
      words,
    );
    expect(many.length).toBeGreaterThan(3);
    expect(many.flatMap(({ spans }) => spans)).toHaveLength(100);
    for (const { tokens } of many) expect(tokens.length).toBeLessThanOrEqual(MOST_TOKENS);
  });

  test('boxes above the threshold get the likeliest label, stay inside, and near copies go', () => {
    const [prompt] = promptsOf(['red car', 'dog'], words);
    const off = -Infinity;
    const rows = [
      [off, 1, 2, off, 0, off, off, off],
      [off, 1, 1.5, off, 0, off, off, off],
      [off, off, off, off, 3, off, off, off],
      [off, -2, -2, off, -2, off, off, off],
      [off, off, off, 4, off, off, off, off],
    ];
    const boxes = [0.1, 0.5, 0.4, 0.4, 0.1, 0.5, 0.41, 0.4, 0.1, 0.5, 0.4, 0.4, 0.5, 0.5, 0.1, 0.1, 0.5, 0.5, 0.1, 0.1];
    const output = { logits: Float32Array.from(rows.flat()), boxes: Float32Array.from(boxes), queries: 5, places: 8 };
    const found = groundedBoxes(output, { box: 0.35, text: 0.25 });
    expect(found.map(({ shown }) => shown)).toEqual([[1, 2, 4], [1, 2, 4], [4], [3]]);
    const detections = detectionsOf(found, prompt!);
    expect(detections.map(({ label }) => label)).toEqual(['dog', 'red car']);
    expect(detections[0]!.bbox).toEqual([0, expect.closeTo(0.3, 6), expect.closeTo(0.3, 6), expect.closeTo(0.7, 6)]);
    expect(detections[0]!.score).toBeCloseTo(1 / (1 + Math.exp(-3)), 6);
  });
});
