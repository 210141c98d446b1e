/** Boxes as fractions of an image, and where they come from. */
import type { Box, Place } from './contract.ts';

/** Room that Crop and ZoomIn leave around a box, as a share of its size on each side. */
const MARGIN = 0.1;
/** Boxes are given with three decimals, and may be said again with two. */
const ROUNDED = 0.0061;

export function isBox(value: unknown): value is Box {
  if (!Array.isArray(value) || value.length !== 4) return false;
  if (!value.every((side) => typeof side === 'number' && side >= 0 && side <= 1)) return false;
  const [left, top, right, bottom] = value as unknown as Box;
  return left < right && top < bottom;
}

export const centre = ([left, top, right, bottom]: Box): readonly [number, number] => [
  (left + right) / 2,
  (top + bottom) / 2,
];

export const area = ([left, top, right, bottom]: Box): number => Math.max(0, right - left) * Math.max(0, bottom - top);

export const overlap = (a: Box, b: Box): number =>
  area([Math.max(a[0], b[0]), Math.max(a[1], b[1]), Math.min(a[2], b[2]), Math.min(a[3], b[3])]);

export const sameBox = (a: Box, b: Box, within = ROUNDED): boolean =>
  a.every((side, i) => Math.abs(side - (b[i] as number)) <= within);

/** What a cut-out of this box shows, with the room around it. */
export const cutOut = ([left, top, right, bottom]: Box): Box => {
  const [w, h] = [(right - left) * MARGIN, (bottom - top) * MARGIN];
  return [Math.max(0, left - w), Math.max(0, top - h), Math.min(1, right + w), Math.min(1, bottom + h)];
};

/** A box of a picture, in fractions of the input image that the picture is a part of. */
export const toInput = ([left, top, right, bottom]: Box, { box: [l, t, r, b] }: Pick<Place, 'box'>): Box => [
  l + left * (r - l),
  t + top * (b - t),
  l + right * (r - l),
  t + bottom * (b - t),
];

const around = (boxes: readonly Box[]): Box => [
  Math.min(...boxes.map(([left]) => left)),
  Math.min(...boxes.map(([, top]) => top)),
  Math.max(...boxes.map(([, , right]) => right)),
  Math.max(...boxes.map(([, , , bottom]) => bottom)),
];

/**
 * Whether a part that is to be cut out follows from boxes that were seen: it is one of them, or holds some of them and
 * is at most nine times as large as what they cover (room on each side of as much as their own size).
 */
export function follows(box: Box, seen: readonly Box[]): boolean {
  if (seen.some((one) => sameBox(box, one))) return true;
  const held = seen.filter(
    (one) => one[0] >= box[0] - 0.01 && one[1] >= box[1] - 0.01 && one[2] <= box[2] + 0.01 && one[3] <= box[3] + 0.01,
  );
  return held.length > 0 && area(box) <= 9 * area(around(held));
}
