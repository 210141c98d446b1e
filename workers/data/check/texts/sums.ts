/** Arithmetic that stands in the question, and equations that stand on a page. */

import { calculated } from '../arithmetic.ts';
import type { Derived } from '../contract.ts';
import { once } from '../remember.ts';
import { rounded, tidy } from './amounts.ts';
import { ordinalIn, say, UNPARSED } from './answer.ts';
import type { Page } from './page.ts';
import { lexicon, plainly, tokensOf } from './wording.ts';

const AROUND = lexicon(
  `what is how much calculate compute work out evaluate please solve tell me that give find the result value answer of can you could
  does do make equal equals come to what's it percent per cent times plus minus divided by sum and`.split(/\s+/),
);

const inSigns = (text: string): string =>
  text
    .replace(/\bdivided by\b|÷/g, '/')
    .replace(/\b(?:times|multiplied by)\b|×/g, '*')
    .replace(/\bplus\b/g, '+')
    .replace(/\bminus\b|−/g, '-')
    .replace(/(?<=[\d)])\s*x\s*(?=[\d(])/g, '*');

const exactly = (value: number | undefined): Derived =>
  value === undefined || !Number.isFinite(value) ? UNPARSED : say(tidy(value), rounded(value));

/** A sum that the question states in figures: nothing has to be read for it. */
export function derivePlain(question: string): Derived {
  const text = inSigns(plainly(question, AROUND, () => false)).replace(/[=?.,\s]+$/, '');
  const part = /^(.*?)(\d+(?:\.\d+)?) ?(?:%|per ?cent) of (\d+(?:\.\d+)?)(.*)$/.exec(text);
  if (part) {
    const words = `${part[1]} ${part[4]}`.split(/[\s:=]+/).filter((word) => word !== '');
    return words.every((word) => AROUND.has(word)) ? exactly((Number(part[2]) * Number(part[3])) / 100) : UNPARSED;
  }
  const found = /[(\d][\d.+\-*/() ]*[-+*/][\d.+\-*/() ]*[\d)]/.exec(text);
  if (!found) return UNPARSED;
  const words = `${text.slice(0, found.index)} ${text.slice(found.index + found[0].length)}`
    .split(/[\s:=,]+/)
    .filter((word) => word !== '');
  if (!words.every((word) => AROUND.has(word))) return UNPARSED;
  return exactly(calculated(found[0]));
}

interface Equation {
  readonly value: number;
  readonly unknown?: string;
}

/** One side with the unknown at some value. */
const side = (text: string, letter: string | undefined, at: number): number | undefined => {
  const put =
    letter === undefined
      ? text
      : text.replace(new RegExp(`(\\d)${letter}`, 'g'), `$1*(${at})`).replaceAll(letter, `(${at})`);
  return calculated(put);
};

/** What an equation or a sum comes to; undefined where the text is none that can be read. */
export function equationOf(printed: string): Equation | undefined {
  if (/\d\s+\d|^\d{1,2}:\d\d$/.test(printed)) return undefined;
  const bare = printed
    .toLowerCase()
    .replace(/^\d{1,2}\)\s*/, '')
    .replace(/\s+/g, '')
    .replace(/[×*]/g, '*')
    .replace(/[÷:]/g, '/')
    .replace(/(?<=[\d)])x(?=[\d(])/g, '*')
    .replace(/[–−]/g, '-')
    .replace(/(?:\?|_+|\.{2,})$/, '');
  const [left = '', right, ...more] = bare.split('=');
  if (more.length > 0 || !/^[\da-z.+\-*/()]+$/.test(left) || /\d\.(?!\d)/.test(left)) return undefined;
  const letters = new Set(left.match(/[a-z]/g) ?? []);
  if (letters.size > 1 || /[a-z]{2}|[a-z]\d/.test(left)) return undefined;
  const [letter] = letters;
  if (right === undefined || right === '') {
    if (letter !== undefined || !/[\d)][-+*/][\d(]/.test(left)) return undefined;
    const value = calculated(left);
    return value === undefined ? undefined : { value };
  }
  if (letter === undefined || !/^-?\d+(?:\.\d+)?$/.test(right)) return undefined;
  const [none, one] = [side(left, letter, 0), side(left, letter, 1)];
  if (none === undefined || one === undefined || one === none) return undefined;
  return { value: (Number(right) - none) / (one - none), unknown: letter };
}

/**
 * Whether a sum was printed with a gap among its terms, or with nothing that its unknown is to come to: it is there, and
 * there is no working it out.
 */
function isGapped(printed: string): boolean {
  const bare = printed
    .toLowerCase()
    .replace(/^\d{1,2}\)\s*/, '')
    .replace(/\s+/g, '');
  if (/^[\d.]*[a-z](?:[-+]\d+)?=[?_]+$/.test(bare)) return true;
  const [left = '', right = '', ...more] = bare.split('=');
  if (more.length > 0 || !/^[?_]*$/.test(right) || !/^[\dx×*÷:/+()?_–−-]+$/.test(left)) return false;
  return /[-+*/x×÷:(–−](?:\?+|_+)|(?:\?+|_+)[-+*/x×÷:)–−]/.test(left);
}

