/** Amounts as they are printed, and as they are misread. */

/** What the amounts of a page have in common: it decides how a doubtful one is read. */
export interface AmountStyle {
  /** A comma before the decimals. */
  readonly comma: boolean;
  /** Decimals of nearly all amounts; undefined where they differ, or where there are too few to tell. */
  readonly decimals?: number;
  /** Most amounts bear a currency: a letter before a whole number is one that was misread, no code. */
  readonly signed?: true;
}

export interface Amount {
  readonly value: number;
  /** As printed, without what stands around. */
  readonly text: string;
  /** Digits after the mark, as printed. */
  readonly decimals: number;
  /** `%`, `g`, ... as printed. */
  readonly unit: string;
}

const CURRENCY = String.raw`(?:rm|rs\.?|s\$|us\$|usd|eur|kr|[$€£₹¥])`;
/** A sign that was read as a letter or two; only before an amount with decimals. */
const MISREAD = String.raw`(?:[a-z?{}<>«\[\]|=]{1,2}\$?|\(|[^\w\s.,:;()/+%-]{1,2})`;
const UNIT = '(?:%|°c|mcg|mg|kg|km|g|h|l|ml|kcal|kj)';
/** What may follow: a currency, read well or badly, a star, the letter of a tax code, nine tenths of a cent. */
const AFTER = String.raw`(?:\s*${CURRENCY}|\s*\*|\s*[ec])?(?:\s+(?:s|sr|t|zr|a)|\s+9(?:\/10)?|\s*⁹|(?<=[.,]\d\d)(?:\?|s|sr|t|zr|a))?`;
const WHOLE = new RegExp(
  String.raw`^([-–(]?)\s*(?:(${CURRENCY})|(${MISREAD}))?\s*(-?)(\d[\d.,oil|\s]*?)\)?(\s*${UNIT})?${AFTER}$`,
  'i',
);

/** Digits with letters among them that stand for digits. */
const asDigits = (text: string): string => text.replace(/o/gi, '0').replace(/[il|]/gi, '1');

/** A figure without spaces. */
function plain(token: string, style: AmountStyle): { value: number; decimals: number } | undefined {
  if (!/^\d+(?:[.,]\d+)*$/.test(token)) return undefined;
  const marks = token.replace(/\d/g, '');
  if (marks === '') return { value: Number(token), decimals: 0 };
  const last = marks.at(-1) as string;
  const tail = token.length - token.lastIndexOf(last) - 1;
  const groups = token.split(/[.,]/);
  const grouped = groups.slice(1, -1).every((g) => g.length === 3) && (groups[0] as string).length <= 3;
  if (marks.length > 1 && !grouped) return undefined;
  const oneKind = new Set(marks).size === 1;
  const thousands =
    marks.length > 1 && oneKind
      ? tail === 3
      : marks.length === 1 && tail === 3 && token[0] !== '0' && (groups[0] as string).length <= 3
        ? (last === ',') !== style.comma
        : false;
  if (marks.length > 1 && oneKind && !thousands) return undefined;
  if (thousands) return { value: Number(groups.join('')), decimals: 0 };
  return { value: Number(`${groups.slice(0, -1).join('')}.${groups.at(-1)}`), decimals: tail };
}

/**
 * The amount that a text is, as a whole. A decimal mark that was lost or set apart is mended where the page's other
 * amounts all have as many decimals.
 * @returns undefined for anything else; `unclear` for figures that nobody can be sure of
 */
export function amountOf(text: string, style: AmountStyle): Amount | 'unclear' | undefined {
  if (!/\d/.test(text)) return undefined;
  let known = read.get(style);
  if (!known) {
    known = new Map();
    read.set(style, known);
  }
  const before = known.get(text);
  if (before !== undefined || known.has(text)) return before;
  const amount = readAmount(text, style);
  known.set(text, amount);
  return amount;
}

/** Each part of the checker asks for the amounts of a page: they are read once for each style. */
const read = new WeakMap<AmountStyle, Map<string, Amount | 'unclear' | undefined>>();

