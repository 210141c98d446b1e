/** What importers of annotations have in common. */

import type { AnnotatedPicture } from '../annotation-world.ts';
import type { Box, SceneObject } from '../scene.ts';
import { iou } from '../scene.ts';
import { pluralOf } from '../words/kinds.ts';

/** Records that were left out or mended, by reason. */
export type Tally = Record<string, number>;

export const note = (tally: Tally, reason: string): void => {
  tally[reason] = (tally[reason] ?? 0) + 1;
};

/** Objects that cover less of the picture are there, but nobody finds them. */
const SMALLEST = 0.0006;
/** Two boxes of a label that are this much alike are one thing, marked twice. */
const TWICE = 0.6;
const MOST_OBJECTS = 60;

export interface Marked {
  readonly label: string;
  readonly colour?: string | undefined;
  /** Pixels: left, top, width, height. */
  readonly at: readonly unknown[];
  /** One mark for many things. */
  readonly crowd?: boolean;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

const round = (value: number): number => Math.round(value * 1000) / 1000;

/** Pixels as fractions, cut at the picture's edges; undefined where nothing is left. */
export function boxOf(at: readonly unknown[], { width, height }: Size): Box | undefined {
  const [x, y, w, h] = at.map(Number) as [number, number, number, number];
  if (![x, y, w, h].every(Number.isFinite) || w <= 0 || h <= 0) return undefined;
  const clip = (value: number): number => round(Math.min(1, Math.max(0, value)));
  const box: Box = [clip(x / width), clip(y / height), clip((x + w) / width), clip((y + h) / height)];
  return box[0] < box[2] && box[1] < box[3] ? box : undefined;
}

export interface Placed {
  readonly objects: readonly SceneObject[];
  readonly vague: readonly string[];
  /** For each mark the index of its object, or -1. */
  readonly index: readonly number[];
}

/**
 * Marks as objects. What cannot be counted on (crowds, plurals, things too small to find) makes its label vague: no
 * question is asked about it.
 */
export function placed(marks: readonly Marked[], size: Size, tally: Tally): Placed {
  const objects: SceneObject[] = [];
  const vague = new Set<string>();
  const index = marks.map(({ label, colour, at, crowd = false }) => {
    const box = boxOf(at, size);
    if (!box) {
      note(tally, 'object:no box inside the picture');
      vague.add(label);
      return -1;
    }
    if (crowd || (box[2] - box[0]) * (box[3] - box[1]) < SMALLEST || objects.length >= MOST_OBJECTS) {
      note(
        tally,
        crowd ? 'object:a crowd' : objects.length >= MOST_OBJECTS ? 'object:more than 60' : 'object:too small',
      );
      vague.add(label);
      return -1;
    }
    const twin = objects.findIndex((other) => other.label === label && iou(other.box, box) > TWICE);
    if (twin >= 0) {
      note(tally, 'object:marked twice');
      return twin;
    }
    objects.push({ label, box, ...(colour === undefined ? {} : { colour }) });
    return objects.length - 1;
  });
  for (const { label } of objects) {
    // `trees` is one box around an unknown number of them.
    for (const { label: other } of objects)
      if (other !== label && pluralOf(label) === other) vague.add(label).add(other);
  }
  return { objects, vague: [...vague].sort(), index };
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

export const sizeOf = (record: Record<string, unknown>): Size | undefined => {
  const [width, height] = [Number(record.width), Number(record.height)];
  return Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0 ? { width, height } : undefined;
};

export type Pictures = AsyncGenerator<AnnotatedPicture>;
/** A file of the annotations as a stream of its bytes. */
export type Open = (name: string) => Promise<AsyncIterable<Uint8Array>>;
