/**
 * Draws scenes and reads them with the real OCR engine; what was read is kept, a line of JSON per picture, so that the
 * work is done once: `node workers/data/nano/real.ts --pictures N --out FILE [--seed S] [--split train]`.
 * Started again, it goes on behind the last picture.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { readPage } from '../../tools/engines/ppocr/read-page.ts';
import type { Split } from '../ask/phrase.ts';
import { random } from '../random.ts';
import { drawScene } from '../render/draw.ts';
import { makeScene } from '../scene/make.ts';
import type { Scene } from '../scene/scene.ts';

/** What was read of one picture. The scene is kept with it: the generator may have changed since. */
export interface Reading {
  readonly split: Split;
  readonly seed: number;
  readonly index: number;
  readonly width: number;
  readonly height: number;
  readonly wear: string;
  readonly rows: readonly string[];
  readonly scene: Scene;
}

/** Readings kept in a file; none when there is no file. */
export function readings(file: string): Reading[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Reading);
}

/** Draws and reads scene `index`. */
export async function readReal(split: Split, seed: number, index: number): Promise<Reading> {
  const scene = makeScene(random(seed, `${split}-real-${index}`), split);
  const rng = random(seed, `${split}-draw-${index}`);
  const wear = rng.weighted([
    ['clean', 35],
    ['scan', 25],
    ['photo', 28],
    ['poor', 12],
  ] as const);
  const picture = await drawScene(rng, split, scene, wear);
  const page = await readPage(picture.bytes, { session: { device: 'cpu', threads: 1 } });
  return {
    split,
    seed,
    index,
    width: picture.width,
    height: picture.height,
    wear,
    rows: page.rows.map((row) => row.cells.map((cell) => cell.text.replaceAll('\t', ' ')).join('\t')),
    scene,
  };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      pictures: { type: 'string' },
      out: { type: 'string' },
      seed: { type: 'string', default: '7' },
      split: { type: 'string', default: 'train' },
    },
  });
  const wanted = Number(values.pictures);
  if (
    !values.out ||
    !Number.isInteger(wanted) ||
    wanted < 1 ||
    (values.split !== 'train' && values.split !== 'validation')
  ) {
    console.error('node workers/data/nano/real.ts --pictures N --out FILE [--seed S] [--split train|validation]');
    process.exitCode = 2;
    return;
  }
  mkdirSync(dirname(values.out), { recursive: true });
  const started = Date.now();
  const from = readings(values.out).length;
  for (let index = from; index < wanted; index++) {
    appendFileSync(values.out, `${JSON.stringify(await readReal(values.split, Number(values.seed), index))}\n`);
    if ((index + 1) % 50 === 0)
      console.log(
        `${index + 1}/${wanted} pictures, ${((Date.now() - started) / 1000 / (index + 1 - from)).toFixed(2)} s each`,
      );
  }
}

if (import.meta.main) await main();
