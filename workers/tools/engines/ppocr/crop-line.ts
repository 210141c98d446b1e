import type { TurnedBox } from '../ocr-page/geometry.ts';
import type { Picture } from '../picture.ts';

/** Height of a line as the recogniser sees it, in pixels. */
export const LINE_HEIGHT = 48;
/** A line that is longer than this many heights is squeezed. */
const LONGEST_LINE = 50;

/** A line cut out and laid level: RGB, `LINE_HEIGHT` pixels high. */
export interface LineCrop {
  readonly width: number;
  readonly rgb: Uint8Array;
}

/** Quarter turns clockwise that make the text of a box upright: 1 for text that runs upwards, 3 for downwards. */
export type Quarter = 0 | 1 | 2 | 3;

/**
 * Cuts a turned box out of a picture, level and 48 pixels high. Outside of the picture its edge is repeated.
 * Several points are averaged where the picture is finer than the crop, so that thin strokes are not skipped.
 */
export function cropLine(picture: Picture, box: TurnedBox, quarter: Quarter = 0): LineCrop {
  const angle = box.angle - (quarter * Math.PI) / 2;
  const [long, high] = quarter % 2 ? [box.height, box.width] : [box.width, box.height];
  const width = Math.max(1, Math.round(LINE_HEIGHT * Math.min(long / high, LONGEST_LINE)));
  const rgb = new Uint8Array(width * LINE_HEIGHT * 3);
  const [stepU, stepV] = [long / width, high / LINE_HEIGHT];
  const [nu, nv] = [pointsPer(stepU), pointsPer(stepV)];
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  const colour = new Float64Array(3);
  for (let v = 0, out = 0; v < LINE_HEIGHT; v++) {
    for (let u = 0; u < width; u++, out += 3) {
      colour.fill(0);
      for (let j = 0; j < nv; j++) {
        const dv = (v + (j + 0.5) / nv) * stepV - high / 2;
        for (let i = 0; i < nu; i++) {
          const du = (u + (i + 0.5) / nu) * stepU - long / 2;
          addColour(picture, box.x + du * cos - dv * sin - 0.5, box.y + du * sin + dv * cos - 0.5, colour);
        }
      }
      for (let c = 0; c < 3; c++) rgb[out + c] = colour[c]! / (nu * nv) + 0.5;
    }
  }
  return { width, rgb };
}

/** Points to average along one side of a crop's pixel; 4 are enough for a picture 8 times as fine. */
function pointsPer(step: number): number {
  return Math.min(4, Math.max(1, Math.round(step)));
}

/** Adds the colour at a point between pixels (bilinear). */
function addColour({ rgb, width, height }: Picture, x: number, y: number, into: Float64Array): void {
  const px = Math.min(width - 1, Math.max(0, x));
  const py = Math.min(height - 1, Math.max(0, y));
  const [x0, y0] = [Math.floor(px), Math.floor(py)];
  const [fx, fy] = [px - x0, py - y0];
  const right = x0 + 1 < width ? 3 : 0;
  const down = y0 + 1 < height ? width * 3 : 0;
  const at = (y0 * width + x0) * 3;
  for (let c = 0; c < 3; c++) {
    const top = rgb[at + c]! * (1 - fx) + rgb[at + right + c]! * fx;
    const bottom = rgb[at + down + c]! * (1 - fx) + rgb[at + down + right + c]! * fx;
    into[c]! += top * (1 - fy) + bottom * fy;
  }
}