/** Whether a text looks like a sum at all, read well or badly. */
const sumLike = (text: string): boolean => /[=+×÷*_?]|\d\s*[-/x:]\s*[\d(]/.test(text) && /\d/.test(text);

/** Neighbouring cells that are one sum in pieces are put together; undefined where it cannot be told which are. */
function lineOf(cells: readonly string[], columns: number): (Equation | undefined)[] | undefined {
  const marked = cells
    .filter((cell) => !/^\d{1,2}[)J\]}]$/.test(cell) && /[\d=?_]/.test(cell))
    // Two sums that were read as one: the first ends with its mark.
    .flatMap((cell) => cell.split(/(?<=[=\s][?_]+)\s*(?=[\d(])/));
  const whole = marked.map(equationOf);
  if (whole.every((one) => one !== undefined)) return whole;
  const ways: (Equation | undefined)[][] = [];
  const go = (at: number, sofar: Equation[]): void => {
    if (at === marked.length) {
      ways.push(sofar);
      return;
    }
    for (let to = at + 1; to <= marked.length; to++) {
      const made = equationOf(marked.slice(at, to).join(' '));
      if (made) go(to, [...sofar, made]);
    }
  };
  if (marked.length <= 6) go(0, []);
  const fitting = ways.length > 1 ? ways.filter((way) => way.length === columns) : ways;
  if (fitting.length === 1) return fitting[0];
  return marked.length === columns ? whole : undefined;
}

/** Sums of a page. */
export interface Sums {
  /** Rows of sums; undefined for one that cannot be read. */
  readonly grid: readonly (readonly (Equation | undefined)[])[];
  /** How many there are that have a gap. */
  readonly gapped: number;
}

export const sumsOf = once(({ lines }: Page): Sums => {
  const rows = lines.filter(({ cells, text }) => sumLike(text) && cells.some((cell) => !/^\p{L}{3}/u.test(cell)));
  const counts = rows.map(({ cells }) => cells.filter((cell) => sumLike(cell)).length);
  const columns =
    counts.toSorted((a, b) => counts.filter((n) => n === b).length - counts.filter((n) => n === a).length)[0] ?? 0;
  const grid = rows.map(({ cells }) => lineOf(cells, columns) ?? [undefined]);
  return { grid, gapped: rows.flatMap(({ cells }) => cells.filter(isGapped)).length };
});

const WORDS = lexicon(
  `what is the result value solution solve calculate compute work out evaluate it this sum equation expression exercise does equal come
  to make give tell me find answer how much that number goes after equals sign belongs in gap missing here for determine have must
  stands which top upper bottom lower left right middle first second third fourth fifth sixth seventh eighth last one problem on at side
  what's of please comes outcome a by x y n z letter unknown`.split(/\s+/),
);
const CUES =
  /\b(?:equation|sum|expression|exercise|problem|solve|solution|result|answer|value|calculate|compute|evaluate|equals?|gap|missing|work out|come to|comes out|outcome|make)\b/;

export function deriveSums(question: string, page: Page): Derived {
  const { grid, gapped } = sumsOf(page);
  const all = grid.flat();
  if (all.length === 0 || (gapped === 0 && all.every((one) => one === undefined))) return UNPARSED;
  const tokens = tokensOf(question, WORDS, () => false).filter(({ key }) => key !== '');
  const text = tokens.map(({ text }) => text).join(' ');
  if (!tokens.every(({ text }) => WORDS.has(text) || /^[a-z=]$|^\d(?:st|nd|rd|th)$/.test(text))) return UNPARSED;
  const value = (one: Equation | undefined): Derived => (one ? exactly(one.value) : 'unknown');
  const letter =
    /^(?:.*\b(?:for|find|compute|calculate|determine|out|is|does|must|what's|of|me|number)\b )?([a-z])(?: (?:here|in|have|is|stands|what).*| =.*)?$/.exec(
      text,
    )?.[1];
  if (letter !== undefined) {
    const own = all.filter((one) => one?.unknown === letter);
    if (own.length === 1) return value(own[0]);
    // Its row may have another sum that cannot be read.
    const cells = page.lines.flatMap((line) => line.cells.map(equationOf)).filter((one) => one?.unknown === letter);
    return own.length === 0 && cells.length === 1 ? value(cells[0]) : 'unknown';
  }
  const lines = grid.length;
  const columns = Math.max(...grid.map((row) => row.length));
  const rank = tokens.map(({ text }) => ordinalIn(text)).find((n) => n !== undefined);
  const across = /\bleft\b/.test(text)
    ? 0
    : /\bright\b/.test(text)
      ? columns - 1
      : /\bmiddle\b/.test(text) && columns === 3
        ? 1
        : undefined;
  const down = /\b(?:top|upper)\b/.test(text) ? 0 : /\b(?:bottom|lower)\b/.test(text) ? lines - 1 : undefined;
  const ranked = (length: number): number | undefined =>
    rank === undefined ? undefined : rank === -1 ? length - 1 : rank - 1;
  if (rank === undefined && across === undefined && down === undefined) {
    if (!CUES.test(text) && !/^how much is (?:it|this|that)$|^what (?:is|does) (?:it|this)/.test(text)) return UNPARSED;
    return all.length === 1 ? value(all[0]) : 'unknown';
  }
  if (!CUES.test(text) && !/\bone\b/.test(text)) return UNPARSED;
  if (columns > 1 && across === undefined && lines > 1) return 'unknown';
  const row = down ?? (lines === 1 ? 0 : ranked(lines));
  const column = across ?? (columns === 1 ? 0 : lines === 1 ? ranked(columns) : undefined);
  if (lines === 1 && columns === 1 && rank !== undefined && rank > 1) return 'unknown';
  if (row === undefined || column === undefined || row >= lines || column >= columns) return 'unknown';
  // On a row with fewer than the others it cannot be told which is missing.
  return grid[row]?.length === columns ? value(grid[row]?.[column]) : 'unknown';
}