function readAmount(text: string, style: AmountStyle): Amount | 'unclear' | undefined {
  const trimmed = text.trim().replace(/^(?:[:=]|(?:about|ca\.?|approx\.?)(?![a-z]))\s*/i, '');
  if (trimmed.length > 28 || !/\d/.test(trimmed)) return undefined;
  const found = WHOLE.exec(trimmed);
  if (!found) return undefined;
  const [, minusBefore, currency, misread, minus, raw, unit] = found as unknown as (string | undefined)[];
  const digits = (raw as string).trim();
  const letters = /[oil|]/i.test(digits);
  if (letters && !/\d[.,]|[.,]\d/.test(digits)) return undefined;
  const figures = asDigits(digits);
  const sign = minusBefore === '-' || minusBefore === '–' || minus === '-' ? -1 : 1;
  const as = (token: string): Amount | undefined => {
    const read = plain(token, style);
    if (!read) return undefined;
    // A letter before a whole number is a code, a seat, a platform, and `E85` is one among prices with decimals.
    const short = style.decimals !== undefined && digits.length <= style.decimals;
    if (misread !== undefined && /[a-z]/i.test(misread) && read.decimals < 2 && (style.signed !== true || short))
      return undefined;
    return { value: sign * read.value, text: digits, decimals: read.decimals, unit: (unit ?? '').trim() };
  };
  if (!/\s/.test(figures)) {
    const read = as(figures);
    const lost =
      read !== undefined &&
      style.decimals !== undefined &&
      style.decimals > 0 &&
      read.decimals === 0 &&
      (unit ?? '') === '' &&
      figures.length > style.decimals &&
      /^\d+$/.test(figures);
    if (lost && read)
      return { ...read, value: read.value / 10 ** (style.decimals as number), decimals: style.decimals as number };
    // `2.92` among prices of a tenth of a cent: the last figure is missing.
    if (read && style.decimals === 3 && read.decimals === 2 && (unit ?? '') === '') return 'unclear';
    if (read && currency === undefined && misread === undefined && style.decimals !== undefined && read.decimals === 0)
      return read;
    return read ?? (figures.length > 1 && misread === undefined ? 'unclear' : undefined);
  }
  // A space beside the mark, or in its place.
  const closed = figures.replace(/\s*([.,])\s*/g, '$1');
  if (!/\s/.test(closed)) return as(closed) ?? 'unclear';
  const [left = '', right = '', ...more] = closed.split(/\s+/);
  if (more.length > 0 || !/^\d+$/.test(right) || !/^\d+([.,]\d{3})*$/.test(left)) return 'unclear';
  if (style.decimals !== undefined && right.length === style.decimals)
    return as(`${left.replace(/[.,]/g, '')}.${right}`.replace('.', style.comma ? ',' : '.')) ?? 'unclear';
  return 'unclear';
}

const ENDING = /(?:^|[^\d.,:/-])(\d+(?:[.,]\d{3})*)(?:\s*([.,])\s*(\d{1,3}))?(?:\s*(?:[€$*]|kr|usd|[a-z]{1,2}))?$/i;

const SIGNED = new RegExp(String.raw`^-?${CURRENCY}\s?\d[\d.,]*$`, 'i');
/** A letter that signs are read as, before a figure. */
const LETTERED = /^[SEFCRLZ?]\s?\d[\d.,]*$/i;
const FIGURE = /^\d[\d.,]*$/;

/**
 * Whether the last cells of most rows are amounts of money: they bear a sign, or letters that signs are read as, but
 * not on every row, as those of codes would be.
 */
function isSigned(rows: readonly (readonly string[])[]): boolean {
  let signed = 0;
  let lettered = 0;
  let bare = 0;
  for (const cells of rows) {
    const cell = cells.at(-1);
    if (cell === undefined) continue;
    if (SIGNED.test(cell)) signed++;
    else if (FIGURE.test(cell)) bare++;
    else if (LETTERED.test(cell)) {
      lettered++;
    }
  }
  if (signed > 0) return signed > 1 && signed >= lettered;
  return lettered > 1 && bare > 0;
}

/** Judges the style of some rows by the figures at the ends of their cells; whole numbers count at the ends of rows. */
export function styleOf(rows: readonly (readonly string[])[]): AmountStyle {
  let comma = 0;
  let point = 0;
  const counts = [0, 0, 0, 0];
  for (const cells of rows) {
    cells.forEach((cell, at) => {
      const found = ENDING.exec(cell);
      if (!found) return;
      const [, whole, mark, tail] = found;
      if (mark === undefined || tail === undefined) {
        if (at === cells.length - 1 && !/\d[.,]\d{3}/.test(whole as string)) counts[0] = (counts[0] as number) + 1;
        return;
      }
      if (tail.length < 3 && mark === ',') comma++;
      else if (tail.length < 3) point++;
      counts[tail.length] = (counts[tail.length] as number) + 1;
    });
  }
  const [none = 0, ...marked] = counts;
  const most = Math.max(...marked);
  const decimals = marked.indexOf(most) + 1;
  const rest = marked.reduce((sum, n) => sum + n, 0) - most;
  const clear = most >= 2 && decimals >= 2 && rest * 5 <= most && none * 2 <= most;
  return { comma: comma > point, ...(clear ? { decimals } : {}), ...(isSigned(rows) ? { signed: true } : {}) };
}

/** Float dust off. */
export const tidy = (value: number): number => Number(value.toPrecision(12));
/** Rounded half up to some decimals, as money is. */
export const rounded = (value: number, decimals = 2): number =>
  (Math.round(Number((Math.abs(value) * 10 ** decimals).toPrecision(12))) / 10 ** decimals) * Math.sign(value);
/** Whether two amounts are one to the third decimal. */
export const same = (a: number, b: number): boolean => Math.abs(a - b) < 0.0006;
