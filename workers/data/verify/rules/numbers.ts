/** Numbers as people write them: 1,234.5 · 14,8 · $3.65 · 25% · 1/2 · three · 2.5 million · -7. */
import { momentSpans } from './moments.ts';
import { inOneUnit, type Unit, unitOf } from './units.ts';

export interface Quantity {
  readonly value: number;
  readonly unit?: Unit;
  /** Digits after the decimal mark, as written. */
  readonly decimals: number;
  /** Characters of the text that it is. */
  readonly start: number;
  readonly end: number;
}

const SIGN = '[-−–+]';
const MONEY = '(?:(?:US|A|C|S|HK)?\\$|[€£¥₹₩]|(?:USD|EUR|GBP|MYR|RM|INR|Rs\\.?|CHF|CAD|AUD|SGD|JPY|CNY)(?![A-Za-z]))';
const DIGITS = "(?:\\d+(?:[.,'’]\\d+)*(?:[\\u00a0\\u202f]\\d{3}(?!\\d))*|\\.\\d+)";
const NUMBER = new RegExp(`(?<![\\p{L}\\d.,:/])(${SIGN})?\\s?(${MONEY})?\\s?(${SIGN})?(${DIGITS})`, 'giu');

const SCALES: Readonly<Record<string, number>> = {
  ...{ hundred: 100, thousand: 1e3, million: 1e6, billion: 1e9, trillion: 1e12, dozen: 12, mn: 1e6, bn: 1e9 },
  ...{ k: 1e3, K: 1e3, M: 1e6, B: 1e9 },
};
const SCALE = /^(?:\s?(hundred|thousand|million|billion|trillion|dozen|mn|bn)s?\b|([kKMB])(?![\p{L}\d]))/iu;
const POWER = /^(?:e([+-]?\d{1,3})\b|\s?[×x*·]\s?10\s?\^?\s?\(?([-−]?\d{1,3})\)?)/i;
const FRACTION = /^\s?[/⁄]\s?(\d+)(?![\d/⁄])/;
const UNIT = /^\s?(per cent|km\/h|m\/s|°\s?[cf]\b|[%°€£¥₹₩¢$]|[\p{L}]{1,12}[²³]?\.?)/iu;
const VULGAR: Readonly<Record<string, string>> = { '½': '1/2', '⅓': '1/3', '⅔': '2/3', '¼': '1/4', '¾': '3/4' };

