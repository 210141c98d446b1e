/**
 * A reader that errs: rows of a scene as an OCR engine might give them, with the place of every cell. Rates per kind of
 * error are one table, so that they can be fitted to what the real engine does on rendered scenes.
 */
import type { Random } from '../random.ts';
import type { Place, Scene } from '../scene/scene.ts';
import { inventWord, randomCode } from '../words/invent.ts';
import { type Crowds, drawPage } from './crowds.ts';
import { currencyRead, lookAlike } from './look-alikes.ts';
import type { Observed, Span } from './observed.ts';

export interface NoiseRates {
  /** Per character: read as a look-alike. */
  readonly confuse: number;
  /** Per character: lost. */
  readonly drop: number;
  /** Per space: lost. */
  readonly space: number;
  /** Per cell with letters: all spaces lost. */
  readonly allSpaces: number;
  /** Per decimal mark: lost, or read as comma, or with a space after. */
  readonly decimal: number;
  /** Per picture: raised or wide-set decimals, so that half of the marks are lost or set apart. */
  readonly torn: number;
  /** Per currency mark: lost or read as a letter. */
  readonly currency: number;
  /** Per gap between cells: only a space or nothing is seen. */
  readonly gap: number;
  /** Per row of several cells: cells come as rows of their own. */
  readonly split: number;
  /** Per row: missed. */
  readonly miss: number;
  /** Per cell: missed. */
  readonly missCell: number;
  /** Per space: read as a gap between cells. */
  readonly tear: number;
  /** Per picture: gaps between cells are nowhere wide enough to be seen. */
  readonly flat: number;
  /** Per row: something that was scribbled or stamped there is read as a cell more. */
  readonly scribble: number;
  /** Per picture: junk rows. */
  readonly junk: number;
  /** Per digit: misread or lost, where that was measured apart from letters. */
  readonly digit?: number;
  /** Per mark (full stops, brackets, dashes, ...) that stands in no number: misread or lost, likewise. */
  readonly mark?: number;
  /** Per currency sign other than the dollar: not read as itself; nearly all where it is left out. */
  readonly sign?: number;
  /** What becomes of a decimal mark that is not read: lost, set apart by a space, or another mark; shares. */
  readonly decimalKinds?: readonly [lost: number, apart: number, other: number];
  /** Of digits and of marks that are not read as themselves, the share that is not read at all. */
  readonly lostShares?: readonly [digit: number, mark: number];
  /** Per row: a row that is nothing of the scene is read before it. */
  readonly junkRow?: number;
  /** How the rates differ from page to page; without it all pages have the same. */
  readonly crowds?: Crowds;
}

/** How much an engine errs on pictures of one quality. */
export const NOISE: Readonly<Record<'none' | 'light' | 'medium' | 'heavy', NoiseRates>> = {
  none: {
    confuse: 0,
    drop: 0,
    space: 0,
    allSpaces: 0,
    decimal: 0,
    torn: 0,
    currency: 0,
    gap: 0,
    split: 0,
    miss: 0,
    missCell: 0,
    tear: 0,
    flat: 0,
    scribble: 0,
    junk: 0,
  },
  light: {
    confuse: 0.003,
    drop: 0.001,
    space: 0.03,
    allSpaces: 0.03,
    decimal: 0.004,
    torn: 0.02,
    currency: 0.08,
    gap: 0.005,
    split: 0.01,
    miss: 0.003,
    missCell: 0.003,
    tear: 0.015,
    flat: 0.02,
    scribble: 0.001,
    junk: 0.1,
  },
  medium: {
    confuse: 0.01,
    drop: 0.005,
    space: 0.08,
    allSpaces: 0.08,
    decimal: 0.02,
    torn: 0.05,
    currency: 0.12,
    gap: 0.015,
    split: 0.04,
    miss: 0.01,
    missCell: 0.01,
    tear: 0.03,
    flat: 0.05,
    scribble: 0.004,
    junk: 0.25,
  },
  heavy: {
    confuse: 0.025,
    drop: 0.012,
    space: 0.2,
    allSpaces: 0.2,
    decimal: 0.04,
    torn: 0.08,
    currency: 0.2,
    gap: 0.05,
    split: 0.08,
    miss: 0.02,
    missCell: 0.02,
    tear: 0.05,
    flat: 0.1,
    scribble: 0.008,
    junk: 0.4,
  },
};

/** Of digits and marks that are not read as themselves, so many are not read at all, where that was not measured. */
const LOST: readonly [number, number] = [0.4, 0.4];

