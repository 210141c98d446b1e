/** CLIP's two networks: pictures and texts become directions in one space, and what belongs together lies close. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type InferenceSession, Tensor } from 'onnxruntime-node';
import { z } from 'zod';
import { floatsOf, folderOf, infer, openGraph } from '../network-files.ts';
import { type Recipe, readRecipe } from '../network-input.ts';
import type { NetworkPlace } from '../pulled-network.ts';
import { loadTokenizer, type Tokenizer } from '../tokenizer.ts';

export interface Clip {
  readonly vision: InferenceSession;
  readonly text: InferenceSession;
  readonly recipe: Recipe;
  readonly tokenizer: Tokenizer;
  /** Tokens of a text at most, with those that begin and end it. */
  readonly longest: number;
}

const config = z.object({
  text_config: z.object({ max_position_embeddings: z.int().positive().default(77) }).prefault({}),
});

export async function openClip(place: NetworkPlace): Promise<Clip> {
  const folder = folderOf(place);
  const read = config.parse(JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')));
  return {
    vision: await openGraph(place, 'vision_model'),
    text: await openGraph(place, 'text_model'),
    recipe: readRecipe(folder),
    tokenizer: await loadTokenizer(place.root, place.repo),
    longest: read.text_config.max_position_embeddings,
  };
}

/**
 * @param pixels `[count, 3, height, width]`, normalised
 * @returns directions of length 1, one a picture
 */
export async function encodePixels(
  { vision }: Clip,
  pixels: Float32Array,
  dims: readonly [count: number, 3, height: number, width: number],
): Promise<Float32Array[]> {
  const [embeds] = await infer(vision, { pixel_values: new Tensor('float32', pixels, dims) }, ['image_embeds']);
  return directions(embeds!);
}

/** What the tokenizer makes of a text; one that is too long loses its tail, not its end mark, where CLIP looks. */
export function tokensOf({ tokenizer, longest }: Clip, text: string): number[] {
  const ids = tokenizer.encode(text);
  return ids.length <= longest ? ids : [...ids.slice(0, longest - 1), ids.at(-1)!];
}

/**
 * @param tokens of texts, each with its own length; what fills up the shorter ones comes after their end and is not seen
 * @returns directions of length 1, one a text
 */
export async function encodeTokens({ text }: Clip, tokens: readonly (readonly number[])[]): Promise<Float32Array[]> {
  const length = Math.max(...tokens.map((ids) => ids.length));
  const dims = [tokens.length, length];
  const rows = tokens.map((ids) => Array.from({ length }, (_, i) => BigInt(ids[i] ?? ids.at(-1)!)));
  const masks = tokens.map((ids) => Array.from({ length }, (_, i) => (i < ids.length ? 1n : 0n)));
  const inputs = {
    input_ids: new Tensor('int64', BigInt64Array.from(rows.flat()), dims),
    attention_mask: new Tensor('int64', BigInt64Array.from(masks.flat()), dims),
  };
  const [embeds] = await infer(text, inputs, ['text_embeds']);
  return directions(embeds!);
}

function directions(embeds: Tensor): Float32Array[] {
  const [count = 0, size = 0] = embeds.dims;
  const all = floatsOf(embeds);
  return Array.from({ length: count }, (_, n) => {
    const one = all.slice(n * size, (n + 1) * size);
    const length = Math.hypot(...one);
    return one.map((value) => value / length);
  });
}
