import type { Box, Detection } from '../vision.ts';
import type { Prompt } from './prompt.ts';

export interface Thresholds {
  /** A box is kept when its likeliest token is above this. */
  readonly box: number;
  /** Tokens above this are what the box shows. */
  readonly text: number;
}

/** What the network gives for one picture. */
export interface NetworkOutput {
  /** `[queries, places]`, one a token; -Infinity where there is none. */
  readonly logits: Float32Array;
  /** `[queries, 4]`: centre x, centre y, width, height, as fractions. */
  readonly boxes: Float32Array;
  readonly queries: number;
  readonly places: number;
}

export interface GroundedBox {
  /** May reach a little over the picture's edges. */
  readonly bbox: Box;
  readonly score: number;
  /** Places of the tokens that it shows. */
  readonly shown: readonly number[];
  /** Probability of each place. */
  readonly probabilities: Float32Array;
}

/** Of two boxes with one label that cover the same, the surer one stays. Only near copies: objects may well overlap. */
const SAME_BOX = 0.8;

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** The queries whose likeliest token is above the box threshold, in the network's order. */
export function groundedBoxes(output: NetworkOutput, thresholds: Thresholds): GroundedBox[] {
  const { logits, boxes, queries, places } = output;
  const found: GroundedBox[] = [];
  for (let q = 0; q < queries; q++) {
    const probabilities = logits.slice(q * places, (q + 1) * places).map(sigmoid);
    const score = probabilities.reduce((a, b) => Math.max(a, b), 0);
    if (!(score > thresholds.box)) continue;
    const [x = 0, y = 0, w = 0, h = 0] = boxes.subarray(q * 4, q * 4 + 4);
    const shown: number[] = [];
    // The first place begins the text, the last one is never a word.
    for (let place = 1; place < places - 1; place++) if (probabilities[place]! > thresholds.text) shown.push(place);
    found.push({ bbox: [x - w / 2, y - h / 2, x + w / 2, y + h / 2], score, shown, probabilities });
  }
  return found;
}

/** Boxes with the labels that were asked for, inside the picture, best score first. */
export function detectionsOf(found: readonly GroundedBox[], { spans }: Prompt): Detection[] {
  const labelled = found.flatMap((box) => {
    const label = labelOf(box, spans);
    const [left, top, right, bottom] = box.bbox.map((side) => Math.min(1, Math.max(0, side))) as [
      number,
      number,
      number,
      number,
    ];
    if (label === undefined || left >= right || top >= bottom) return [];
    return [{ label, bbox: [left, top, right, bottom] as const, score: box.score }];
  });
  labelled.sort((a, b) => b.score - a.score);
  return withoutCopies(labelled);
}

/** The label with the likeliest token among those shown; none where only stops and marks are. */
function labelOf({ shown, probabilities }: GroundedBox, spans: Prompt['spans']): string | undefined {
  let [best, likeliest]: [string | undefined, number] = [undefined, 0];
  for (const place of shown) {
    const span = spans.find(({ start, end }) => place >= start && place < end);
    if (span && probabilities[place]! > likeliest) [best, likeliest] = [span.label, probabilities[place]!];
  }
  return best;
}

/** @param detections best first */
export function withoutCopies(detections: readonly Detection[]): Detection[] {
  const kept: Detection[] = [];
  for (const one of detections)
    if (!kept.some(({ label, bbox }) => label === one.label && overlap(bbox, one.bbox) > SAME_BOX)) kept.push(one);
  return kept;
}

/** Shared area as a part of the area of both together. */
function overlap(a: Box, b: Box): number {
  const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  if (width <= 0 || height <= 0) return 0;
  const area = (box: Box) => (box[2] - box[0]) * (box[3] - box[1]);
  return (width * height) / (area(a) + area(b) - width * height);
}
