/** The world of scenes that annotation files describe. */
import type { ChainImage } from '../../../../shared/data/chain.ts';
import { random } from '../../random.ts';
import type { World } from '../world.ts';
import { SEVERAL_FAMILIES, SINGLE_FAMILIES } from './ask/asked.ts';
import { chainsOf, imagesOf, nameOf, TOOLS, WEARS, weightsOf } from './chains.ts';
import type { ObjectScene, ScenePicture } from './scene.ts';
import { COLOURS } from './words/kinds.ts';

/** A picture of an annotation file, with the name that it has there. */
export interface AnnotatedPicture extends ScenePicture {
  readonly id: string;
}

/** A label that is in fewer pictures than this is a name that somebody made up, not a word to ask with. */
const SELDOM = 2;
const MOST_LABELS = 400;

const DEPTHS = ['closer', 'farther', 'closer-to-anchor', 'farther-to-anchor'];

/**
 * Chains about annotated pictures, over and over in the order of their numbers. Pictures of one split are never asked
 * about in another: each eighth, by its id, is for validation, each eighth for the holdout. There is no depth unless the
 * annotation gives it, so the families that need it are left out. Nothing is drawn: where tools are to be run, pictures
 * must be stored.
 * @param pictures all of them, in an order that is always the same
 */
export function annotationWorld(name: string, pictures: readonly AnnotatedPicture[]): World {
  const labels = commonLabels(pictures);
  // All of our colours: those that a picture has are compared with others that it could have had.
  const colours = Object.keys(COLOURS);
  const deep = pictures.some(({ objects }) => objects.some(({ depth }) => depth !== undefined));
  const splits = { train: [], validation: [], holdout: [] } as Record<
    'train' | 'validation' | 'holdout',
    AnnotatedPicture[]
  >;
  for (const picture of pictures) {
    const bucket = random(1, `split ${name} ${picture.id}`).int(0, 7);
    splits[bucket === 0 ? 'validation' : bucket === 1 ? 'holdout' : 'train'].push(picture);
  }
  return {
    name,
    families: [...SINGLE_FAMILIES, ...SEVERAL_FAMILIES].filter((family) => deep || !DEPTHS.includes(family)),
    tools: TOOLS,
    async make(request) {
      const mine = splits[request.split];
      const single = weightsOf(SINGLE_FAMILIES, request);
      const several = mine.length > 1 ? weightsOf(SEVERAL_FAMILIES, request) : [];
      if (mine.length === 0 || single.length + several.length === 0) return [];
      const scene = nameOf(name, request);
      const rng = random(request.seed, scene);
      const families = rng.weighted(
        [single, several].map((some) => [some, some.reduce((sum, [, share]) => sum + share, 0)] as const),
      );
      const first = request.index % mine.length;
      // Other pictures of a set are its neighbours: so no picture is in two sets of one round.
      const count = families === single ? 1 : Math.min(mine.length, rng.int(2, 4));
      const chosen = Array.from({ length: count }, (_, i) => mine[(first + i) % mine.length]!);
      if (request.observe === 'tool' && chosen.some(({ stored }) => !stored)) return [];
      const whole: ObjectScene = { pictures: chosen, labels, colours };
      const wear = request.observe === 'annotation' ? 'none' : rng.weighted(WEARS);
      const images: ChainImage[] = await imagesOf(rng, whole, request, wear, undefined);
      const id = `${name}/${chosen.map((picture) => picture.id).join('+')}`;
      return chainsOf({ rng, request, scene: whole, images, wear, name: id, template: name }, families);
    },
  };
}

function commonLabels(pictures: readonly AnnotatedPicture[]): string[] {
  const counts = new Map<string, number>();
  for (const { objects } of pictures)
    for (const label of new Set(objects.map(({ label }) => label))) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts]
    .filter(([, n]) => n >= Math.min(SELDOM, pictures.length))
    .sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
    .slice(0, MOST_LABELS)
    .map(([label]) => label);
}
