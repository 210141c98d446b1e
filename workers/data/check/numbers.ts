/** Numbers in texts, and which numbers a chain may state. */

import { NUMBER_WORDS } from '../../../shared/data/number-words.ts';
import { calculated } from './arithmetic.ts';
import { centre, isBox } from './boxes.ts';

export interface Said {
  readonly value: number;
  /** Digits after the mark. */
  readonly places: number;
  readonly text: string;
  readonly at: number;
}

/** `1,234.50`, `1.234,50`, `12,5`, `12.50`; a hyphen in front belongs to the sentence or to a name. */
const TOKEN = /\d+(?:[.,]\d+)*/g;

function read(token: string): { value: number; places: number } {
  if (!token.includes('.') && !token.includes(',')) return { value: Number(token), places: 0 };
  const marks = token.match(/[.,]/g) ?? [];
  const last = Math.max(token.lastIndexOf('.'), token.lastIndexOf(','));
  const tail = last < 0 ? '' : token.slice(last + 1);
  const thousands =
    marks.length > 0 &&
    marks.every((mark) => mark === marks[0]) &&
    /^[1-9]\d{0,2}(?:[.,]\d{3})+$/.test(token) &&
    (marks[0] === ',' || marks.length > 1);
  if (last < 0 || thousands) return { value: Number(token.replace(/[.,]/g, '')), places: 0 };
  return { value: Number(`${token.slice(0, last).replace(/[.,]/g, '')}.${tail}`), places: tail.length };
}

export function numbersSaid(text: string): Said[] {
  const found: Said[] = [];
  for (const match of text.matchAll(TOKEN)) found.push({ ...read(match[0]), text: match[0], at: match.index });
  return found;
}

/** With letters that are taken for digits read as digits, and no blanks around marks. */
const mended = (text: string): string =>
  text
    .replace(/(?<=[\d.,])[oO]|[oO](?=[.,]?\d)/g, '0')
    .replace(/(?<=[\d.,])[lI|]|(?<![A-Za-z])[lI|](?=[.,]?\d)/g, '1')
    .replace(/(\d)\s*([.,])\s*(?=\d)/g, '$1$2');

const TIMES: Readonly<Record<string, number>> = {
  once: 1,
  twice: 2,
  double: 2,
  half: 2,
  pair: 2,
  couple: 2,
  dozen: 12,
  third: 3,
  quarter: 4,
  triple: 3,
  fifth: 5,
};

/** Numbers that stand somewhere: in an observation, in the question. Asked whether a number may come from them. */
export class Sources {
  readonly #values = new Set<number>();
  /** Depths and likenesses. */
  readonly #measures = new Set<number>();
  readonly #raw: string[] = [];
  #digits: string | undefined;
  /** Results that no question has been asked about yet: most thoughts state no number. */
  readonly #unread: unknown[] = [];

  /** Words like `two` count only where people wrote the text. */
  add(text: string, { words = false } = {}): void {
    if (/\d/.test(text)) for (const { value } of numbersSaid(text)) this.#values.add(value);
    if (words) {
      for (const [word] of text.toLowerCase().matchAll(/[a-z]+/g)) {
        const value = NUMBER_WORDS.indexOf(word);
        if (value >= 0) this.#values.add(value);
        else if (Object.hasOwn(TIMES, word)) this.#values.add(TIMES[word]!);
      }
    }
    this.#raw.push(text);
    this.#digits = undefined;
  }

  /** All numbers of a result, those in its texts, and the centres of its boxes. */
  addResult(value: unknown): void {
    this.#unread.push(value);
  }

  #readAll(): void {
    for (const value of this.#unread) this.#read(value);
    this.#unread.length = 0;
  }

  #read(value: unknown): void {
    if (typeof value === 'number') this.#values.add(value);
    else if (typeof value === 'string') this.add(value);
    else if (Array.isArray(value)) for (const one of value) this.#read(one);
    else if (typeof value === 'object' && value !== null) {
      const object = value as Record<string, unknown>;
      for (const key in object) {
        const one = object[key];
        if (key === 'bbox') {
          if (!isBox(one)) continue;
          for (const side of one) this.#values.add(side);
          for (const middle of centre(one)) this.#values.add(middle);
        } else if (key === 'depth' || key === 'similarity') {
          for (const measure of Array.isArray(one) ? one : [one]) {
            if (typeof measure !== 'number') continue;
            this.#values.add(measure);
            this.#measures.add(measure);
          }
        } else this.#read(one);
      }
    }
  }

  addValue(value: number): void {
    this.#values.add(value);
  }

  has(value: number): boolean {
    this.#readAll();
    return this.#values.has(value);
  }

  /** Stands there, rounded to as many places as it is said with, or as a percentage. */
  near({ value, places }: Pick<Said, 'value' | 'places'>): boolean {
    this.#readAll();
    if (this.#values.has(value)) return true;
    const step = 0.5 * 10 ** -places + 1e-9;
    for (const one of this.#values)
      if (Math.abs(one - value) <= step || Math.abs(one * 100 - value) <= step) return true;
    return false;
  }

  /** The same digits stand together, apart from blanks, marks and letters that look like digits. */
  sameDigits(text: string): boolean {
    const digits = text.replace(/\D/g, '');
    if (digits.length < 2) return false;
    this.#readAll();
    this.#digits ??= this.#raw
      .map((raw) => mended(raw).replace(/(?<=\d)[\s.,'’-]+(?=\d)/g, ''))
      .join('\n')
      .replace(/[^\d\n]+/g, ' ');
    return (
      new RegExp(`(?<!\\d)0*${digits}(?!\\d)`).test(this.#digits) ||
      (this.#digits.includes(digits) && digits.length >= 3)
    );
  }

  /** The difference of two depths or of two likenesses that stand there. */
  difference({ value, places }: Pick<Said, 'value' | 'places'>): boolean {
    const step = 0.55 * 10 ** -places + 1e-9;
    const list = [...this.#measures];
    return list.some((a) => list.some((b) => a !== b && Math.abs(Math.abs(a - b) - value) <= step));
  }
}

/** Whether the number at a place of a text is the value of a sum written before it: `3 + 4 = 7`. */
export function endsEquation(text: string, { at, value }: Said): boolean {
  const before = /([\d.,\s()+\-−–*×x·/÷%$€£]+)(?:=|is|gives|makes|equals|comes to)\s*[-−–]?\s*[$€£]?$/.exec(
    text.slice(0, at),
  );
  if (!before) return false;
  const expression = before[1]!
    .replace(/[$€£]/g, '')
    .replace(/[×x·]/g, '*')
    .replace(/÷/g, '/')
    .replace(/[−–]/g, '-')
    .replace(/(\d),(?=\d{3}(?!\d))/g, '$1')
    .replace(/(\d+(?:\.\d+)?)%/g, '($1/100)')
    .trim();
  const result = calculated(expression.replace(/^[-+*/.,\s]+/, ''));
  return result !== undefined && Math.abs(Math.abs(result) - value) < 0.006;
}
