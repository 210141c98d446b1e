/** What questions about several images have in common. */
import { plainSide } from '../rules.ts';
import type { Side } from '../words/single.ts';
import { type Asking, countIn, objectOf } from './asked.ts';

/** Labels that are in any picture. */
export const anywhere = ({ labels }: Asking): string[] => [...new Set(labels.flatMap((one) => [...one.keys()]))];
/** Labels that are not to be asked about in any picture. */
export const clear = ({ scene }: Asking, label: string): boolean =>
  scene.pictures.every(({ vague = [] }) => !vague.includes(label));
export const counts = (asked: Asking, label: string): number[] =>
  asked.scene.pictures.map((_, i) => countIn(asked, i, label));

/** Things that each of some pictures has one of. */
export const shared = (asked: Asking, pictures: readonly number[]): string[] =>
  anywhere(asked).filter((label) => clear(asked, label) && pictures.every((i) => countIn(asked, i, label) === 1));

/** Pairs with the side of the one as seen from the other in each picture, where that is plain in all. */
export function* pairs(
  asked: Asking,
  pictures: readonly number[],
): Generator<{ label: string; anchor: string; sides: Side[] }> {
  const labels = asked.rng.shuffle(shared(asked, pictures));
  for (const label of labels)
    for (const anchor of labels) {
      if (label === anchor) continue;
      const sides = pictures.flatMap(
        (i) => plainSide(objectOf(asked, i, label)!.box, objectOf(asked, i, anchor)!.box) ?? [],
      );
      if (sides.length === pictures.length) yield { label, anchor, sides };
    }
}

/** One with the number that is wanted; undefined where there is none: no number is taken because it is there more often. */
export function levelled<T extends { readonly n: number }>(
  { rng }: Asking,
  some: readonly T[],
  n: number,
): T | undefined {
  const fit = some.filter((one) => one.n === n);
  return fit.length === 0 ? undefined : rng.pick(fit);
}
