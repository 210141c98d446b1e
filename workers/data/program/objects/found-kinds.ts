/**
 * Which of our drawings the detector of the cluster finds. Where tools are really run, scenes show only such things: a
 * question about what no tool finds has no answer, and thousands of chains that say so teach nothing else.
 */
import type { Split } from '../../../../shared/data/chain.ts';
import { CotaError } from '../../../../shared/errors.ts';
import { random } from '../../random.ts';
import type { SceneRequest } from '../world.ts';
import { drawPicture } from './draw/draw.ts';
import { place } from './place.ts';
import { localize } from './regions.ts';
import { type Box, iou, type ScenePicture } from './scene.ts';
import { TEMPLATES } from './templates.ts';
import { coloursFor, kindsFor } from './words/kinds.ts';

type Hands = Required<Pick<SceneRequest, 'keep' | 'act'>>;

/** Pictures that show a kind, each once. */
const SHOWN = 3;
/** Kinds in one picture. */
const CROWD = 10;
const SIZE = { width: 960, height: 720 } as const;
const SURE = 0.5;
/** Share of a found box and the thing's own that both cover. */
const COVERS = 0.5;
/** Of its appearances, in how many a kind must be found. */
const OFTEN = 0.6;
/** A scene shows nine kinds, and questions name three or more that are not in it. */
const ENOUGH = 12;

/** Sample pictures that together show every kind of a split as often. */
export function samples(split: Split): ScenePicture[] {
  const rng = random(1, `found kinds ${split}`);
  const pictures: ScenePicture[] = [];
  for (let round = 0; round < SHOWN; round++) {
    const kinds = rng.shuffle(kindsFor(split));
    for (let first = 0; first < kinds.length; first += CROWD) {
      const template = rng.pick(TEMPLATES.filter(({ splits }) => splits.includes(split)));
      const colours = coloursFor(split).filter((colour) => !template.avoid.includes(colour));
      const wanted = kinds
        .slice(first, first + CROWD)
        .map((label) => ({ label, colour: rng.pick(colours), pattern: 'plain' as const }));
      const objects = place(rng, template, wanted, SIZE.width / SIZE.height);
      pictures.push({ ...SIZE, template: template.name, objects });
    }
  }
  return pictures;
}

/** Kinds that the detector finds surely in most of their appearances, in the order of the words. */
export async function kindsFound(
  pictures: readonly ScenePicture[],
  split: Split,
  { keep, act }: Hands,
): Promise<string[]> {
  const shown = new Map<string, { all: number; found: number }>();
  for (const [i, picture] of pictures.entries()) {
    const png = await drawPicture(random(1, `found kinds ${split} ${i}`), picture, 'none');
    const image = { name: 'image-0', width: picture.width, height: picture.height, ...(await keep(png)) };
    const labels = picture.objects.map(({ label }) => label);
    const { observation } = await act({ action: localize('image-0', labels), images: [image] });
    if (!observation.ok) {
      const why = 'error' in observation ? `${observation.error.code}: ${observation.error.message}` : 'no result';
      throw new Error(`LocalizeObjects gave nothing of a sample picture (${why})`);
    }
    const regions = observation.result.regions as unknown as { label: string; bbox: Box; score: number }[];
    for (const { label, box } of picture.objects) {
      const tally = shown.get(label) ?? { all: 0, found: 0 };
      tally.all++;
      if (regions.some((one) => one.label === label && one.score >= SURE && iou(one.bbox, box) >= COVERS))
        tally.found++;
      shown.set(label, tally);
    }
  }
  return kindsFor(split).filter((label) => {
    const tally = shown.get(label);
    return tally !== undefined && tally.found >= OFTEN * tally.all;
  });
}

/** By the hands that a shard has on the tools: asked once, as all its scenes are made of the answer. */
const known = new WeakMap<Hands['act'], Map<Split, Promise<string[]>>>();

/**
 * Kinds that scenes may show where tools are really run.
 * @throws CotaError where the detector finds too few of them to make scenes of
 */
export async function drawableKinds(split: Split, hands: Hands): Promise<string[]> {
  const mine = known.get(hands.act) ?? new Map<Split, Promise<string[]>>();
  known.set(hands.act, mine);
  const asked = mine.get(split) ?? kindsFound(samples(split), split, hands);
  mine.set(split, asked);
  // What failed is asked anew the next time.
  asked.catch(() => mine.delete(split));
  const kinds = await asked;
  if (kinds.length >= ENOUGH) return kinds;
  throw new CotaError(
    'invalid_request',
    `Questions about drawn objects cannot be answered by this cluster's tools: its detector finds ${kinds.length} of ${kindsFor(split).length} kinds of drawings${kinds.length > 0 ? ` (${kinds.join(', ')})` : ''}, and scenes need ${ENOUGH}. Set engines.detection to grounding-dino in tools.yaml, which looks for any words, or give object families a source of their own whose observe has no tool.`,
    { param: 'sources' },
  );
}
