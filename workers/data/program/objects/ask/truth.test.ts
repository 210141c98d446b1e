/** What askers say is true, against a count of the scene that shares nothing with them. */
import { describe, expect, test } from 'vitest';
import { random } from '../../../random.ts';
import { ASKERS } from '../chains.ts';
import { makePicture, makeSet } from '../generate.ts';
import type { Plan } from '../plans/plan.ts';
import { UNKNOWN } from '../regions.ts';
import type { ObjectScene, SceneObject } from '../scene.ts';
import { asking, type Family, SEVERAL_FAMILIES, SINGLE_FAMILIES } from './asked.ts';

const objectsIn = (scene: ObjectScene, image: string): readonly SceneObject[] =>
  scene.pictures[Number(image.slice(6))]!.objects;
const many = (scene: ObjectScene, image: string, label: string, colour?: string): number =>
  objectsIn(scene, image).filter((one) => one.label === label && (colour === undefined || one.colour === colour))
    .length;
const one = (scene: ObjectScene, image: string, label: string): SceneObject | undefined =>
  objectsIn(scene, image).find((thing) => thing.label === label);
const x = ({ box }: SceneObject): number => box[0] + box[2];
const y = ({ box }: SceneObject): number => box[1] + box[3];

/** Sorted by a value, the first label; undefined where the first two are equal. */
function first(labels: readonly string[], value: (label: string) => number): string | undefined {
  const sorted = [...labels].sort((a, b) => value(a) - value(b));
  return sorted.length > 1 && value(sorted[0]!) === value(sorted[1]!) ? undefined : sorted[0];
}

function side(a: SceneObject, b: SceneObject): string {
  const [dx, dy] = [x(a) - x(b), y(a) - y(b)];
  return Math.abs(dx) > Math.abs(dy) ? (dx < 0 ? 'left' : 'right') : dy < 0 ? 'above' : 'below';
}

const onlyOne = (some: readonly string[]): string | undefined => (some.length === 1 ? some[0] : undefined);

function brute(plan: Plan, scene: ObjectScene): string | undefined {
  const at = (image: string, label: string): SceneObject => one(scene, image, label)!;
  switch (plan.kind) {
    case 'count':
      return String(many(scene, plan.image, plan.label));
    case 'exists':
      return many(scene, plan.image, plan.label) > 0 ? 'yes' : 'no';
    case 'present':
      return onlyOne(plan.labels.filter((label) => many(scene, plan.image, label) > 0));
    case 'frequent':
      return first(plan.labels, (label) => many(scene, plan.image, label) * (plan.most ? -1 : 1));
    case 'extreme': {
      const value = { left: x, right: (o: SceneObject) => -x(o), above: y, below: (o: SceneObject) => -y(o) }[
        plan.side
      ];
      return first(plan.labels, (label) => value(at(plan.image, label)));
    }
    case 'depth': {
      const from = plan.anchor === undefined ? 0 : at(plan.image, plan.anchor).depth!;
      return first(plan.labels, (label) => Math.abs(at(plan.image, label).depth! - from) * (plan.near ? 1 : -1));
    }
    case 'colour':
      return at(plan.image, plan.label).colour;
    case 'colour-count':
      return String(plan.images.reduce((sum, image) => sum + many(scene, image, plan.label, plan.colour), 0));
    case 'relation':
      return side(at(plan.image, plan.label), at(plan.image, plan.anchor));
    case 'head':
      return onlyOne(
        plan.labels.filter((label) => side(at(plan.image, label), at(plan.image, plan.anchor)) === plan.side),
      );
    case 'which-has':
      return onlyOne(plan.images.filter((image) => many(scene, image, plan.label) > 0));
    case 'which-has-colour':
      return onlyOne(plan.images.filter((image) => many(scene, image, plan.label, plan.colour) > 0));
    case 'which-side':
      return onlyOne(plan.images.filter((image) => side(at(image, plan.label), at(image, plan.anchor)) === plan.side));
    case 'which-many':
      return first(plan.images, (image) => many(scene, image, plan.label) * (plan.most ? -1 : 1));
    case 'total':
      return String(plan.images.reduce((sum, image) => sum + many(scene, image, plan.label), 0));
    case 'same-colour': {
      const [a, b] = plan.images.map((image) => at(image, plan.label).colour);
      return plan.named ? `${a} and ${b}` : a === b ? 'yes' : 'no';
    }
    case 'both-sides': {
      const fits = plan.images.filter((image) => side(at(image, plan.label), at(image, plan.anchor)) === plan.side);
      return fits.length === 2 ? 'both' : fits.length === 0 ? 'neither' : `only ${fits[0]}`;
    }
    case 'more-in': {
      const [a, b] = plan.images.map((image) => many(scene, image, plan.label)) as [number, number];
      if (plan.by) return String(a - b);
      return a === b ? 'the same number' : a > b ? plan.images[0] : plan.images[1];
    }
    case 'predicate':
      return undefined;
  }
}

describe('the truth of questions', () => {
  test.each([...SINGLE_FAMILIES, ...SEVERAL_FAMILIES])('%s', (family: Family) => {
    let asked = 0;
    const letters = new Map<number, number>();
    for (let i = 0; asked < 120 && i < 900; i++) {
      const rng = random(3, `${family} ${i}`);
      const scene = SINGLE_FAMILIES.includes(family) ? makePicture(rng, 'train') : makeSet(rng, 'train', rng.int(2, 4));
      const multiple = i % 2 === 0;
      const ask = ASKERS[family](asking(rng, scene, { multiple, twin: false, mayDoubt: true }));
      if (!ask) continue;
      asked++;
      expect(ask.truth).not.toBe(UNKNOWN);
      expect(ask.truth).toBe(brute(ask.plan, scene));
      if (!multiple) continue;
      expect(new Set(ask.options).size).toBe(ask.options.length);
      expect(ask.options).toContain(ask.truth);
      const at = ask.options.indexOf(ask.truth);
      letters.set(at, (letters.get(at) ?? 0) + 1);
    }
    expect(asked).toBe(120);
    // No letter is a good guess: of 60 with two to four options each.
    expect(Math.max(...letters.values())).toBeLessThan(36);
  });

  test.each([...SINGLE_FAMILIES, ...SEVERAL_FAMILIES])('%s has twins without an answer', (family: Family) => {
    let asked = 0;
    for (let i = 0; asked < 20 && i < 600; i++) {
      const rng = random(4, `${family} ${i}`);
      const scene = SINGLE_FAMILIES.includes(family) ? makePicture(rng, 'train') : makeSet(rng, 'train', rng.int(2, 4));
      const ask = ASKERS[family](asking(rng, scene, { multiple: i % 2 === 0, twin: true, mayDoubt: true }));
      if (!ask) continue;
      asked++;
      expect(ask.truth).toBe(UNKNOWN);
      // What could be answered from the scene is what the observations are kept doubtful about.
      expect(ask.sceneTruth !== undefined).toBe(ask.doubt !== undefined);
    }
    expect(asked).toBe(20);
  });
});
