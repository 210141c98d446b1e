import { readFileSync } from 'node:fs';
import { onnxSession, type SessionSettings } from '../onnx-session.ts';
import { cropLine } from './crop-line.ts';
import { type Alphabet, alphabetOf } from './ctc.ts';
import { detect } from './detect.ts';
import { corners, type TurnedBox } from './geometry.ts';
import { decodePicture, type Picture } from './picture.ts';
import { type Reading, recognise } from './recognise.ts';
import { groupRows } from './rows.ts';
import { weights } from './weights.ts';

export type Cell = {
  text: string;
  /** [left, top, right, bottom] as fractions of the upright picture. */
  bbox: [number, number, number, number];
  score: number;
};

export type Row = {
  text: string;
  bbox: [number, number, number, number];
  cells: Cell[];
};

/** What stands on a picture: rows from top to bottom, cells from left to right. */
export type Page = {
  text: string;
  rows: Row[];
};

/** Readings below this are noise more often than text. */
const LOWEST_SCORE = 0.5;

let alphabet: Alphabet | undefined;

export interface ReadOptions {
  longestSide?: number;
  session?: SessionSettings;
}

/** Loads the weights; done once, and before the first picture by a warm-up. */
export async function loadNetworks(settings: SessionSettings) {
  const [detector, session] = await Promise.all([
    onnxSession(weights.detector, settings),
    onnxSession(weights.recogniser, settings),
  ]);
  alphabet ??= alphabetOf(readFileSync(weights.keys, 'utf8'));
  return { detector, session, alphabet };
}

export async function readPage(bytes: Uint8Array, options: ReadOptions = {}): Promise<Page> {
  const picture = await decodePicture(bytes);
  const { detector, session, alphabet } = await loadNetworks(options.session ?? { device: 'auto', threads: 1 });
  const boxes = await detect(detector, picture, options.longestSide ?? 960);
  const readings = await recognise(
    { session, alphabet },
    boxes.map((box) => cropLine(picture, box)),
  );
  const pieces = boxes.flatMap((box, i) => {
    const { text, score } = readings[i]!;
    return text.trim() && score >= LOWEST_SCORE ? [{ ...box, text: text.trim(), score }] : [];
  });
  return pageOf(groupRows(pieces), picture);
}

function pageOf(rows: readonly (TurnedBox & Pick<Reading, 'text' | 'score'>)[][], picture: Picture): Page {
  const out = rows.map((row): Row => {
    const cells = row.map(({ text, score, ...box }) => ({
      text,
      bbox: fractions(box, picture),
      score: round(score, 2),
    }));
    return { text: cells.map(({ text }) => text).join('\t'), bbox: around(cells), cells };
  });
  return { text: out.map(({ text }) => text).join('\n'), rows: out };
}

function fractions(box: TurnedBox, { width, height }: Picture): Cell['bbox'] {
  const points = corners(box);
  const xs = points.map(([x]) => x / width);
  const ys = points.map(([, y]) => y / height);
  const clip = (value: number) => round(Math.min(1, Math.max(0, value)), 4);
  return [clip(Math.min(...xs)), clip(Math.min(...ys)), clip(Math.max(...xs)), clip(Math.max(...ys))];
}

function around(cells: readonly Cell[]): Cell['bbox'] {
  const side = (i: number, pick: (...values: number[]) => number) => pick(...cells.map(({ bbox }) => bbox[i]!));
  return [side(0, Math.min), side(1, Math.min), side(2, Math.max), side(3, Math.max)];
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
