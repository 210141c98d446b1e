/**
 * Scenes of all kinds, drawn, worn and really read, for fitting the noise: a line of JSON per picture, so that the work
 * is done once. Started again, it goes on behind the last picture:
 * `node workers/data/observe/readings.ts --pictures N --out FILE [--seed S] [--wears fax,dim]`
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { readPage } from '../../tools/engines/ppocr/read-page.ts';
import type { Split } from '../ask/phrase.ts';
import { random } from '../random.ts';
import type { Wear } from '../render/degrade.ts';
import { drawScene } from '../render/draw.ts';
import { makeScene } from '../scene/make.ts';
import type { Scene } from '../scene/scene.ts';

/** What was read of one picture. The scene is kept with it: its maker may have changed since. */
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

/** Every kind of wear as often as is needed to know its rates, with the fonts and words of the split that has it. */
const KINDS: readonly (readonly [readonly [Wear, Split], number])[] = [
  [['clean', 'train'], 20],
  [['scan', 'train'], 20],
  [['photo', 'train'], 20],
  [['poor', 'train'], 14],
  [['fax', 'validation'], 13],
  [['dim', 'holdout'], 13],
];

/**
 * Draws and reads picture `index`: a pure function of the arguments, and of the engine.
 * @param wears kinds of wear that are taken in turn; none = drawn with the shares of KINDS
 */
export async function readPicture(seed: number, index: number, wears: readonly Wear[] = []): Promise<Reading> {
  const rng = random(seed, `fit-${index}`);
  const drawn = rng.weighted(KINDS);
  const asked = wears[index % wears.length];
  const [wear, split] = KINDS.find(([kind]) => kind[0] === asked)?.[0] ?? drawn;
  const scene = makeScene(rng, split, rng.chance(0.12) ? rng.pick(['line', 'pie']) : undefined);
  const picture = await drawScene(rng, split, scene, wear);
  const page = await readPage(picture.bytes, { session: { device: 'cpu', threads: 1 } });
  const rows = page.rows.map((row) => row.cells.map((cell) => cell.text.replaceAll('\t', ' ')).join('\t'));
  return { split, seed, index, width: picture.width, height: picture.height, wear, rows, scene };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      pictures: { type: 'string' },
      out: { type: 'string', default: '.cota/data/real/noise.jsonl' },
      seed: { type: 'string', default: '41' },
      wears: { type: 'string', default: '' },
    },
  });
  const wanted = Number(values.pictures);
  const names = values.wears.split(',').filter((name) => name !== '');
  const wears = KINDS.map(([[wear]]) => wear).filter((wear) => names.includes(wear));
  if (!Number.isInteger(wanted) || wanted < 1 || wears.length < names.length) {
    const known = KINDS.map(([[wear]]) => wear).join(',');
    console.error(
      `node workers/data/observe/readings.ts --pictures N [--out FILE] [--seed S] [--wears some of ${known}]`,
    );
    process.exitCode = 2;
    return;
  }
  mkdirSync(dirname(values.out), { recursive: true });
  const started = Date.now();
  const from = readings(values.out).length;
  for (let index = from; index < wanted; index++) {
    appendFileSync(values.out, `${JSON.stringify(await readPicture(Number(values.seed), index, wears))}\n`);
    if ((index + 1) % 50 === 0)
      console.log(`${index + 1}/${wanted}, ${((Date.now() - started) / 1000 / (index + 1 - from)).toFixed(2)} s each`);
  }
}

if (import.meta.main) await main();