/** @returns the number that these digits and marks are, and how many decimals it shows; undefined where they are none */
export function readDigits(body: string): { readonly value: number; readonly decimals: number } | undefined {
  const bare = body.replace(/[\u00a0\u202f'’]/g, '');
  const plainly = (whole: string, part = '') => ({
    value: Number(`${whole || '0'}.${part || '0'}`),
    decimals: part.length,
  });
  let match = /^(\d*)(?:\.(\d+))?$/.exec(bare);
  if (match) return plainly(match[1] ?? '', match[2]);
  match = /^(\d{1,3}(?:,\d{3})+)(?:\.(\d+))?$/.exec(bare) ?? /^(\d{1,2}(?:,\d{2})+,\d{3})(?:\.(\d+))?$/.exec(bare);
  if (match) return plainly((match[1] ?? '').replaceAll(',', ''), match[2]);
  match = /^(\d{1,3}(?:\.\d{3})+),(\d+)$/.exec(bare) ?? /^(\d{1,3}(?:\.\d{3}){2,})$/.exec(bare);
  if (match) return plainly((match[1] ?? '').replaceAll('.', ''), match[2]);
  match = /^(\d+),(\d+)$/.exec(bare);
  if (match) return plainly(match[1] ?? '', match[2]);
  return undefined;
}

/** Without spaces within a number, and with ½ as 1/2: the text that the places of quantities are of. */
export function withJoinedNumbers(raw: string): string {
  // A space is read as within a number only where there is no other number.
  const joined = /^\D*\d{1,3}(?: \d{3})+(?:[.,]\d+)?\D*$/.test(raw) ? raw.replace(/(?<=\d) (?=\d{3})/g, '') : raw;
  return joined.replace(/(\d?)\s?([½⅓⅔¼¾])/g, (_, whole: string, sign: string) =>
    whole === '' ? (VULGAR[sign] ?? '') : `${whole} ${VULGAR[sign] ?? ''}`,
  );
}

/** All numbers of a text in their order; dates and times are none. */
export function quantitiesIn(raw: string): Quantity[] {
  const text = withJoinedNumbers(raw);
  const spans = momentSpans(text);
  const inMoment = (at: number): boolean => spans.some(({ start, end }) => at >= start && at < end);
  const found: Quantity[] = [];
  for (const match of text.matchAll(NUMBER)) {
    const digitsAt = match.index + match[0].length - (match[4] ?? '').length;
    if (inMoment(digitsAt) || digitsAt < (found.at(-1)?.end ?? 0)) continue;
    found.push(...quantitiesOf(text, match, digitsAt));
  }
  const taken = [...found.map(({ start, end }) => ({ start, end })), ...spans];
  for (const word of wordNumbers(text)) {
    if (!taken.some(({ start, end }) => word.start < end && word.end > start)) found.push(word);
  }
  return found.sort((a, b) => a.start - b.start);
}

function quantitiesOf(text: string, match: RegExpMatchArray, digitsAt: number): Quantity[] {
  const [, sign1, money, sign2, body = ''] = match;
  const start = match.index ?? 0;
  const read = readDigits(body);
  if (!read) {
    // `1,2,3`: a list without spaces; `1.2.3`: no number.
    if (!/^\d+(?:,\d+)+$/.test(body)) return [];
    let at = digitsAt;
    return body.split(',').map((piece) => {
      const one = { value: Number(piece), decimals: 0, start: at, end: at + piece.length };
      at += piece.length + 1;
      return one;
    });
  }
  let { value } = read;
  let end = digitsAt + body.length;
  let { decimals } = read;
  const follow = (pattern: RegExp): RegExpExecArray | null => {
    const next = pattern.exec(text.slice(end, end + 24));
    if (next) end += next[0].length;
    return next;
  };
  const mixed = /^\s(\d+)\s?[/⁄]\s?(\d+)(?![\d/⁄])/.exec(text.slice(end, end + 12));
  if (mixed && decimals === 0 && Number(mixed[1]) < Number(mixed[2])) {
    value += Number(mixed[1]) / Number(mixed[2]);
    end += mixed[0].length;
    decimals = Infinity;
  } else {
    const fraction = decimals === 0 ? follow(FRACTION) : null;
    if (fraction && Number(fraction[1]) !== 0) {
      value /= Number(fraction[1]);
      decimals = Infinity;
    }
  }
  const power = follow(POWER);
  if (power) value *= 10 ** Number((power[1] ?? power[2] ?? '0').replace('−', '-'));
  const scale = follow(SCALE);
  if (scale) value *= SCALES[scale[2] ?? (scale[1] ?? '').toLowerCase()] ?? 1;
  if (power || scale) decimals = Infinity;
  const minus = [sign1, sign2].some((sign) => sign !== undefined && sign !== '+');
  const named = UNIT.exec(text.slice(end, end + 24));
  const after = named && unitOf((named[1] ?? '').replace(/\s/g, ''));
  if (named && after) end += named[0].length;
  const unit = money === undefined ? after : (unitOf(money.replace(/^(?:US|A|C|S|HK)\$/i, '$')) ?? after);
  return [{ value: minus ? -value : value, decimals, start, end, ...(unit ? { unit } : {}) }];
}

const ONES = [
  ...['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve'],
  ...['thirteen', 'fourteen', 'fifteen', 'sixteen', 'seventeen', 'eighteen', 'nineteen'],
];
const TENS = ['twenty', 'thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety'];
const WORDS = new Map<string, number>([
  ...ONES.map((word, value) => [word, value] as const),
  ...TENS.map((word, at) => [word, (at + 2) * 10] as const),
]);
const MULTIPLES = new Map([
  ['hundred', 100],
  ['thousand', 1e3],
  ['million', 1e6],
]);
const ALL = [...WORDS.keys(), ...MULTIPLES.keys()].join('|');
const IN_WORDS = new RegExp(
  `\\b(?:(?:a|one) half|half a dozen|(?:a |one )?dozen|half|(?:minus |a )?(?:${ALL})(?:(?:[\\s-]+and)?[\\s-]+(?:${ALL}))*)\\b`,
  'gi',
);
/** `one` is not always a number. */
const PRONOUN = /\b(?:the|this|that|which|no|any|each|every|another|other)\s+(?:\w+\s+)?$/i;

function wordNumbers(text: string): Quantity[] {
  const found: Quantity[] = [];
  for (const match of text.matchAll(IN_WORDS)) {
    const words = match[0].toLowerCase().split(/[\s-]+/);
    if (match[0].toLowerCase() === 'one' && PRONOUN.test(text.slice(0, match.index))) continue;
    const value = valueOfWords(words);
    if (value === undefined) continue;
    let end = match.index + match[0].length;
    const named = /^\s?(%|[\p{L}]{1,12})/u.exec(text.slice(end, end + 16));
    const unit = named && named[1] !== undefined && named[1].length > 2 ? unitOf(named[1]) : undefined;
    if (named && unit) end += named[0].length;
    found.push({
      value,
      decimals: Number.isInteger(value) ? 0 : Infinity,
      start: match.index,
      end,
      ...(unit ? { unit } : {}),
    });
  }
  return found;
}

function valueOfWords(words: readonly string[]): number | undefined {
  const said = words.join(' ');
  if (/^(?:(?:a|one) )?half$/.test(said)) return 0.5;
  if (said === 'half a dozen') return 6;
  if (/^(?:(?:a|one) )?dozen$/.test(said)) return 12;
  let total = 0;
  let part = 0;
  let any = false;
  for (const word of words) {
    const one = WORDS.get(word);
    const times = MULTIPLES.get(word);
    if (one !== undefined) part += one;
    else if (times === 100) part = Math.max(1, part) * 100;
    else if (times !== undefined) {
      total += Math.max(1, part) * times;
      part = 0;
    }
    any ||= one !== undefined || times !== undefined;
  }
  if (!any) return undefined;
  return (words[0] === 'minus' ? -1 : 1) * (total + part);
}

/** The whole text is one number, perhaps with a unit or a noun behind it: `3 dogs`, `x = 5`, `about $4`. */
export function onlyQuantity(raw: string): Quantity | undefined {
  const text = withJoinedNumbers(raw);
  const found = quantitiesIn(text);
  const [one] = found;
  if (!one || found.length > 1) return undefined;
  const before = text.slice(0, one.start).trim();
  const after = text
    .slice(one.end)
    .replace(/[.!?]+$/, '')
    .trim();
  const bare = /^(?:[a-z]\s?=|=|about|around|approximately|approx\.?|roughly|~|≈|exactly|-)?$/i.test(before);
  return bare && after === '' ? one : undefined;
}

/**
 * @param tolerance relative to the truth
 * @returns `other unit` where the two cannot be compared, `nearly` where they are equal once rounded as the truth is
 */
export function compareQuantities(
  truth: Quantity,
  said: Quantity,
  tolerance: number,
): 'equal' | 'nearly' | 'different' | 'other unit' {
  const both = truth.unit !== undefined && said.unit !== undefined;
  const factors = truth.unit && said.unit ? inOneUnit(truth.unit, said.unit) : ([1, 1] as const);
  if (!factors) return 'other unit';
  const [a, b] = [truth.value * factors[0], said.value * factors[1]];
  if (near(a, b, tolerance)) return 'equal';
  if (!both) {
    // A quarter, as 25% and as 0.25.
    const oneIsShare = truth.unit?.kind === 'percent' || said.unit?.kind === 'percent';
    const shares = [truth, said].map(({ value, unit }) => (unit?.kind === 'percent' ? value / 100 : value));
    if (oneIsShare && near(shares[0] ?? 0, shares[1] ?? 1, tolerance)) return 'equal';
  }
  if (Number.isFinite(truth.decimals) && said.decimals > truth.decimals) {
    if (Math.abs(a - b) <= 0.5 * 10 ** -truth.decimals) return 'nearly';
  }
  return 'different';
}

const near = (a: number, b: number, tolerance: number): boolean =>
  Math.abs(a - b) <= Math.max(Math.abs(a) * tolerance, Math.max(Math.abs(a), Math.abs(b)) * 1e-9);
