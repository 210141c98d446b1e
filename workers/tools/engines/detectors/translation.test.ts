/** The translated networks against numbers recorded from the original graphs in TensorFlow.js 4.22. */
import { Tensor } from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { onnxSession } from '../onnx-session.ts';
import { networks } from './weights.ts';

/** Four discs on a slope of grey. @returns `[side, side, 3]`, 0 to 255 */
function discs(side: number): Float32Array {
  const all = [
    { x: 0.3, y: 0.35, radius: 0.18, colour: [220, 40, 30] },
    { x: 0.7, y: 0.6, radius: 0.22, colour: [40, 90, 200] },
    { x: 0.55, y: 0.2, radius: 0.08, colour: [250, 220, 60] },
    { x: 0.2, y: 0.8, radius: 0.1, colour: [30, 160, 60] },
  ];
  const pixels = new Float32Array(side * side * 3);
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      const [u, v] = [(x + 0.5) / side, (y + 0.5) / side];
      const disc = all.find((one) => (u - one.x) ** 2 + (v - one.y) ** 2 < one.radius * one.radius);
      for (let c = 0; c < 3; c++)
        pixels[(y * side + x) * 3 + c] = disc ? disc.colour[c]! : Math.floor(60 + 120 * v + 20 * c);
    }
  return pixels;
}

const settings = { device: 'cpu', threads: 1 } as const;

function expectClose(got: Iterable<number>, recorded: readonly number[], within: number): void {
  for (const [i, value] of [...got].entries()) expect(Math.abs(value - recorded[i]!)).toBeLessThan(within);
}

test('objects: the first rows', async () => {
  const session = await onnxSession(networks.objects, settings);
  const output = await session.run({ 'tower_0/images': new Tensor('float32', discs(512), [1, 512, 512, 3]) });
  const rows = output['tower_0/detections']!;
  expect(rows.dims).toEqual([1, 100, 6]);
  const recorded = [
    [240.788, 63.26, 321.943, 142.598, 0.57547, 32],
    [51.123, 357.156, 153.115, 460.676, 0.42931, 29],
    [240.788, 63.26, 321.943, 142.598, 0.40672, 29],
    [246.999, 198.519, 470.921, 417.714, 0.36499, 29],
    [60.992, 88.514, 246.164, 271.443, 0.35613, 29],
    [51.123, 357.156, 153.115, 460.676, 0.28006, 32],
  ];
  for (const [i, row] of recorded.entries()) {
    const got = (rows.data as Float32Array).subarray(i * 6, i * 6 + 6);
    expectClose(got.subarray(0, 4), row, 0.02);
    expectClose(got.subarray(4), row.slice(4), 0.0001);
  }
});

test('faces: cells from the first to the last, and the mean of all', async () => {
  const session = await onnxSession(networks.faces, settings);
  const pixels = discs(192).map((byte) => byte / 127.5 - 1);
  const { Identity: cells } = await session.run({ input: new Tensor('float32', pixels, [1, 192, 192, 3]) });
  expect(cells!.dims).toEqual([1, 2304, 17]);
  const data = cells!.data as Float32Array;
  const recorded: Readonly<Record<number, readonly number[]>> = {
    0: [-13.929, -6.355, -0.437, 12.095, 12.063],
    777: [-6.519, -2.117, -2.874, 39.27, 39.284],
    1906: [-2.422, -1.883, -1.525, 74.455, 74.49],
    2303: [-35.052, -6.77, -0.232, 33.86, 33.784],
  };
  for (const [cell, numbers] of Object.entries(recorded))
    expectClose(data.subarray(Number(cell) * 17, Number(cell) * 17 + 5), numbers, 0.002);
  expect(data.reduce((sum, value) => sum + value, 0) / data.length).toBeCloseTo(2.10913, 3);
});
