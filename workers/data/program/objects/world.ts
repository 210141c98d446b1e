/** The world of our own drawn scenes of objects. */
import { random } from '../../random.ts';
import type { World } from '../world.ts';
import { SEVERAL_FAMILIES, SINGLE_FAMILIES } from './ask/asked.ts';
import { chainsOf, imagesOf, nameOf, TOOLS, WEARS, weightsOf } from './chains.ts';
import { drawPicture } from './draw/draw.ts';
import { drawableKinds } from './found-kinds.ts';
import { makePicture, makeSet } from './generate.ts';
import { kindsFor } from './words/kinds.ts';

/** Scenes that are made until one has a question of the family that is to be first. */
const SCENES = 4;
/** Pictures of a set. */
const PICTURES = [
  [2, 1],
  [3, 1],
  [4, 1],
] as const;

/** Scenes of our own. */
export const objectWorld: World = {
  name: 'objects',
  families: [...SINGLE_FAMILIES, ...SEVERAL_FAMILIES],
  tools: TOOLS,
  async make(request) {
    const name = nameOf('objects', request);
    const rng = random(request.seed, name);
    const single = weightsOf(SINGLE_FAMILIES, request);
    const several = weightsOf(SEVERAL_FAMILIES, request);
    if (single.length + several.length === 0) return [];
    const families = rng.weighted(
      [single, several].map((some) => [some, some.reduce((sum, [, share]) => sum + share, 0)] as const),
    );
    const { split, observe, act, keep } = request;
    const words = observe === 'tool' && act && keep ? await drawableKinds(split, { act, keep }) : kindsFor(split);
    for (let tries = 0; tries < SCENES; tries++) {
      const scene =
        families === single ? makePicture(rng, split, words) : makeSet(rng, split, rng.weighted(PICTURES), words);
      const wear = observe === 'annotation' ? 'none' : rng.weighted(WEARS);
      const images = await imagesOf(rng, scene, request, wear, drawPicture);
      const template = [...new Set(scene.pictures.map((one) => one.template))].sort().join('+');
      const chains = await chainsOf({ rng, request, scene, images, wear, name, template }, families);
      if (chains.length > 0) return chains;
    }
    return [];
  },
};
