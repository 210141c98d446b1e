/** Dates and times of day in their usual spellings. */

export interface Moment {
  /** `2018-12-25` or `20:13`, `20:13:05`: one for each way to read it (3/4/2018). */
  readonly readings: readonly string[];
  readonly kind: 'date' | 'time';
  readonly start: number;
  readonly end: number;
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const MONTH =
  '(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\\.?';
const DAY = '(\\d{1,2})(?:st|nd|rd|th)?';
const ISO = /(?<!\d)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?![\d])/g;
const NUMERIC = /(?<![\d.])(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})(?![\d])/g;
const DAY_FIRST = new RegExp(`(?<![\\d])${DAY}(?:\\s+of)?[\\s-]+${MONTH}(?:[\\s,-]+(\\d{4}))?(?![\\d])`, 'gi');
const MONTH_FIRST = new RegExp(`\\b${MONTH}\\s+${DAY}(?:,?\\s+(\\d{4}))?(?![\\d])`, 'gi');
const CLOCK = /(?<![\d:])(\d{1,2})[:.h](\d{2})(?::(\d{2}))?\s?(a\.?m\.?|p\.?m\.?)?(?![\d:])/gi;
const HOUR = /(?<![\d:.])(\d{1,2})\s?(a\.?m\.?|p\.?m\.?|o'?clock)(?![\p{L}])/giu;

export function momentsIn(text: string): Moment[] {
  const found: Moment[] = [];
  const add = (match: RegExpMatchArray, kind: Moment['kind'], readings: readonly (string | undefined)[]): void => {
    const start = match.index ?? 0;
    const end = start + match[0].length;
    const good = readings.filter((reading) => reading !== undefined);
    if (good.length > 0 && !found.some((other) => start < other.end && end > other.start))
      found.push({ readings: [...new Set(good)], kind, start, end });
  };
  for (const m of text.matchAll(ISO)) add(m, 'date', [dateOf(m[1], m[2], m[3])]);
  for (const m of text.matchAll(NUMERIC))
    add(m, 'date', [dateOf(yearOf(m[4]), m[3], m[1]), dateOf(yearOf(m[4]), m[1], m[3])]);
  for (const m of text.matchAll(DAY_FIRST)) add(m, 'date', [dateOf(m[3] ?? '0000', monthOf(m[2]), m[1])]);
  for (const m of text.matchAll(MONTH_FIRST)) add(m, 'date', [dateOf(m[3] ?? '0000', monthOf(m[1]), m[2])]);
  for (const m of text.matchAll(CLOCK)) {
    // `4.50` is a price unless something says that it is a time.
    if (m[0].includes('.') && !/[:]/.test(m[0]) && m[4] === undefined) continue;
    add(m, 'time', [timeOf(m[1], m[2], m[3], m[4])]);
  }
  for (const m of text.matchAll(HOUR)) add(m, 'time', [timeOf(m[1], '00', undefined, m[2])]);
  return found.sort((a, b) => a.start - b.start);
}

export const momentSpans = (text: string): readonly { readonly start: number; readonly end: number }[] =>
  momentsIn(text);

const yearOf = (text = ''): string => (text.length === 2 ? `20${text}` : text);
const monthOf = (name = ''): string => String(MONTHS.indexOf(name.slice(0, 3).toLowerCase()) + 1);

function dateOf(year = '', month = '', day = ''): string | undefined {
  const [m, d] = [Number(month), Number(day)];
  if (m < 1 || m > 12 || d < 1 || d > 31) return undefined;
  return `${year}-${String(m).padStart(2, '0')}-${String(d).padStart(2, '0')}`;
}

function timeOf(hour = '', minute = '', second: string | undefined, half: string | undefined): string | undefined {
  const named = half?.toLowerCase().replaceAll('.', '');
  let h = Number(hour);
  if (h > 23 || Number(minute) > 59 || ((named === 'am' || named === 'pm') && (h > 12 || h === 0))) return undefined;
  if (named === 'pm' && h < 12) h += 12;
  if (named === 'am' && h === 12) h = 0;
  return `${String(h).padStart(2, '0')}:${minute}${second === undefined ? '' : `:${second}`}`;
}

/** Two dates of which one names no year are equal by day and month. `ambiguous`: equal in one of several readings of both. */
export function compareMoments(truth: Moment, said: Moment): 'equal' | 'different' | 'ambiguous' {
  const equal = (a: string, b: string): boolean =>
    truth.kind === 'time'
      ? a.slice(0, Math.min(a.length, b.length)) === b.slice(0, Math.min(a.length, b.length))
      : a === b || ((a.startsWith('0000') || b.startsWith('0000')) && a.slice(5) === b.slice(5));
  if (truth.kind !== said.kind) return 'different';
  const same = truth.readings.some((a) => said.readings.some((b) => equal(a, b)));
  if (!same) return 'different';
  const both = truth.readings.length > 1 && said.readings.length > 1;
  return both && !equal(truth.readings[0] ?? '', said.readings[0] ?? '') ? 'ambiguous' : 'equal';
}
