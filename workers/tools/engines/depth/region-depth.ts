import type { Box } from '../vision.ts';
import type { DepthMap } from './depth.ts';

/** `mean` over the region, its `center` alone, or the depth that is most frequent in it (`mode`). */
export type DepthMode = 'mean' | 'center' | 'mode';

const BINS = 256;

/**
 * How far away a region is: 0 for the nearest point of the picture, larger for what is farther. The network says the
 * opposite (larger is nearer), so each value is taken from the largest of the whole picture.
 * @param box fractions of the picture; cells of the map count by the part of them that lies inside, so a region smaller
 *   than a cell has a depth too
 */
export function regionDepth(map: DepthMap, box: Box, mode: DepthMode = 'mean'): number {
  const { width, height, nearness, nearest } = map;
  const [left, top, right, bottom] = [box[0] * width, box[1] * height, box[2] * width, box[3] * height];
  if (mode === 'center') {
    const cell = (at: number, length: number) => Math.min(length - 1, Math.floor(at));
    return nearest - nearness[cell((top + bottom) / 2, height) * width + cell((left + right) / 2, width)]!;
  }
  let [sum, area, farthest] = [0, 0, 0];
  const shares: [depth: number, share: number][] = [];
  for (let y = Math.floor(top); y < Math.min(height, Math.ceil(bottom)); y++) {
    const high = Math.min(bottom, y + 1) - Math.max(top, y);
    for (let x = Math.floor(left); x < Math.min(width, Math.ceil(right)); x++) {
      const share = high * (Math.min(right, x + 1) - Math.max(left, x));
      const depth = nearest - nearness[y * width + x]!;
      sum += depth * share;
      area += share;
      if (mode !== 'mode') continue;
      shares.push([depth, share]);
      farthest = Math.max(farthest, depth);
    }
  }
  return mode === 'mode' ? mostFrequent(shares, farthest) : sum / area;
}

/** The middle of the fullest of 256 equal steps. */
function mostFrequent(shares: readonly (readonly [depth: number, share: number])[], farthest: number): number {
  if (farthest === 0) return 0;
  const bins = new Float64Array(BINS);
  for (const [depth, share] of shares) {
    const bin = Math.min(BINS - 1, Math.floor((depth / farthest) * BINS));
    bins[bin] = bins[bin]! + share;
  }
  const fullest = bins.indexOf(Math.max(...bins));
  return ((fullest + 0.5) / BINS) * farthest;
}
