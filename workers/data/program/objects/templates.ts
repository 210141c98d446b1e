/** Kinds of places that scenes are laid out in. */
import type { Split } from '../../ask/phrase.ts';
import type { Random } from '../../random.ts';

export interface Template {
  readonly name: string;
  /** Things stand on a ground that goes away from the viewer; else they hang on a flat sheet and have no depth. */
  readonly ground: boolean;
  /** Where the far end of the ground is, as a fraction of the height. */
  readonly horizon: number;
  /** Colours that would not be seen on it. */
  readonly avoid: readonly string[];
  readonly splits: readonly Split[];
}

const EVERY: readonly Split[] = ['train'];

export const TEMPLATES: readonly Template[] = [
  { name: 'meadow', ground: true, horizon: 0.38, avoid: ['green'], splits: EVERY },
  { name: 'beach', ground: true, horizon: 0.4, avoid: ['yellow', 'orange'], splits: EVERY },
  { name: 'street', ground: true, horizon: 0.36, avoid: ['grey'], splits: EVERY },
  { name: 'room', ground: true, horizon: 0.42, avoid: ['brown', 'orange'], splits: EVERY },
  { name: 'stage', ground: true, horizon: 0.45, avoid: ['red', 'brown'], splits: EVERY },
  { name: 'board', ground: false, horizon: 0, avoid: ['green', 'black'], splits: EVERY },
  { name: 'paper', ground: false, horizon: 0, avoid: ['white'], splits: EVERY },
  { name: 'tiles', ground: false, horizon: 0, avoid: ['grey', 'blue'], splits: EVERY },
  { name: 'snow', ground: true, horizon: 0.4, avoid: ['white', 'grey'], splits: ['validation'] },
  { name: 'cork', ground: false, horizon: 0, avoid: ['brown', 'orange'], splits: ['validation'] },
  { name: 'night', ground: true, horizon: 0.4, avoid: ['black', 'blue', 'purple'], splits: ['holdout'] },
  { name: 'cloth', ground: false, horizon: 0, avoid: ['red', 'pink'], splits: ['holdout'] },
];

/** Two of three have depth. */
export function templateFor(rng: Random, split: Split): Template {
  const mine = TEMPLATES.filter(({ splits }) => splits.includes(split));
  const ground = rng.chance(0.67);
  return rng.pick(mine.filter((one) => one.ground === ground));
}
