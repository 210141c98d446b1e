/** A page of a scene as a chain's image: its layout, its reading, and closer looks at it. */
import type { JsonObject } from '../../../../shared/contract.ts';
import type { ChainImage, ChainObservation, Split } from '../../../../shared/data/chain.ts';
import { drawStanding, ofPage, type Standing } from '../../observe/crowds.ts';
import { NOISE } from '../../observe/noise.ts';
import { clearer, ratesOf } from '../../observe/worn.ts';
import { type Random, random } from '../../random.ts';
import type { Wear } from '../../render/degrade.ts';
import { wearOut } from '../../render/degrade.ts';
import { layOut } from '../../render/draw.ts';
import type { Place, Scene } from '../../scene/scene.ts';
import type { SceneRequest } from '../world.ts';
import { type Box, type Layout, layoutOf } from './layout.ts';
import { partOf, type Reading, readingOfTool, readNoisily } from './reading.ts';

/** Room that Crop and ZoomIn leave around a box, as a share of its size on each side. */
const MARGIN = 0.1;
/** Pixels of an enlarged part at most, as ZoomIn keeps to. */
const MOST_PIXELS = 2048 * 2048;

/** A look at a part: the image that was cut out, and what was read on it. */
export interface Look {
  readonly cut: {
    readonly name: 'ZoomIn' | 'Crop';
    readonly arguments: JsonObject;
    readonly observation: ChainObservation;
  };
  readonly read: ChainObservation;
  /** What the second reading has for a cell of the scene. */
  at(place: Place): { readonly text: string; readonly row: string } | undefined;
}

export interface TextPage {
  readonly scene: Scene;
  readonly image: ChainImage;
  readonly reading: Reading;
  /**
   * Cuts a part out and reads it again.
   * @param images of the chain so far; the new one takes the next number
   * @returns undefined where a tool failed
   */
  look(rng: Random, box: Box, images: readonly ChainImage[]): Promise<Look | undefined>;
}

export interface PageRequest {
  readonly rng: Random;
  readonly split: Split;
  readonly scene: Scene;
  readonly wear: Wear | 'none';
  /** Number of the image among those of the question. */
  readonly number: number;
  readonly request: Pick<SceneRequest, 'observe' | 'keep' | 'act'>;
}

const ok = (result: JsonObject, images?: ChainImage[]): ChainObservation => ({
  ok: true,
  result,
  ...(images ? { images } : {}),
});

/**
 * Lays a scene out, draws it where it is to be kept, and reads it.
 * @returns undefined where the tool could not read the picture
 */
export async function pageOf({ rng, split, scene, wear, number, request }: PageRequest): Promise<TextPage | undefined> {
  const page = layOut(rng, split, scene);
  const name = `image-${number}`;
  const { observe, keep, act } = request;
  let layout: Layout;
  let image: ChainImage;
  if (keep) {
    const picture = await wearOut(rng, page, wear === 'none' ? 'clean' : wear);
    layout = layoutOf(scene, page, picture, picture.at);
    image = { name, width: picture.width, height: picture.height, ...(await keep(picture.bytes)) };
  } else {
    const scale = rng.int(700, 1300) / Math.max(page.width, page.height);
    const size = { width: Math.ceil(page.width * scale), height: Math.ceil(page.height * scale) };
    layout = layoutOf(scene, page, size);
    image = { name, ...size };
  }
  if (observe === 'tool') {
    if (!act) throw new Error('observations of tools need act');
    const { observation } = await act({ action: { name: 'OCR', arguments: { image: name } }, images: [image] });
    if (!observation.ok) return undefined;
    const reading = readingOfTool(scene, observation.result);
    return { scene, image, reading, look: (rng, box, images) => lookWithTool(rng, { scene, image }, box, images, act) };
  }
  const standing = drawStanding(rng);
  const rates = wear === 'none' ? NOISE.none : ofPage(ratesOf(wear), standing);
  const reading = readNoisily(rng, scene, layout, rates);
  // A second look at the same part shows the same, whoever asks: its chance comes from the page.
  const seed = rng.int(0, 2 ** 31 - 1);
  return {
    scene,
    image,
    reading,
    look: async (rng, box, images) =>
      lookAtScene(rng, random(seed, box.join()), { scene, layout, image, wear, standing }, box, images.length),
  };
}

