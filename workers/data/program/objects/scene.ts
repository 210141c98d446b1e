/** Scenes of objects, known in full before anything is drawn or looked at. */
import type { ChainImage } from '../../../../shared/data/chain.ts';
import type { Box } from '../../observe/detector.ts';

export type { Box } from '../../observe/detector.ts';
export type Pattern = 'plain' | 'striped' | 'dotted';

export interface SceneObject {
  /** In the singular: `ball`, `traffic light`. */
  readonly label: string;
  /** Absent where it is not known, or is more than one. */
  readonly colour?: string;
  readonly pattern?: Pattern;
  /** [left, top, right, bottom] as fractions of the picture. */
  readonly box: Box;
  /** 0 nearest to 1 farthest; absent where it is not known. */
  readonly depth?: number;
}

/** What an annotation says of two objects, by their indices: `riding`, `next to`. */
export interface SceneRelation {
  readonly subject: number;
  readonly object: number;
  readonly predicate: string;
}

export interface ScenePicture {
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** What it was laid out by. */
  readonly template: string;
  readonly objects: readonly SceneObject[];
  readonly relations?: readonly SceneRelation[];
  /** Labels of which not every one is known (a crowd marked as one): nothing is asked about them. */
  readonly vague?: readonly string[];
  /** A picture that is there already, not to be drawn. */
  readonly stored?: Pick<ChainImage, 'key' | 'sha256' | 'contentType'>;
}

export interface ObjectScene {
  readonly pictures: readonly ScenePicture[];
  /** Words that questions may use for what is not in a picture. */
  readonly labels: readonly string[];
  readonly colours: readonly string[];
}

/** Indices of a picture's objects by label, in their order. */
export function byLabel({ objects, vague = [] }: ScenePicture): Map<string, number[]> {
  const found = new Map<string, number[]>();
  objects.forEach(({ label }, i) => {
    if (vague.includes(label)) return;
    const list = found.get(label);
    if (list) list.push(i);
    else found.set(label, [i]);
  });
  return found;
}

export const centre = ([left, top, right, bottom]: Box): readonly [number, number] => [
  (left + right) / 2,
  (top + bottom) / 2,
];

export const area = ([left, top, right, bottom]: Box): number => Math.max(0, right - left) * Math.max(0, bottom - top);

export const shared = (a: Box, b: Box): number =>
  area([Math.max(a[0], b[0]), Math.max(a[1], b[1]), Math.min(a[2], b[2]), Math.min(a[3], b[3])]);

export const iou = (a: Box, b: Box): number => {
  const both = shared(a, b);
  return both / (area(a) + area(b) - both);
};
