/** Grounding DINO: boxes for whatever is named in words. */
import { type InferenceSession, Tensor } from 'onnxruntime-node';
import { floatsOf, folderOf, infer, openGraph } from '../network-files.ts';
import { type Recipe, readRecipe } from '../network-input.ts';
import type { NetworkPlace } from '../pulled-network.ts';
import { loadTokenizer, type Tokenizer } from '../tokenizer.ts';
import type { NetworkOutput } from './grounded-boxes.ts';

export interface GroundingDino {
  readonly session: InferenceSession;
  readonly recipe: Recipe;
  readonly tokenizer: Tokenizer;
}

export async function openGroundingDino(place: NetworkPlace): Promise<GroundingDino> {
  return {
    session: await openGraph(place, 'model'),
    recipe: readRecipe(folderOf(place)),
    tokenizer: await loadTokenizer(place.root, place.repo),
  };
}

const whole = (values: readonly number[]) =>
  new Tensor('int64', BigInt64Array.from(values, BigInt), [1, values.length]);

/**
 * @param pixels `[1, 3, height, width]`, normalised
 * @param tokens of the prompt, at most MOST_TOKENS
 */
export async function ground(
  { session }: GroundingDino,
  pixels: Float32Array,
  dims: readonly [1, 3, height: number, width: number],
  tokens: readonly number[],
): Promise<NetworkOutput> {
  const [, , height, width] = dims;
  const inputs = {
    pixel_values: new Tensor('float32', pixels, dims),
    // The picture fills its frame: nothing is padded.
    pixel_mask: new Tensor('int64', new BigInt64Array(height * width).fill(1n), [1, height, width]),
    input_ids: whole(tokens),
    token_type_ids: whole(tokens.map(() => 0)),
    attention_mask: whole(tokens.map(() => 1)),
  };
  const [logits, boxes] = (await infer(session, inputs, ['logits', 'pred_boxes'])) as [Tensor, Tensor];
  const [, queries = 0, places = 0] = logits.dims;
  return { logits: floatsOf(logits), boxes: floatsOf(boxes), queries, places };
}
