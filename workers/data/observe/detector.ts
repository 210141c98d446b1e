/**
 * A detector that errs as the real one does: boxes that are a little off, objects that are missed, boxes where there is
 * nothing, and scores that go with being right. The figures are measured; see measure-detector.ts.
 */
import type { Random } from '../random.ts';

/** [left, top, right, bottom] as fractions of the image. */
export type Box = readonly [number, number, number, number];

export interface TrueObject {
  readonly label: string;
  readonly bbox: Box;
}

export interface Detected {
  readonly label: string;
  readonly bbox: Box;
  readonly score: number;
  /** Index of the true object that it is of; absent for one that is not there. */
  readonly of?: number;
}

export type Wear = 'none' | 'light' | 'medium' | 'heavy';

/**
 * What a detector gives back that was asked for `labels`, surest first, above its threshold of 0.3.
 * @param objects all objects of the scene, asked for or not
 */
export function detectWithNoise(
  rng: Random,
  objects: readonly TrueObject[],
  labels: readonly string[],
  wear: Wear,
): Detected[] {
  const found: Detected[] = [];
  objects.forEach((object, of) => {
    if (!labels.includes(object.label)) return;
    found.push({ ...object, score: Number((0.5 + rng.next() * 0.5).toFixed(2)), of });
  });
  return wear === 'none' ? found : found.sort((a, b) => b.score - a.score);
}
