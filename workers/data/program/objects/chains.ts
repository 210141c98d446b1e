/** Chains about one scene, whoever made it. */
import type { ChainImage } from '../../../../shared/data/chain.ts';
import type { Wear } from '../../observe/detector.ts';
import type { Random } from '../../random.ts';
import type { SceneRequest, WorldChain } from '../world.ts';
import { type Asker, asking, type Family, imageName } from './ask/asked.ts';
import { SEVERAL_ASKERS } from './ask/several.ts';
import { SINGLE_ASKERS } from './ask/single.ts';
import { toolEyes } from './eyes.ts';
import { type Made, makeChain } from './make.ts';
import { Unmade } from './rules.ts';
import type { ObjectScene, ScenePicture } from './scene.ts';
import { simulatedEyes } from './simulated.ts';

export const ASKERS: Readonly<Record<Family, Asker>> = { ...SINGLE_ASKERS, ...SEVERAL_ASKERS };

/** Questions that are tried for each chain. */
const TRIES = 6;

const LOCALIZE = ['LocalizeObjects', 'ZoomIn'];
const COLOURS = [...LOCALIZE, 'Crop', 'GetImageToTextsSimilarity'];
const DEPTHS = [...LOCALIZE, 'EstimateRegionDepth', 'EstimateObjectDepth'];

export const TOOLS: Readonly<Record<Family, readonly string[]>> = {
  count: LOCALIZE,
  exists: LOCALIZE,
  most: LOCALIZE,
  least: LOCALIZE,
  leftmost: LOCALIZE,
  rightmost: LOCALIZE,
  topmost: LOCALIZE,
  bottommost: LOCALIZE,
  closer: DEPTHS,
  farther: DEPTHS,
  'closer-to-anchor': DEPTHS,
  'farther-to-anchor': DEPTHS,
  attribute: COLOURS,
  'attributed-count': COLOURS,
  relation: COLOURS,
  'relation-head': LOCALIZE,
  'select-object': [...LOCALIZE, 'GetObjects'],
  'select-attributed': ['GetTextToImagesSimilarity'],
  'select-relation': LOCALIZE,
  'select-most': LOCALIZE,
  'select-least': LOCALIZE,
  'aggregate-count': [...LOCALIZE, 'Calculate'],
  'aggregate-attributed': [...COLOURS, 'Calculate'],
  'compare-attribute': COLOURS,
  'compare-relation': LOCALIZE,
  'compare-count': [...LOCALIZE, 'Calculate'],
};

export type Weights = readonly (readonly [Family, number])[];

export const weightsOf = (families: readonly Family[], { families: shares }: SceneRequest): Weights =>
  families.flatMap((family) => (shares[family] ? [[family, shares[family]] as const] : []));

export const WEARS: readonly (readonly [Wear, number])[] = [
  ['none', 30],
  ['light', 40],
  ['medium', 25],
  ['heavy', 5],
];

interface Setting {
  readonly rng: Random;
  readonly request: SceneRequest;
  readonly scene: ObjectScene;
  readonly images: readonly ChainImage[];
  readonly wear: Wear;
  readonly name: string;
  readonly template: string;
}

interface Wish {
  readonly family: Family;
  readonly twinOf?: { readonly at: number; readonly made: Made } | undefined;
  readonly twin: boolean;
  readonly multiple: boolean;
}

/** Scenes, too, may have a difference that lies on the line. */
function unlessUnmade<Result>(make: () => Result): Result | undefined {
  try {
    return make();
  } catch (error) {
    if (error instanceof Unmade) return undefined;
    throw error;
  }
}

async function tryOnce(
  { rng, request, scene, images, wear, name, template }: Setting,
  wish: Wish,
): Promise<Made | undefined> {
  const { observe, act, split, seed } = request;
  const real = observe === 'tool' && act !== undefined;
  const asked = asking(rng, scene, { multiple: wish.multiple, twin: wish.twin, mayDoubt: !real });
  const ask = unlessUnmade(() => ASKERS[wish.family](asked));
  const first = wish.twinOf?.made;
  // The twin has the words of its other: another wording would be another question.
  if (!ask || (first && ask.wording !== first.ask.wording)) return undefined;
  const eyes = real
    ? toolEyes(images, act)
    : simulatedEyes(rng, { scene, images, wear, noise: observe === 'noise', doubt: ask.doubt });
  const facts = {
    template,
    scene: name,
    observed: observe,
    wear,
    ...(wish.twinOf ? { twinOf: String(wish.twinOf.at) } : {}),
  };
  const made = await makeChain({
    rng,
    family: wish.family,
    asked,
    ask,
    split,
    eyes,
    seed,
    facts,
    skeleton: first?.chain.facts?.skeleton,
  });
  return wish.twin && !made?.chain.facts?.unanswerable ? undefined : made;
}

/** Chains of one scene whose pictures are there. */
export async function chainsOf(setting: Setting, families: Weights): Promise<WorldChain[]> {
  const { rng, request } = setting;
  const made: Made[] = [];
  const seen = new Set<string>();
  const keep = (one: Made | undefined): boolean => {
    if (!one) return false;
    const what = JSON.stringify(one.ask.plan);
    if (seen.has(what)) return false;
    seen.add(what);
    made.push(one);
    return true;
  };
  // Of each answerable chain and its twin together, the share that is asked for is twins.
  const twins = request.unanswerable / (1 - request.unanswerable);
  let open = 0;
  let unanswered = 0;
  const luck = rng.next();
  for (let tries = 0; made.length < request.wanted && tries < request.wanted * TRIES; tries++) {
    const family = rng.weighted(families);
    const multiple = rng.chance(request.multipleChoice);
    const answered = await tryOnce(setting, { family, multiple, twin: false });
    const leftOpen = answered?.chain.facts?.unanswerable === true;
    // A poor reader leaves nearly everything open: no more of that than twins would be.
    if (leftOpen && (made.length === 0 || unanswered + 1 > 2 * request.unanswerable * made.length + luck)) continue;
    if (!keep(answered)) continue;
    if (leftOpen) unanswered++;
    const at = made.length - 1;
    // What the observations left open by themselves counts as much as a question that has no answer.
    if (leftOpen) open++;
    if (made.length >= request.wanted || !rng.chance(twins)) continue;
    if (open > 0) {
      open--;
      continue;
    }
    if (leftOpen) continue;
    for (let again = 0; again < TRIES; again++)
      if (keep(await tryOnce(setting, { family, multiple, twin: true, twinOf: { at, made: answered! } }))) {
        unanswered++;
        break;
      }
  }
  return made.map(({ chain }) => chain);
}

export type Draw = (rng: Random, picture: ScenePicture, wear: Wear) => Promise<Buffer>;

/** Input images: drawn and kept where the request says so. */
export async function imagesOf(
  rng: Random,
  scene: ObjectScene,
  { keep }: SceneRequest,
  wear: Wear,
  draw: Draw | undefined,
): Promise<ChainImage[]> {
  const images: ChainImage[] = [];
  for (const [i, picture] of scene.pictures.entries()) {
    const { width, height, stored } = picture;
    const kept = stored ?? (keep && draw ? await keep(await draw(rng, picture, wear)) : {});
    images.push({ name: imageName(i), width, height, ...kept });
  }
  return images;
}

export const nameOf = (world: string, { split, seed, index }: SceneRequest): string =>
  `${world}/${split}/${seed}/${index}`;