/** One cell as read. */
function readCell(rng: Random, text: string, rates: NoiseRates, torn: boolean): string {
  const lost = rates.allSpaces > 0 && rng.chance(rates.allSpaces);
  const exact = rates.confuse === 0 && rates.sign === undefined;
  let out = '';
  for (let i = 0; i < text.length; i++) {
    const c = text[i] as string;
    if (c === ' ') {
      if (!lost && !rng.chance(rates.space)) out += rng.chance(rates.tear) ? '\t' : ' ';
      continue;
    }
    const options = currencyRead[c];
    if (options) {
      // A dollar is misread now and then, the others nearly always: the engine does not know them.
      if (c !== '$' && rates.sign !== undefined)
        out += rng.chance(rates.sign) ? rng.weighted(options.filter(([read]) => read !== c)) : c;
      else out += c === '$' && !rng.chance(rates.currency) ? c : exact ? c : rng.weighted(options);
      continue;
    }
    const inNumber = (c === '.' || c === ',') && /\d/.test(text[i - 1] ?? '') && /\d/.test(text[i + 1] ?? '');
    if (inNumber && rng.chance(torn ? 0.5 : rates.decimal)) {
      out += torn
        ? rng.pick([' ', ' ', `${c} `, ` ${c}`])
        : rates.decimalKinds
          ? rng.weighted([
              ['', rates.decimalKinds[0]],
              [`${c} `, rates.decimalKinds[1]],
              [c === '.' ? ',' : '.', rates.decimalKinds[2]],
            ] as const)
          : rng.weighted([
              ['', 2],
              [`${c} `, 3],
              [c === '.' ? ',' : '.', 2],
              [' ', 1],
            ] as const);
      continue;
    }
    // A decimal mark that was not lost above was read.
    const own = /\d/.test(c) ? rates.digit : /[a-z]/i.test(c) ? undefined : rates.mark && inNumber ? 0 : rates.mark;
    const gone = own === undefined ? 0 : ((rates.lostShares ?? LOST)[/\d/.test(c) ? 0 : 1] as number);
    if (rng.chance(own === undefined ? rates.drop : own * gone)) continue;
    const alike = lookAlike[c];
    // Digits are misread more seldom than letters, and more seldom as letters among digits.
    const p = own !== undefined ? own * (1 - gone) : /\d/.test(c) ? rates.confuse * 0.4 : rates.confuse;
    out += alike && rng.chance(p) ? alike[rng.int(0, alike.length - 1)] : c;
  }
  return out.replace(/⁹/g, rng.pick(['', '9', '?', ' 9'])).trim();
}

const junkRow = (rng: Random): string =>
  rng.weighted([
    [() => inventWord(rng), 3],
    [() => randomCode(rng), 2],
    [() => rng.pick(['|', '-', '..', 'I', 'l', '_', 'o', '~', ';']), 3],
    [() => `${inventWord(rng)} ${inventWord(rng)}`, 1],
    [() => String(rng.int(0, 999)), 1],
  ])();

/** Reads a scene with errors at the rates of `mean`. Deterministic for a generator state. */
export function readWithNoise(rng: Random, scene: Scene, mean: NoiseRates): Observed {
  const rates = drawPage(rng, mean);
  const rows: string[] = [];
  const spans = new Map<number, Span>();
  const key = (row: number, cell: number): number => row * 64 + cell;
  const flat = rng.chance(rates.flat);
  const torn = rng.chance(rates.torn);
  const junkCount = rng.chance(rates.junk) ? rng.int(1, 3) : 0;
  const junkAt = new Set(Array.from({ length: junkCount }, () => rng.int(0, scene.rows.length)));
  for (let r = 0; r < scene.rows.length; r++) {
    if (junkAt.has(r) || (rates.junkRow !== undefined && rng.chance(rates.junkRow))) rows.push(junkRow(rng));
    const row = scene.rows[r] as Scene['rows'][number];
    if (row.cells.length === 0) {
      // A ruled line of dashes is sometimes read as text.
      if (rng.chance(0.3)) rows.push('-'.repeat(rng.int(3, 24)));
      continue;
    }
    if (rng.chance(rates.miss)) continue;
    const split = row.cells.length > 1 && rng.chance(rates.split);
    let line = '';
    for (let c = 0; c < row.cells.length; c++) {
      if (rates.missCell > 0 && rng.chance(rates.missCell)) continue;
      const text = readCell(rng, row.cells[c] as string, rates, torn);
      if (text === '') continue;
      if (line !== '') {
        const glued = row.glued?.includes(c - 1) ?? false;
        if (split && !glued) {
          rows.push(line);
          line = '';
        } else if (glued) line += rng.chance(rates.gap * 3) ? '' : rng.chance(0.08) ? '\t' : ' ';
        else line += flat || rng.chance(rates.gap) ? (rng.chance(0.8) ? ' ' : '') : '\t';
      }
      const start = line.length;
      line += text;
      spans.set(key(r, c), { row: rows.length, start, end: line.length });
    }
    if (line !== '' && rng.chance(rates.scribble)) line += `\t${junkRow(rng)}`;
    if (line !== '') rows.push(line);
  }
  if (junkAt.has(scene.rows.length)) rows.push(junkRow(rng));
  return { rows, at: (place: Place) => spans.get(key(place.row, place.cell)) };
}
