/**
 * What a reader really does to scenes, counted: the noise model's rates are set by this table.
 * `node workers/data/observe/measure.ts .cota/data/real/noise.jsonl` prints the rates of real readings, by wear, beside
 * those that the noise model gives at each level on the same scenes.
 */
import type { Scene } from '../scene/scene.ts';
import type { Observed, Span } from './observed.ts';

export interface Rates {
  /** Per letter or digit that was found: read as another character, or lost. */
  letters: number;
  digits: number;
  /** Per space inside a cell: lost, or read as a gap between cells. */
  spacesLost: number;
  torn: number;
  /** Per decimal mark: lost or replaced. */
  decimals: number;
  /** Per currency sign: lost or replaced. */
  currency: number;
  /** Per gap between cells of a row: read as a space or nothing. */
  gapsLost: number;
  /** Per row of several cells: its cells were read as rows of their own. */
  rowsSplit: number;
  /** Per cell: not found at all. */
  cellsMissed: number;
  /** Per mark that stands in no number: replaced or lost. */
  marks: number;
  /** Per dollar sign, and per other currency sign: replaced or lost. */
  dollars: number;
  signs: number;
  /** Per decimal mark: gone; there with a blank beside it. Replaced ones are what is left of `decimals`. */
  decimalsLost: number;
  decimalsApart: number;
  /** Per row that was read: nothing of the scene. */
  junkRows: number;
  /** Per letter, digit and other mark: lost. Replaced ones are what is left of `letters`, `digits` and `marks`. */
  lettersLost: number;
  digitsLost: number;
  marksLost: number;
  /** Per row that was read and is of the scene: a cell in it that is nothing of the scene. */
  strayCells: number;
}

const NAMES = [
  'letters',
  'digits',
  'spacesLost',
  'torn',
  'decimals',
  'currency',
  'gapsLost',
  'rowsSplit',
  'cellsMissed',
  'marks',
  'dollars',
  'signs',
  'decimalsLost',
  'decimalsApart',
  'junkRows',
  'lettersLost',
  'digitsLost',
  'marksLost',
  'strayCells',
] as const satisfies readonly (keyof Rates)[];

/** How often each thing went wrong, of how often it could have. */
export type Tally = Record<keyof Rates, { bad: number; all: number }>;

const empty = (): Tally => Object.fromEntries(NAMES.map((name) => [name, { bad: 0, all: 0 }])) as Tally;

