/**
 * A detector that errs as the real one does: boxes that are a little off, objects that are missed, boxes where there is
 * nothing, and scores that go with being right. Its figures are in detector-rates.ts.
 */
import type { Random } from '../random.ts';
import { DETECTOR_RATES, type Quantiles } from './detector-rates.ts';

/** [left, top, right, bottom] as fractions of the image. */
export type Box = readonly [number, number, number, number];

export interface TrueObject {
  readonly label: string;
  readonly bbox: Box;
}

export interface Detected {
  readonly label: string;
  readonly bbox: Box;
  /** Two decimals. */
  readonly score: number;
  /** Index of the true object that it is of; absent for one that is not there. */
  readonly of?: number;
}

export type Wear = 'none' | 'light' | 'medium' | 'heavy';

/**
 * Objects that a detector sees poorly even in a good picture. A choice, not a measurement: in photos at large it is two
 * things of three, most of them cut off or far away, and questions are asked about those that stand out.
 */
const FAINT_SHARE = 0.05;
/** From here on an object counts as found at all, and from there on as surely found. */
const FOUND = 0.3;
const SURE = 0.5;

/** A value of a distribution that is known by five of its quantiles; its ends go on as steeply as they begin. */
function drawn(rng: Random, [q5, q25, q50, q75, q95]: Quantiles): number {
  const points = [q5 - (q25 - q5) / 4, q5, q25, q50, q75, q95, q95 + (q95 - q75) / 4];
  const shares = [0, 0.05, 0.25, 0.5, 0.75, 0.95, 1];
  const u = rng.next();
  const k = Math.max(0, shares.findIndex((share) => share > u) - 1);
  const [from, to] = [shares[k]!, shares[k + 1]!];
  return points[k]! + ((u - from) / (to - from)) * (points[k + 1]! - points[k]!);
}

const within = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));
const hundredths = (value: number): number => Math.round(value * 100) / 100;

/** A score on one side of the line between doubtful and sure. */
function scoreOf(rng: Random, scores: Quantiles, sure: boolean): number {
  for (let tries = 0; tries < 12; tries++) {
    const score = hundredths(drawn(rng, scores));
    if (score >= FOUND && score >= SURE === sure) return within(score, FOUND, 0.99);
  }
  return sure ? SURE : hundredths(FOUND + rng.next() * 0.19);
}

/**
 * What a detector gives back that was asked for `labels`, surest first, with scores of 0.3 and more.
 * @param objects all objects of the scene, asked for or not
 */
export function detectWithNoise(
  rng: Random,
  objects: readonly TrueObject[],
  labels: readonly string[],
  wear: Wear,
): Detected[] {
  const rates = DETECTOR_RATES[wear];
  const found: Detected[] = [];
  for (const [of, { label, bbox }] of objects.entries()) {
    if (!labels.includes(label)) continue;
    const { missed, doubtful, scores } = rates[rng.chance(FAINT_SHARE) ? 'faint' : 'clear'];
    const u = rng.next();
    if (u < missed) continue;
    const score = scoreOf(rng, scores, u >= missed + doubtful);
    found.push({ label, bbox: jittered(rng, bbox, rates.offsets), score, of });
  }
  if (labels.length > 0 && rng.chance(rates.falseBoxes)) {
    const [w, h] = [0.06 + rng.next() * 0.3, 0.06 + rng.next() * 0.3];
    const [l, t] = [rng.next() * (1 - w), rng.next() * (1 - h)];
    const score = within(hundredths(drawn(rng, rates.falseScores)), FOUND, SURE - 0.01);
    found.push({ label: rng.pick(labels), bbox: [l, t, l + w, t + h], score });
  }
  return found.sort((a, b) => b.score - a.score || a.bbox[0] - b.bbox[0]);
}

function jittered(rng: Random, [left, top, right, bottom]: Box, offsets: Quantiles): Box {
  const side = (at: number, size: number): number => within(at + drawn(rng, offsets) * size, 0, 1);
  const [w, h] = [right - left, bottom - top];
  return [side(left, w), side(top, h), side(right, w), side(bottom, h)];
}
