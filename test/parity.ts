/** How far our numbers are from PyTorch's, for the tiny checkpoints: the rows of `npm run bench -- parity`, and a test. */
import type { Tensor } from 'onnxruntime-node';
import { encodePixels, encodeTokens, openClip, tokensOf } from '../workers/tools/engines/clip/clip.ts';
import { clipNetwork } from '../workers/tools/engines/clip/engine.ts';
import { depthOf, openDepth } from '../workers/tools/engines/depth/depth.ts';
import { depthNetwork } from '../workers/tools/engines/depth/engine.ts';
import { regionDepth } from '../workers/tools/engines/depth/region-depth.ts';
import { groundingNetwork } from '../workers/tools/engines/grounding-dino/engine.ts';
import { groundedBoxes } from '../workers/tools/engines/grounding-dino/grounded-boxes.ts';
import { ground, openGroundingDino } from '../workers/tools/engines/grounding-dino/grounding-dino.ts';
import { promptsOf } from '../workers/tools/engines/grounding-dino/prompt.ts';
import { prepare, type Recipe, tensorOf } from '../workers/tools/engines/network-input.ts';
import { decodePicture } from '../workers/tools/engines/picture.ts';
import { type Expected, fixture, ramp } from './tiny-models.ts';

export interface ParityRow {
  readonly model: string;
  readonly tensor: string;
  /** Both sides began with the same numbers, or each with the picture's file. */
  readonly from: 'equal tensors' | 'file';
  /** Largest absolute difference; for labels and tokens, how many differ. */
  readonly difference: number;
  /** Values that were compared. */
  readonly values: number;
}

type Ours = { readonly pixels: Float32Array; readonly height: number; readonly width: number };
/** Pictures to tensors: ours, or another way that is compared with it. */
export type Preparation = (picture: string, recipe: Recipe, repo: string) => Promise<Ours>;

export const ourPreparation: Preparation = async (picture, recipe) => {
  const { width, height, ...prepared } = prepare(await decodePicture(fixture(picture)), recipe);
  return { pixels: tensorOf([{ width, height, ...prepared }], recipe), height, width };
};

export function largest(ours: ArrayLike<number>, theirs: ArrayLike<number>): number {
  if (ours.length !== theirs.length) return Number.POSITIVE_INFINITY;
  let most = 0;
  // Equal infinities have no difference; anything else with NaN is as far as can be.
  for (let i = 0; i < ours.length; i++)
    if (ours[i] !== theirs[i]) most = Math.max(most, Math.abs(ours[i]! - theirs[i]!) || Number.POSITIVE_INFINITY);
  return most;
}

const differing = (ours: readonly unknown[], theirs: readonly unknown[]) =>
  Math.max(ours.length, theirs.length) -
  ours.filter((value, i) => JSON.stringify(value) === JSON.stringify(theirs[i])).length;

/** @param prepared how pictures become tensors; tools must be set to the tiny models */
export async function parityRows(expected: Expected, prepared: Preparation = ourPreparation): Promise<ParityRow[]> {
  const rows: ParityRow[] = [];
  const all = [groundingRows, depthRows, clipRows];
  for (const rowsOf of all) rows.push(...(await rowsOf(expected, prepared)));
  return rows;
}

async function groundingRows(expected: Expected, prepared: Preparation): Promise<ParityRow[]> {
  const network = await openGroundingDino(groundingNetwork.place());
  const phraseOf = await phrases();
  const rows: ParityRow[] = [];
  for (const one of expected['grounding-dino']) {
    const [, , h = 0, w = 0] = one.dims;
    const { pixels, height, width } =
      one.picture === null
        ? { pixels: ramp(one.dims, 1), height: h, width: w }
        : await prepared(one.picture, network.recipe, groundingNetwork.place().repo);
    const [prompt, ...more] = promptsOf(one.labels, network.tokenizer);
    const tokens = prompt!.tokens;
    const output = await ground(network, pixels, [1, 3, height, width], tokens);
    const logits = Array.from({ length: output.queries }, (_, q) =>
      output.logits.subarray(q * output.places, q * output.places + tokens.length),
    ).flatMap((row) => [...row]);
    const found = groundedBoxes(output, { box: one.box_threshold, text: one.text_threshold });
    const said = found.map(({ shown }) => phraseOf(shown.map((place) => tokens[place]!)));
    const model = 'Grounding DINO';
    const from = one.picture === null ? ('equal tensors' as const) : ('file' as const);
    const count = one.scores.values.length;
    rows.push(
      {
        model,
        from,
        tensor: 'tokens',
        difference: differing(tokens, one.input_ids) + more.length,
        values: tokens.length,
      },
      { model, from, tensor: 'logits', difference: largest(logits, one.logits.values), values: logits.length },
      {
        model,
        from,
        tensor: 'pred_boxes',
        difference: largest(output.boxes, one.pred_boxes.values),
        values: output.boxes.length,
      },
      {
        model,
        from,
        tensor: 'boxes kept',
        difference: largest(
          found.flatMap(({ bbox }) => [...bbox]),
          one.boxes.values,
        ),
        values: count,
      },
      {
        model,
        from,
        tensor: 'scores kept',
        difference: largest(
          found.map(({ score }) => score),
          one.scores.values,
        ),
        values: count,
      },
      { model, from, tensor: 'phrases', difference: differing(said, one.text_labels), values: count },
    );
  }
  return rows;
}