/** Pairs each character of `wanted` with the one read for it (undefined where it was lost), by least edits. */
function pairs(wanted: string, read: string): (string | undefined)[] {
  const cost: number[][] = [Array.from({ length: read.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= wanted.length; i++) {
    const row = [i];
    for (let j = 1; j <= read.length; j++) {
      const swap = (cost[i - 1]?.[j - 1] ?? 0) + (wanted[i - 1] === read[j - 1] ? 0 : 1);
      row.push(Math.min(swap, (cost[i - 1]?.[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    cost.push(row);
  }
  const out: (string | undefined)[] = new Array(wanted.length).fill(undefined);
  for (let i = wanted.length, j = read.length; i > 0; ) {
    const here = cost[i]?.[j] ?? 0;
    if (j > 0 && here === (cost[i - 1]?.[j - 1] ?? 0) + (wanted[i - 1] === read[j - 1] ? 0 : 1)) {
      out[i - 1] = read[j - 1];
      i--;
      j--;
    } else if (here === (cost[i - 1]?.[j] ?? 0) + 1) i--;
    else j--;
  }
  return out;
}

/** Is there a cell in a row that none of the scene's cells was found in? */
function stray(row: string, spans: readonly Span[]): boolean {
  let at = 0;
  return row.split('\t').some((cell) => {
    const [start, end] = [at, at + cell.length];
    at = end + 1;
    return /[\p{L}\p{N}]/u.test(cell) && !spans.some((span) => span.start < end && span.end > start);
  });
}

/** Adds one reading of a scene to a tally. */
function count(tally: Tally, scene: Scene, read: Observed): void {
  const add = (name: keyof Rates, bad: boolean): void => {
    tally[name].all++;
    if (bad) tally[name].bad++;
  };
  /** A mark that is there with a blank beside it was set apart: the blank is in what was read, and not in the scene. */
  const decimal = (char: string, matched: readonly (string | undefined)[], i: number, got: string): void => {
    const seen = matched[i];
    const apart = seen === char && new RegExp(`\\d(?: \\${char}|\\${char} )\\s*\\d`).test(got);
    add('decimals', seen !== char || apart);
    add('decimalsApart', apart);
    add('decimalsLost', seen === undefined || seen === ' ');
  };
  const used = new Map<number, Span[]>();
  scene.rows.forEach((row, r) => {
    const spans = row.cells.map((_, cell) => read.at({ row: r, cell }));
    row.cells.forEach((cell, c) => {
      const span = spans[c];
      add('cellsMissed', span === undefined);
      if (!span) return;
      used.set(span.row, [...(used.get(span.row) ?? []), span]);
      const got = (read.rows[span.row] as string).slice(span.start, span.end);
      const text = cell.replace(/[\s._-]{3,}$/, '');
      const matched = pairs(text.toLowerCase(), got.toLowerCase());
      [...text].forEach((char, i) => {
        const seen = matched[i];
        if (char === ' ') {
          add('spacesLost', seen !== ' ' && seen !== '\t');
          add('torn', seen === '\t');
        } else if (/[.,]/.test(char) && /\d/.test(text[i - 1] ?? '') && /\d/.test(text[i + 1] ?? ''))
          decimal(char, matched, i, got);
        else if (/[$€£₹]/.test(char)) {
          add('currency', seen !== char);
          add(char === '$' ? 'dollars' : 'signs', seen !== char);
        } else {
          const what = /\d/.test(char) ? 'digits' : /[a-z]/i.test(char) ? 'letters' : 'marks';
          add(what, seen !== char.toLowerCase());
          add(`${what}Lost`, seen === undefined);
        }
      });
      const before = spans[c - 1];
      if (before && !row.glued?.includes(c - 1)) {
        if (before.row === span.row)
          add('gapsLost', !(read.rows[span.row] as string).slice(before.end, span.start).includes('\t'));
        add('rowsSplit', before.row !== span.row);
      }
    });
  });
  // Ruled lines are drawn as dashes as often as not, and no row of the scene says so.
  read.rows.forEach((row, i) => {
    if (!/^[\s\-–—_=.]*$/.test(row)) add('junkRows', !used.has(i));
    if (used.has(i)) add('strayCells', stray(row, used.get(i) ?? []));
  });
}

/** Counts over some readings. */
export function tallyOf(readings: Iterable<{ scene: Scene; read: Observed }>): Tally {
  const tally = empty();
  for (const { scene, read } of readings) count(tally, scene, read);
  return tally;
}

/** The rates of some readings. */
export function measure(readings: Iterable<{ scene: Scene; read: Observed }>): Rates {
  const tally = tallyOf(readings);
  return Object.fromEntries(
    Object.entries(tally).map(([name, { bad, all }]) => [name, all === 0 ? 0 : bad / all]),
  ) as unknown as Rates;
}

async function main(): Promise<void> {
  // Loaded only here: the library part of this file needs neither pictures nor readings.
  const [{ readings }, { align }, { NOISE, readWithNoise }, { random }] = await Promise.all([
    import('./readings.ts'),
    import('./align.ts'),
    import('./noise.ts'),
    import('../random.ts'),
  ]);
  const real = readings(process.argv[2] ?? '.cota/data/real/noise.jsonl');
  const show = (name: string, rates: Rates): void =>
    console.log(
      `${name.padEnd(16)}${Object.values(rates)
        .map((v) => `${(100 * v).toFixed(2)}`.padStart(12))
        .join('')}`,
    );
  console.log(
    `${'per cent'.padEnd(16)}${Object.keys(empty())
      .map((n) => n.padStart(12))
      .join('')}`,
  );
  for (const [wear, list] of Map.groupBy(real, (r) => r.wear))
    show(`real ${wear} ${list.length}`, measure(list.map((r) => ({ scene: r.scene, read: align(r.scene, r.rows) }))));
  show(`real all ${real.length}`, measure(real.map((r) => ({ scene: r.scene, read: align(r.scene, r.rows) }))));
  for (const level of ['light', 'medium', 'heavy'] as const) {
    const noisy = real.map((r) => ({
      scene: r.scene,
      read: align(r.scene, readWithNoise(random(r.index, level), r.scene, NOISE[level]).rows),
    }));
    show(`noise ${level}`, measure(noisy));
  }
}

if (import.meta.main) await main();
