/** What the three tools of likeness share. */
import type { JsonObject } from '../../shared/contract.ts';
import { clipNetwork, imageDirections, similarity, textDirections, warmUpClip } from './engines/clip/engine.ts';
import type { CallOptions } from './engines/warm-engine.ts';
import { looking, pictureOf } from './looking.ts';
import type { Tool, ToolContext } from './tool.ts';

/** For one picture or text once its turn has come: a fifth of a CPU second is usual. */
const LOOK_LIMIT_MS = 60_000;
/** For a call with sixteen pictures, behind those of other runs. */
const CALL_LIMIT_MS = 300_000;

const limitsOf = ({ signal }: ToolContext): CallOptions => ({ timeLimitMs: LOOK_LIMIT_MS, signal });

/** All that is alike in the tools. */
export const likeness = {
  version: '1',
  pool: 'vision',
  timeLimitMs: CALL_LIMIT_MS,
  deterministic: true,
  cache: true,
  status: clipNetwork.status,
  warmUp: warmUpClip,
} satisfies Partial<Tool>;

export const clipEngine = (): string => clipNetwork.engine();

/** @throws ToolError that names the image that cannot be read */
export function directionsOfImages(names: readonly string[], context: ToolContext): Promise<Float32Array[]> {
  const one = async (name: string) => {
    const picture = await pictureOf(context, name);
    const [direction] = await looking(name, () => imageDirections([picture], limitsOf(context)));
    return direction!;
  };
  return Promise.all(names.map(one));
}

export const directionsOfTexts = (texts: readonly string[], context: ToolContext): Promise<Float32Array[]> =>
  looking('these texts', () => textDirections(texts, limitsOf(context)));

/**
 * How alike one is to each of several, as TACO's tools give it: two decimals, and the best by its place and name.
 * @param kind names the fields: `best_image_index`, `best_text`
 */
export function compared(
  one: Float32Array,
  others: readonly Float32Array[],
  names: readonly string[],
  kind: 'image' | 'text',
): JsonObject {
  const cosines = others.map((other) => similarity(one, other));
  const best = cosines.indexOf(Math.max(...cosines));
  return {
    similarity: cosines.map((cosine) => Number(cosine.toFixed(2))),
    [`best_${kind}_index`]: best,
    [`best_${kind}`]: names[best]!,
  };
}
