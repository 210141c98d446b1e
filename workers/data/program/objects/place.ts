/** Where things go: on a ground in perspective, or anywhere on a flat sheet; apart enough to be told apart. */
import type { Random } from '../../random.ts';
import { SHAPES } from './draw/sizes.ts';
import type { Wanted } from './generate.ts';
import { area, type Box, type SceneObject, shared } from './scene.ts';
import type { Template } from './templates.ts';

/** Steps of depth: two things differ by at least 0.035, or (rarely, meant) by nearly nothing. */
const LEVELS = 24;
const NEAREST = 0.06;
const STEP = 0.036;
/** Share of things that stand as far away as another one: what cannot be told apart. */
const TIED = 0.1;
/** Share of the smaller of two things that may be covered. */
const COVERED = { ground: 0.12, sheet: 0 };
const TRIES = 25;

const round = (value: number): number => Math.round(value * 1000) / 1000;

/** Depths without two that are nearly, but not quite, the same. */
function depths(rng: Random, count: number): number[] {
  const levels = rng.shuffle(Array.from({ length: LEVELS }, (_, i) => i)).slice(0, count);
  const made: number[] = [];
  for (let i = 0; i < count; i++) {
    const tied = made.length > 0 && rng.chance(TIED);
    const level = levels[i];
    made.push(
      tied || level === undefined
        ? round(rng.pick(made) + (rng.next() - 0.5) * 0.008)
        : round(NEAREST + level * STEP + (rng.next() - 0.5) * 0.008),
    );
  }
  return made;
}

/**
 * Objects with their boxes and depths, the farthest first, which is the order to draw them in. Things that find no room
 * are left out.
 * @param aspect width by height of the picture
 */
export function place(rng: Random, template: Template, wanted: readonly Wanted[], aspect: number): SceneObject[] {
  const far = template.ground ? depths(rng, wanted.length) : [];
  const covered = template.ground ? COVERED.ground : COVERED.sheet;
  const crowd = Math.min(1, Math.sqrt(10 / wanted.length));
  const placed: { object: SceneObject; room: Box }[] = [];
  wanted.forEach((thing, i) => {
    const { aspect: wide, size, flies } = SHAPES[thing.label]!;
    const depth = far[i];
    for (let tries = 0; tries < TRIES; tries++) {
      const scale = (depth === undefined ? 0.75 : 1.15 - 0.75 * depth) * (0.88 + rng.next() * 0.24) * crowd;
      const height = size * scale * Math.min(1, aspect * 0.9) * 0.24 * (tries > 15 ? 0.8 : 1);
      const width = (height * wide) / aspect;
      if (width > 0.45 || height > 0.6) continue;
      const left = 0.01 + rng.next() * (0.98 - width);
      const bottom = baseOf(rng, template, depth, height, flies === true);
      const room: Box = [left, bottom - height, left + width, bottom];
      if (room[1] < 0.01 || bottom > 0.99) continue;
      const clear = placed.every(({ room: other }) => {
        const both = shared(grown(room, depth === undefined ? 0.012 : 0), other);
        return both <= covered * Math.min(area(room), area(other));
      });
      if (!clear) continue;
      const box = room.map(round) as unknown as Box;
      placed.push({ room, object: { ...thing, box, ...(depth === undefined ? {} : { depth }) } });
      return;
    }
  });
  return placed.map(({ object }) => object).sort((a, b) => (b.depth ?? 0) - (a.depth ?? 0));
}

/** Where a thing's lower edge is: farther is higher up on a ground, anywhere for what flies. */
function baseOf(
  rng: Random,
  { ground, horizon }: Template,
  depth: number | undefined,
  height: number,
  flies: boolean,
): number {
  if (!ground || depth === undefined) return 0.01 + height + rng.next() * (0.98 - height);
  const stands = horizon + (1 - depth) * (0.98 - horizon);
  return flies ? Math.max(height + 0.01, stands - 0.15 - rng.next() * (stands - 0.2)) : stands;
}

const grown = ([left, top, right, bottom]: Box, by: number): Box => [left - by, top - by, right + by, bottom + by];
