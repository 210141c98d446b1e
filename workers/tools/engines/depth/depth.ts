/** Depth Anything V2: how near each pixel is, relative to the others of the same picture. */
import { type InferenceSession, Tensor } from 'onnxruntime-node';
import { floatsOf, folderOf, infer, openGraph } from '../network-files.ts';
import { type Recipe, readRecipe } from '../network-input.ts';
import type { NetworkPlace } from '../pulled-network.ts';

export interface DepthNetwork {
  readonly session: InferenceSession;
  readonly recipe: Recipe;
}

/** As the network has it: larger is nearer. Rows from the top; its sides are those that the network saw. */
export interface DepthMap {
  readonly width: number;
  readonly height: number;
  readonly nearness: Float32Array;
  readonly nearest: number;
}

export async function openDepth(place: NetworkPlace): Promise<DepthNetwork> {
  return { session: await openGraph(place, 'model'), recipe: readRecipe(folderOf(place)) };
}

/** @param pixels `[1, 3, height, width]`, normalised */
export async function depthOf(
  { session }: DepthNetwork,
  pixels: Float32Array,
  dims: readonly [1, 3, height: number, width: number],
): Promise<DepthMap> {
  const [predicted] = await infer(session, { pixel_values: new Tensor('float32', pixels, dims) }, ['predicted_depth']);
  const [height = 0, width = 0] = predicted!.dims.slice(-2);
  const nearness = floatsOf(predicted!);
  return { width, height, nearness, nearest: nearness.reduce((a, b) => Math.max(a, b), -Infinity) };
}