/** Tokens as PyTorch writes a box's phrase: the words in their order. */
async function phrases(): Promise<(tokens: readonly number[]) => string> {
  const { AutoTokenizer } = await offline();
  const tokenizer = await AutoTokenizer.from_pretrained(groundingNetwork.place().repo, { local_files_only: true });
  return (tokens) => (tokens.length === 0 ? '' : tokenizer.decode([...tokens]));
}

async function offline() {
  const library = await import('@huggingface/transformers');
  library.env.allowRemoteModels = false;
  library.env.localModelPath = groundingNetwork.place().root;
  library.env.useFSCache = false;
  return library;
}

async function depthRows(expected: Expected, prepared: Preparation): Promise<ParityRow[]> {
  const network = await openDepth(depthNetwork.place());
  const rows: ParityRow[] = [];
  for (const one of expected.depth) {
    const [, , h = 0, w = 0] = one.dims;
    const { pixels, height, width } =
      one.picture === null
        ? { pixels: ramp(one.dims, 2), height: h, width: w }
        : await prepared(one.picture, network.recipe, depthNetwork.place().repo);
    const map = await depthOf(network, pixels, [1, 3, height, width]);
    const model = 'Depth Anything V2';
    const from = one.picture === null ? ('equal tensors' as const) : ('file' as const);
    const { values } = one.predicted_depth;
    rows.push({
      model,
      from,
      tensor: 'predicted_depth',
      difference: largest(map.nearness, values),
      values: values.length,
    });
    if (one.regions.length === 0) continue;
    const ours = one.regions.map(({ bbox }) => regionDepth(map, bbox));
    const theirs = one.regions.map(({ depth }) => depth);
    rows.push({ model, from, tensor: 'depth of regions', difference: largest(ours, theirs), values: ours.length });
  }
  return rows;
}

async function clipRows(expected: Expected, prepared: Preparation): Promise<ParityRow[]> {
  const clip = await openClip(clipNetwork.place());
  const one = expected.clip;
  const model = 'CLIP';
  const tokens = one.texts.map((text) => tokensOf(clip, text));
  const texts = await encodeTokens(clip, tokens);
  const [count = 0, , height = 0, width = 0] = one.dims;
  const images = await encodePixels(clip, ramp(one.dims, 3), [count, 3, height, width]);
  const flat = (all: readonly Float32Array[]) => all.flatMap((row) => [...row]);
  const from = 'equal tensors' as const;
  const rows: ParityRow[] = [
    { model, from, tensor: 'tokens', difference: differing(tokens, one.input_ids), values: tokens.flat().length },
    {
      model,
      from,
      tensor: 'text_embeds',
      difference: largest(flat(texts), one.text_embeds.values),
      values: one.text_embeds.values.length,
    },
    {
      model,
      from,
      tensor: 'image_embeds',
      difference: largest(flat(images), one.image_embeds.values),
      values: one.image_embeds.values.length,
    },
  ];
  for (const { picture, image_embeds, similarity } of one.pictures) {
    const made = await prepared(picture, clip.recipe, clipNetwork.place().repo);
    const [ours] = await encodePixels(clip, made.pixels, [1, 3, made.height, made.width]);
    const cosines = texts.map((text) => text.reduce((sum, value, i) => sum + value * ours![i]!, 0));
    rows.push(
      {
        model,
        from: 'file',
        tensor: 'image_embeds',
        difference: largest(ours!, image_embeds.values),
        values: ours!.length,
      },
      {
        model,
        from: 'file',
        tensor: 'similarities',
        difference: largest(cosines, similarity.values),
        values: cosines.length,
      },
    );
  }
  return rows;
}

/** What transformers.js would feed the network instead: its own processor's tensor. */
export const theirPreparation: Preparation = async (picture, _recipe, repo) => {
  const { AutoProcessor, RawImage } = await offline();
  const processor = await AutoProcessor.from_pretrained(repo, { local_files_only: true });
  const image = await RawImage.fromBlob(new Blob([new Uint8Array(fixture(picture))]));
  const { pixel_values } = (await processor.image_processor!(image.rgb())) as { pixel_values: Tensor };
  const [, , height = 0, width = 0] = pixel_values.dims;
  return { pixels: pixel_values.data as Float32Array, height, width };
};
