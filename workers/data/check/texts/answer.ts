/** What a part of the checker may say of a question; the same as `Derived`, made short. */
import type { Derived } from '../contract.ts';
import type { Amount } from './amounts.ts';
import { tidy } from './amounts.ts';

export const UNPARSED: Derived = { unparsed: 'the question is not understood' };
export const isUnparsed = (it: Derived): boolean => typeof it === 'object' && 'unparsed' in it;

/** One answer in some spellings; unknown where there is none. */
export const say = (...answers: readonly (string | number | undefined)[]): Derived => {
  const known = answers.filter((one) => one !== undefined && one !== '' && !Number.isNaN(one)) as (string | number)[];
  return known.length === 0 ? 'unknown' : { answers: known.map((one) => (typeof one === 'number' ? tidy(one) : one)) };
};

/** An amount as a number and as it is printed with its unit. */
export const sayAmount = (amount: Amount | undefined): Derived =>
  amount === undefined
    ? 'unknown'
    : say(
        amount.value,
        ...(amount.unit === '' ? [] : [`${amount.text}${amount.unit}`, `${amount.text} ${amount.unit}`]),
      );

const NUMBERS: Readonly<Record<string, number>> = {
  one: 1,
  two: 2,
  three: 3,
  four: 4,
  five: 5,
  six: 6,
  seven: 7,
  eight: 8,
  nine: 9,
  ten: 10,
  eleven: 11,
  twelve: 12,
  dozen: 12,
};
const ORDINALS = [
  '',
  'first',
  'second',
  'third',
  'fourth',
  'fifth',
  'sixth',
  'seventh',
  'eighth',
  'ninth',
  'tenth',
  'eleventh',
  'twelfth',
];

/** A whole number in words or digits. */
export const countIn = (word: string): number | undefined =>
  NUMBERS[word] ?? (/^\d{1,4}$/.test(word) ? Number(word) : undefined);

/** `third`, `3rd`, `11th`; -1 for the last. */
export function ordinalIn(word: string): number | undefined {
  if (word === 'last' || word === 'final') return -1;
  const at = ORDINALS.indexOf(word);
  if (at > 0) return at;
  const figures = /^(\d{1,2})(?:st|nd|rd|th)$/.exec(word);
  return figures ? Number(figures[1]) : undefined;
}

const MOST = /\b(?:most expensive|dearest|priciest|costliest|highest|largest|biggest|greatest|top|maximum|most)\b/;
const LEAST = /\b(?:cheapest|least expensive|lowest priced|lowest|smallest|least|minimum|fewest|most affordable)\b/;

/** Whether the greatest or the least is asked for; undefined where neither, or where it is not clear. */
export function extremeIn(text: string): 'max' | 'min' | undefined {
  if (LEAST.test(text)) return MOST.test(text.replace(LEAST, '')) ? undefined : 'min';
  return MOST.test(text) ? 'max' : undefined;
}
