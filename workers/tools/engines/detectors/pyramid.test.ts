import { expect, test } from 'vitest';
import { lookAt, pyramidOf } from './pyramid.ts';

/** Left half red, right half blue. */
function halves(width: number, height: number) {
  const rgb = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) rgb.set(i % width < width / 2 ? [200, 0, 0] : [0, 0, 100], i * 3);
  return pyramidOf({ width, height, rgb });
}

const plain = { mirrored: false, outside: 7, value: (byte: number) => byte };
const at = (view: Float32Array, side: number, x: number, y: number) => [
  ...view.subarray((y * side + x) * 3, (y * side + x) * 3 + 3),
];

test('a region fills the square, shrunk or grown', () => {
  for (const size of [3, 8, 100, 1000]) {
    const picture = halves(size, size);
    const view = lookAt(picture, { left: 0, top: 0, width: size, height: size }, 16, plain);
    expect(at(view, 16, 1, 8)).toEqual([200, 0, 0]);
    expect(at(view, 16, 14, 8)).toEqual([0, 0, 100]);
  }
});

test('what lies over the edge has the value for outside; mirrored swaps left and right', () => {
  const region = { left: 0, top: -50, width: 200, height: 200 };
  const view = lookAt(halves(200, 100), region, 20, plain);
  expect(at(view, 20, 10, 2)).toEqual([7, 7, 7]);
  expect(at(view, 20, 2, 10)).toEqual([200, 0, 0]);
  const mirrored = lookAt(halves(200, 100), region, 20, { ...plain, mirrored: true });
  expect(at(mirrored, 20, 2, 10)).toEqual([0, 0, 100]);
});

test('fine stripes become grey, not stripes of another width', () => {
  const rgb = new Uint8Array(512 * 512 * 3);
  for (let i = 0; i < 512 * 512; i++) rgb.fill(i % 2 === 0 ? 0 : 255, i * 3, i * 3 + 3);
  const view = lookAt(
    pyramidOf({ width: 512, height: 512, rgb }),
    { left: 0, top: 0, width: 512, height: 512 },
    100,
    plain,
  );
  expect(view.every((value) => Math.abs(value - 128) < 2)).toBe(true);
});

test('a single pixel is a picture', () => {
  const one = pyramidOf({ width: 1, height: 1, rgb: new Uint8Array([9, 8, 7]) });
  expect(at(lookAt(one, { left: 0, top: 0, width: 1, height: 1 }, 4, plain), 4, 3, 3)).toEqual([9, 8, 7]);
});
