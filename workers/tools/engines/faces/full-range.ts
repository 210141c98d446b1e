import { type InferenceSession, Tensor } from 'onnxruntime-node';
import { asFractions, overlap, type Scored, surest } from '../detectors/boxes.ts';
import { lookAt, type Pyramid, type Region } from '../detectors/pyramid.ts';
import type { Box } from '../vision.ts';

/** The network takes 192 x 192 pixels, RGB, -1 to 1, black where there is no picture. */
const SIDE = 192;
/** It answers for each of 48 x 48 cells: a score as logit, then the box (middle and size, in pixels of 192), then eyes and ears. */
const CELLS = 48;
const NUMBERS = 17;

/** Score from which a place is looked at again from near by. */
const WORTH_A_LOOK = 0.35;
/** Places that are looked at again: a crowd has more faces than this, but each costs four looks. */
const MOST_PLACES = 64;
/** Score, as the mean of the near looks, from which it is a face. */
const CERTAIN = 0.6;
/** Boxes that overlap more than this are one face. */
const SAME = 0.3;

/** Sides of the squares that are looked at, as shares of the longer side of the picture: the smaller, the smaller faces. */
const SQUARES = [1, 0.6, 0.4];
/** Neighbouring squares overlap by a quarter, so that a face at an edge is whole in one of them. */
const STEP = 0.75;
/** Near looks: how many times the face's size the square is, and mirrored or not. */
const NEAR = [3, 5].flatMap((times) => [false, true].map((mirrored) => ({ times, mirrored })));

/**
 * Faces, in two steps. The network is at its best with faces of a fifth to a third of what it sees: the picture is
 * looked at whole and in parts, and each place that may be a face is then looked at from near by, at two sizes, as it
 * is and mirrored. A face stays a face in all of these; a pattern that looks like one by chance does not.
 * @returns boxes as fractions, surest first
 * @throws the signal's reason
 */
export async function findFaces(pyramid: Pyramid, session: InferenceSession, signal?: AbortSignal): Promise<Scored[]> {
  const see = async (region: Region, mirrored: boolean, least: number) => {
    signal?.throwIfAborted();
    const value = (byte: number) => byte / 127.5 - 1;
    const pixels = lookAt(pyramid, region, SIDE, { mirrored, outside: 0, value });
    const output = await session.run({ input: new Tensor('float32', pixels, [1, SIDE, SIDE, 3]) });
    return surest(readCells(output.Identity!.data as Float32Array, region, mirrored, least), SAME);
  };
  const places: Scored[] = [];
  for (const square of squaresOf(pyramid)) places.push(...(await see(square, false, WORTH_A_LOOK)));
  const faces: Scored[] = [];
  for (const place of surest(places, SAME).slice(0, MOST_PLACES)) {
    const looks: Scored[] = [];
    for (const { times, mirrored } of NEAR) {
      const near = (await see(around(place.bbox, times), mirrored, 0.05)).filter(
        ({ bbox }) => overlap(bbox, place.bbox) > SAME,
      );
      if (near[0]) looks.push(near[0]);
    }
    const score = looks.reduce((sum, look) => sum + look.score, 0) / NEAR.length;
    if (score >= CERTAIN) faces.push({ kind: 0, score, bbox: meanOf(looks) });
  }
  return surest(faces, SAME).flatMap((face) => {
    const bbox = asFractions(face.bbox, pyramid);
    return bbox ? [{ ...face, bbox }] : [];
  });
}

/** Squares that cover the picture, large ones first. */
export function squaresOf({ width, height }: { width: number; height: number }): Region[] {
  return SQUARES.flatMap((share) => {
    const side = share * Math.max(width, height);
    return startsOf(height, side).flatMap((top) =>
      startsOf(width, side).map((left) => ({ left, top, width: side, height: side })),
    );
  });
}

function startsOf(length: number, side: number): number[] {
  if (length <= side) return [(length - side) / 2];
  const count = Math.ceil((length - side) / (side * STEP)) + 1;
  return Array.from({ length: count }, (_, i) => (i * (length - side)) / (count - 1));
}

function around([left, top, right, bottom]: Box, times: number): Region {
  const side = Math.max(right - left, bottom - top, 1) * times;
  return { left: (left + right - side) / 2, top: (top + bottom - side) / 2, width: side, height: side };
}

/** The network's cells as boxes in pixels of the picture. */
export function readCells(cells: Float32Array, region: Region, mirrored: boolean, least: number): Scored[] {
  const scale = region.width / SIDE;
  const logit = Math.log(least / (1 - least));
  const found: Scored[] = [];
  for (let i = 0; i < CELLS * CELLS; i++) {
    const raw = cells[i * NUMBERS]!;
    if (raw < logit) continue;
    const [across = 0, down = 0, width = 0, height = 0] = cells.subarray(i * NUMBERS + 1, i * NUMBERS + 5);
    const middle = (cell: number) => ((cell + 0.5) / CELLS) * SIDE;
    const seen = middle(i % CELLS) + across;
    const x = mirrored ? SIDE - seen : seen;
    const y = middle(Math.floor(i / CELLS)) + down;
    found.push({
      kind: 0,
      score: 1 / (1 + Math.exp(-raw)),
      bbox: [
        region.left + (x - width / 2) * scale,
        region.top + (y - height / 2) * scale,
        region.left + (x + width / 2) * scale,
        region.top + (y + height / 2) * scale,
      ],
    });
  }
  return found;
}

function meanOf(looks: readonly Scored[]): Box {
  const side = (i: 0 | 1 | 2 | 3) => looks.reduce((sum, { bbox }) => sum + bbox[i], 0) / looks.length;
  return [side(0), side(1), side(2), side(3)];
}