/** The pixels that are cut out for a box, as the tools do it. */
function cutOf(box: Box, { width, height }: Pick<ChainImage, 'width' | 'height'>): Box {
  const [left, top, right, bottom] = box;
  const [w, h] = [(right - left) * width, (bottom - top) * height];
  return [
    Math.max(0, Math.floor(left * width - w * MARGIN + 1e-6)),
    Math.max(0, Math.floor(top * height - h * MARGIN + 1e-6)),
    Math.min(width, Math.ceil(right * width + w * MARGIN - 1e-6)),
    Math.min(height, Math.ceil(bottom * height + h * MARGIN - 1e-6)),
  ];
}

interface Whole {
  readonly scene: Scene;
  readonly layout: Layout;
  readonly image: ChainImage;
  readonly wear: Wear | 'none';
  readonly standing: Standing;
}

/** Which tool is called for a closer look, with which arguments. */
function callOf(rng: Random, image: string, box: Box): { name: 'ZoomIn' | 'Crop'; arguments: JsonObject } {
  if (rng.chance(0.15)) return { name: 'Crop', arguments: { image, bbox: [...box] } };
  return { name: 'ZoomIn', arguments: { image, bbox: [...box], zoom_factor: rng.pick([2, 2, 2.5, 3]) } };
}

function lookAtScene(rng: Random, chance: Random, whole: Whole, box: Box, made: number): Look {
  const { scene, layout, image, wear, standing } = whole;
  const call = callOf(rng, image.name, box);
  const [x0, y0, x1, y1] = cutOf(box, image);
  const [w, h] = [x1 - x0, y1 - y0];
  const asked = Number(call.arguments.zoom_factor ?? 1);
  const factor = Math.min(asked, Math.max(1, Math.sqrt(MOST_PIXELS / (w * h))));
  const cut: ChainImage = { name: `image-${made}`, width: Math.round(w * factor), height: Math.round(h * factor) };
  const part = partOf(scene, layout, [x0 / image.width, y0 / image.height, x1 / image.width, y1 / image.height]);
  const rates = wear === 'none' ? NOISE.none : ofPage(ratesOf(clearer(wear)), standing);
  const reading = readNoisily(chance, part.scene, part.layout, rates);
  const result =
    call.name === 'Crop' ? { image: cut.name } : { image: cut.name, zoom_factor: Number(factor.toFixed(2)) };
  return lookOf(call, ok(result, [cut]), reading, (place) => {
    for (let row = 0; row < part.scene.rows.length; row++)
      for (let cell = 0; cell < (part.scene.rows[row]?.cells.length ?? 0); cell++) {
        const from = part.back({ row, cell });
        if (from.row === place.row && from.cell === place.cell) return { row, cell };
      }
    return undefined;
  });
}

function lookOf(
  call: { name: 'ZoomIn' | 'Crop'; arguments: JsonObject },
  observation: ChainObservation,
  reading: Reading,
  inPart: (place: Place) => Place | undefined,
): Look {
  return {
    cut: { ...call, observation },
    read: ok(reading.result),
    at(place) {
      const there = inPart(place);
      const span = there && reading.observed.at(there);
      if (!span) return undefined;
      const row = reading.observed.rows[span.row] as string;
      return { text: row.slice(span.start, span.end), row };
    },
  };
}

async function lookWithTool(
  rng: Random,
  { scene, image }: Pick<Whole, 'scene' | 'image'>,
  box: Box,
  images: readonly ChainImage[],
  act: NonNullable<SceneRequest['act']>,
): Promise<Look | undefined> {
  const call = callOf(rng, image.name, box);
  const { observation } = await act({ action: call, images });
  const cut = observation.ok ? observation.images?.[0] : undefined;
  if (!cut) return undefined;
  const read = await act({ action: { name: 'OCR', arguments: { image: cut.name } }, images: [...images, cut] });
  if (!read.observation.ok) return undefined;
  return lookOf(call, observation, readingOfTool(scene, read.observation.result), (place) => place);
}
