import type { Box } from '../vision.ts';

/** A box with what a network says of it; pixels or fractions, as its maker says. */
export interface Scored {
  readonly bbox: Box;
  /** 0 to 1. */
  readonly score: number;
  /** Index of its kind; 0 where there is one kind only. */
  readonly kind: number;
}

const areaOf = ([left, top, right, bottom]: Box) => Math.max(0, right - left) * Math.max(0, bottom - top);

/** Intersection over union, 0 to 1. */
export function overlap(a: Box, b: Box): number {
  const shared = areaOf([Math.max(a[0], b[0]), Math.max(a[1], b[1]), Math.min(a[2], b[2]), Math.min(a[3], b[3])]);
  const all = areaOf(a) + areaOf(b) - shared;
  return all > 0 ? shared / all : 0;
}

/**
 * Non-maximum suppression: of boxes that lie on each other, the surest stays.
 * @param sameKind overlap from which two of one kind are one thing
 * @param anyKind overlap from which two are one thing whatever they are called
 * @returns surest first
 */
export function surest<T extends Scored>(boxes: readonly T[], sameKind: number, anyKind = sameKind): T[] {
  const kept: T[] = [];
  for (const box of boxes.toSorted((a, b) => b.score - a.score))
    if (!kept.some((other) => overlap(box.bbox, other.bbox) > (other.kind === box.kind ? sameKind : anyKind)))
      kept.push(box);
  return kept;
}

/**
 * What several views of one picture agree on. Boxes of one kind that lie on each other become one, at their mean place
 * weighted by their scores; its score is the mean over all views, so that what one view alone has seen loses.
 * @param views each without doubles
 * @param same overlap from which two boxes are one thing
 */
export function agreed(views: readonly (readonly Scored[])[], same: number): Scored[] {
  const groups: { readonly members: Scored[]; readonly views: Set<number> }[] = [];
  const all = views.flatMap((boxes, view) => boxes.map((box) => ({ box, view })));
  for (const { box, view } of all.toSorted((a, b) => b.box.score - a.box.score)) {
    const group = groups.find(
      ({ members: [first], views: seen }) =>
        first!.kind === box.kind && !seen.has(view) && overlap(first!.bbox, box.bbox) > same,
    );
    if (group) {
      group.members.push(box);
      group.views.add(view);
    } else groups.push({ members: [box], views: new Set([view]) });
  }
  return groups.map(({ members }) => {
    const sum = members.reduce((total, { score }) => total + score, 0);
    const side = (i: 0 | 1 | 2 | 3) => members.reduce((at, { bbox, score }) => at + bbox[i] * score, 0) / sum;
    return { kind: members[0]!.kind, score: sum / views.length, bbox: [side(0), side(1), side(2), side(3)] };
  });
}

/** Pixels to fractions, cut off at the picture's edges. @returns undefined when nothing of it is inside */
export function asFractions(bbox: Box, { width, height }: { width: number; height: number }): Box | undefined {
  const cut = (at: number, length: number) => Math.max(0, Math.min(1, at / length));
  const [left, top, right, bottom] = bbox;
  const box: Box = [cut(left, width), cut(top, height), cut(right, width), cut(bottom, height)];
  return areaOf(box) > 0 ? box : undefined;
}
