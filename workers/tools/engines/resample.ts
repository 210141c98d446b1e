import type { Picture } from './picture.ts';

/** How networks that were trained with Pillow want their pictures shrunk; by Pillow's numbers in preprocessor_config.json. */
export type Filter = 'bilinear' | 'bicubic' | 'lanczos';

/** The part of the resized picture that is wanted; the rest is not computed. */
export interface Window {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

function bicubic(x: number): number {
  // Pillow's cubic has a = -0.5; that of most other libraries is sharper.
  const at = Math.abs(x);
  if (at < 1) return (1.5 * at - 2.5) * at * at + 1;
  return at < 2 ? ((-0.5 * at + 2.5) * at - 4) * at + 2 : 0;
}

const sinc = (x: number) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

const FILTERS: Readonly<Record<Filter, { readonly reach: number; weight(x: number): number }>> = {
  bilinear: { reach: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
  bicubic: { reach: 2, weight: bicubic },
  lanczos: { reach: 3, weight: (x) => (Math.abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0) },
};

/** Weights as whole numbers of 1/2^22, so that sums over bytes are exact and come out as Pillow's. */
const ONE = 2 ** 22;

interface Taps {
  /** First source pixel of each output pixel. */
  readonly from: Int32Array;
  readonly count: Int32Array;
  /** `most` weights for each output pixel. */
  readonly weights: Int32Array;
  readonly most: number;
}

/**
 * The picture at another size, to the bit as Pillow resizes bytes (which is what the networks saw in training): the
 * filter widens when shrinking, so that nothing aliases, and each pass rounds to bytes. libvips and the resizing of
 * transformers.js give pixels that differ by up to half the range in fine patterns.
 * @param window the part that is wanted, in pixels of the result; default all of it
 */
export function resample(
  picture: Picture,
  width: number,
  height: number,
  filter: Filter,
  window: Window = { left: 0, top: 0, width, height },
): Picture {
  const down = tapsOf(picture.height, height, window.top, window.height, filter);
  // Rows that no output row looks at are not resized sideways.
  const firstRow = down ? down.from[0]! : window.top;
  const rows = down ? down.from.at(-1)! + down.count.at(-1)! - firstRow : window.height;
  const sideways = tapsOf(picture.width, width, window.left, window.width, filter);
  let { rgb } = picture;
  let stride = picture.width * 3;
  let [x0, y0] = [window.left * 3, firstRow];
  if (sideways) {
    rgb = passSideways(picture, sideways, firstRow, rows, window.width);
    stride = window.width * 3;
    [x0, y0] = [0, 0];
  }
  if (down) return { width: window.width, height: window.height, rgb: passDown(rgb, stride, x0, y0, down, window) };
  const cut = new Uint8Array(window.width * window.height * 3);
  for (let y = 0; y < window.height; y++) {
    const start = (y0 + y) * stride + x0;
    cut.set(rgb.subarray(start, start + window.width * 3), y * window.width * 3);
  }
  return { width: window.width, height: window.height, rgb: cut };
}

/** @returns undefined when the side keeps its length */
function tapsOf(from: number, to: number, first: number, count: number, filter: Filter): Taps | undefined {
  if (from === to) return undefined;
  const { reach, weight } = FILTERS[filter];
  const scale = from / to;
  const wide = Math.max(1, scale);
  const most = Math.ceil(reach * wide) * 2 + 1;
  const taps = {
    from: new Int32Array(count),
    count: new Int32Array(count),
    weights: new Int32Array(count * most),
    most,
  };
  for (let i = 0; i < count; i++) {
    const centre = (first + i + 0.5) * scale;
    const start = Math.max(0, Math.trunc(centre - reach * wide + 0.5));
    const end = Math.min(from, Math.trunc(centre + reach * wide + 0.5));
    const raw = Array.from({ length: end - start }, (_, k) => weight((start + k - centre + 0.5) / wide));
    const sum = raw.reduce((a, b) => a + b, 0);
    taps.from[i] = start;
    taps.count[i] = end - start;
    for (const [k, value] of raw.entries()) {
      const whole = (value / sum) * ONE;
      taps.weights[i * most + k] = Math.trunc(whole < 0 ? whole - 0.5 : whole + 0.5);
    }
  }
  return taps;
}

const toByte = (sum: number) => {
  const value = Math.floor((sum + ONE / 2) / ONE);
  return value < 0 ? 0 : Math.min(value, 255);
};

function passSideways({ rgb, width }: Picture, taps: Taps, firstRow: number, rows: number, to: number): Uint8Array {
  const { from, count, weights, most } = taps;
  const out = new Uint8Array(to * rows * 3);
  for (let y = 0; y < rows; y++) {
    const row = (firstRow + y) * width;
    for (let x = 0; x < to; x++) {
      let [r, g, b] = [0, 0, 0];
      let at = (row + from[x]!) * 3;
      for (let k = x * most, end = k + count[x]!; k < end; k++, at += 3) {
        const w = weights[k]!;
        r += rgb[at]! * w;
        g += rgb[at + 1]! * w;
        b += rgb[at + 2]! * w;
      }
      const place = (y * to + x) * 3;
      out[place] = toByte(r);
      out[place + 1] = toByte(g);
      out[place + 2] = toByte(b);
    }
  }
  return out;
}

/** @param x0 first byte of a row that is wanted; @param y0 the row of `rgb` that is the first source row */
function passDown(rgb: Uint8Array, stride: number, x0: number, y0: number, taps: Taps, window: Window): Uint8Array {
  const { from, count, weights, most } = taps;
  const bytes = window.width * 3;
  const out = new Uint8Array(bytes * window.height);
  const sums = new Float64Array(bytes);
  // `from` counts rows of the whole picture, `rgb` may start later.
  const shift = y0 - from[0]!;
  for (let y = 0; y < window.height; y++) {
    sums.fill(0);
    for (let k = 0; k < count[y]!; k++) {
      const w = weights[y * most + k]!;
      const row = (from[y]! + k + shift) * stride + x0;
      for (let i = 0; i < bytes; i++) sums[i] = sums[i]! + rgb[row + i]! * w;
    }
    for (let i = 0; i < bytes; i++) out[y * bytes + i] = toByte(sums[i]!);
  }
  return out;
}
