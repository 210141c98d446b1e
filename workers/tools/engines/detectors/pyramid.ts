import type { Picture } from '../picture.ts';

/** A picture at its own size and at halves of it, down to about one pixel. */
export interface Pyramid {
  readonly width: number;
  readonly height: number;
  readonly levels: readonly Picture[];
}

/** Where a network looks: a rectangle in pixels of the picture, which may reach over its edges. */
export interface Region {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Averages of 2 x 2 pixels, so that whatever is shrunk later does not shimmer. A third more memory than the picture. */
export function pyramidOf(picture: Picture): Pyramid {
  const levels = [picture];
  for (let last = picture; Math.max(last.width, last.height) > 1; ) {
    last = halved(last);
    levels.push(last);
  }
  return { width: picture.width, height: picture.height, levels };
}

function halved({ width, height, rgb }: Picture): Picture {
  const [w, h] = [Math.ceil(width / 2), Math.ceil(height / 2)];
  const half = new Uint8Array(w * h * 3);
  for (let y = 0; y < h; y++) {
    const upper = 2 * y * width * 3;
    const lower = Math.min(2 * y + 1, height - 1) * width * 3;
    for (let x = 0; x < w; x++) {
      const left = 2 * x * 3;
      const right = Math.min(2 * x + 1, width - 1) * 3;
      for (let c = 0; c < 3; c++) {
        const sum = rgb[upper + left + c]! + rgb[upper + right + c]! + rgb[lower + left + c]! + rgb[lower + right + c]!;
        half[(y * w + x) * 3 + c] = (sum + 2) >> 2;
      }
    }
  }
  return { width: w, height: h, rgb: half };
}

/**
 * A region as a network takes it: bilinear, from the level that is not smaller than what is asked for.
 * @param side pixels of the result's width and height
 * @param options.mirrored left and right swapped
 * @param options.outside the value (0 to 255) of all that lies over the picture's edges
 * @param options.value from a byte to what the network takes
 * @returns `[side, side, 3]`, row by row, RGB
 */
export function lookAt(
  { levels }: Pyramid,
  region: Region,
  side: number,
  options: { readonly mirrored: boolean; readonly outside: number; readonly value: (byte: number) => number },
): Float32Array {
  // A view that is squeezed more in one direction is sharp in the other.
  const shrunk = Math.min(region.width, region.height) / side;
  const at = Math.max(0, Math.min(levels.length - 1, Math.floor(Math.log2(shrunk))));
  const { width, height, rgb } = levels[at]!;
  const scale = 2 ** -at;
  const columns = samples(region.left, region.width, side, scale, width);
  if (options.mirrored) for (const list of Object.values(columns)) list.reverse();
  const rows = samples(region.top, region.height, side, scale, height);
  const outside = options.value(options.outside);
  const view = new Float32Array(side * side * 3).fill(outside);
  for (let y = 0; y < side; y++) {
    if (rows.inside[y] === 0) continue;
    const upper = rows.first[y]! * width;
    const lower = rows.second[y]! * width;
    const down = rows.share[y]!;
    for (let x = 0; x < side; x++) {
      if (columns.inside[x] === 0) continue;
      const [left, right, across] = [columns.first[x]!, columns.second[x]!, columns.share[x]!];
      for (let c = 0; c < 3; c++) {
        const above = mix(rgb[(upper + left) * 3 + c]!, rgb[(upper + right) * 3 + c]!, across);
        const below = mix(rgb[(lower + left) * 3 + c]!, rgb[(lower + right) * 3 + c]!, across);
        view[(y * side + x) * 3 + c] = options.value(mix(above, below, down));
      }
    }
  }
  return view;
}

const mix = (a: number, b: number, share: number) => a + (b - a) * share;

/** For each place of the result: its two neighbours in the source, the share of the second, and whether it is inside. */
function samples(start: number, length: number, side: number, scale: number, source: number) {
  const first = new Int32Array(side);
  const second = new Int32Array(side);
  const share = new Float64Array(side);
  const inside = new Uint8Array(side);
  for (let i = 0; i < side; i++) {
    const at = (start + ((i + 0.5) * length) / side) * scale;
    inside[i] = Number(at >= 0 && at <= source);
    const pixel = Math.max(0, Math.min(source - 1, at - 0.5));
    first[i] = Math.floor(pixel);
    second[i] = Math.min(source - 1, first[i]! + 1);
    share[i] = pixel - first[i]!;
  }
  return { first, second, share, inside };
}
