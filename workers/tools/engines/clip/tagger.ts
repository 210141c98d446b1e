import { EVERYDAY_OBJECTS } from '../everyday-objects.ts';
import type { Tag, Tagger } from '../vision.ts';
import type { CallOptions } from '../warm-engine.ts';
import type { Tile } from './clip-process.ts';
import { clipNetwork, groupDirections, similarity, tileDirections, warmUpClip } from './engine.ts';

/** CLIP names what a picture is about; for what else is in it, it looks at parts. */
const TILES: readonly Tile[] = [
  [0, 0, 1, 1],
  [0, 0, 0.6, 0.6],
  [0.4, 0, 1, 0.6],
  [0, 0.4, 0.6, 1],
  [0.4, 0.4, 1, 1],
  [0.2, 0.2, 0.8, 0.8],
];
/** What CLIP's cosines were multiplied by in training, before the softmax. */
const SCALE = 100;
/** A name counts from this share of a part's likelihood over all names. */
const LEAST = 0.2;
const MOST_TAGS = 20;

const PROMPTS = EVERYDAY_OBJECTS.map((name) => `a photo of a ${name}`);
const LOAD_LIMIT_MS = 120_000;

/**
 * Names from the list of everyday objects. The likeliest name of the whole picture is always among them.
 * @param parts likelihood of each name, for each part of the picture; the first part is the whole
 */
export function tagsOf(parts: readonly (readonly number[])[], names: readonly string[] = EVERYDAY_OBJECTS): Tag[] {
  const best = names.map((label, i) => ({ label, score: Math.max(...parts.map((part) => part[i]!)) }));
  const first = parts[0]!.indexOf(Math.max(...parts[0]!));
  return best
    .filter(({ score }, i) => score >= LEAST || i === first)
    .sort((a, b) => b.score - a.score)
    .slice(0, MOST_TAGS);
}

/** Shares that add up to 1. */
export function likelihoods(cosines: readonly number[]): number[] {
  const top = Math.max(...cosines);
  const raised = cosines.map((cosine) => Math.exp(SCALE * (cosine - top)));
  const sum = raised.reduce((a, b) => a + b, 0);
  return raised.map((value) => value / sum);
}

/** Names what is in a picture, without a detector: fast, and surest about what the picture is mainly of. */
export const tagger: Tagger = {
  engine: () => `${clipNetwork.engine()}+${EVERYDAY_OBJECTS.length}`,
  status: clipNetwork.status,
  async tag(picture, limits: CallOptions) {
    const names = await groupDirections(PROMPTS, limits);
    const parts = await tileDirections(picture, TILES, limits);
    return tagsOf(parts.map((part) => likelihoods(names.map((name) => similarity(part, name)))));
  },
  async warmUp() {
    await warmUpClip();
    await groupDirections(PROMPTS, { timeLimitMs: LOAD_LIMIT_MS });
  },
};
