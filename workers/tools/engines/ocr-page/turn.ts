import type { Picture } from '../picture.ts';

/** The picture after quarter turns clockwise. */
export function turnPicture(picture: Picture, quarters: number): Picture {
  const turns = ((quarters % 4) + 4) % 4;
  if (turns === 0) return picture;
  const { width, height, rgb } = picture;
  const [w, h] = turns % 2 ? [height, width] : [width, height];
  const out = new Uint8Array(rgb.length);
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      const [sx, sy] =
        turns === 1 ? [y, height - 1 - x] : turns === 2 ? [width - 1 - x, height - 1 - y] : [width - 1 - y, x];
      const from = (sy * width + sx) * 3;
      const to = (y * w + x) * 3;
      out[to] = rgb[from]!;
      out[to + 1] = rgb[from + 1]!;
      out[to + 2] = rgb[from + 2]!;
    }
  }
  return { width: w, height: h, rgb: out };
}

/** [left, top, right, bottom] as fractions of the turned picture, in fractions of the picture before its turns. */
export function turnBack([left, top, right, bottom]: Fractions, quarters: number): Fractions {
  switch (((quarters % 4) + 4) % 4) {
    case 1:
      return [top, 1 - right, bottom, 1 - left];
    case 2:
      return [1 - right, 1 - bottom, 1 - left, 1 - top];
    case 3:
      return [1 - bottom, left, 1 - top, right];
    default:
      return [left, top, right, bottom];
  }
}

export type Fractions = [left: number, top: number, right: number, bottom: number];
