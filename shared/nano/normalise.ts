import { isKnownGlyph, OTHER } from './vocabulary.ts';

/** Text as cota-nano sees it, and where each of its characters came from. */
export interface Normalised {
  text: string;
  /** Start in the source (UTF-16 units) of each character of `text`. */
  starts: number[];
  /** End (exclusive) in the source of each character of `text`. */
  ends: number[];
}

/** Written differently by NFKC than OCR engines and keyboards write them, or left alone by it. */
const REPLACEMENTS: Record<string, string> = {
  '\u2212': '-',
  '\u2010': '-',
  '\u2011': '-',
  '\u2012': '-',
  '\u2013': '-',
  '\u2014': '-',
  '\u2015': '-',
  '\u2018': "'",
  '\u2019': "'",
  '\u201a': "'",
  '\u00b4': "'",
  '\u2032': "'",
  '\u00a8': '"',
  '\u201c': '"',
  '\u201d': '"',
  '\u201e': '"',
  '\u00ab': '"',
  '\u00bb': '"',
  '\u2033': '"',
  '\u2022': '·',
  '\u25cf': '·',
  '\u2219': '·',
  '\u22c5': '·',
  '\u30fb': '·',
  '\u2044': '/',
  '\u2215': '/',
  '\u2236': ':',
  '\u3002': '.',
  '\u3001': ',',
  '\u2715': '×',
  '\u2a2f': '×',
  // NFKC would turn x² into x2 and lose the power.
  '\u00b9': '^1',
  '\u00b2': '^2',
  '\u00b3': '^3',
  '\u2074': '^4',
  '\u2075': '^5',
  '\u2076': '^6',
  '\u2077': '^7',
  '\u2078': '^8',
  '\u2079': '^9',
  '\u2070': '^0',
  ß: 'ss',
  æ: 'ae',
  ø: 'o',
  œ: 'oe',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ı: 'i',
};

/** What one source character becomes: '' when it is dropped, OTHER when the vocabulary lacks it. */
function foldCharacter(source: string): string {
  const direct = REPLACEMENTS[source];
  if (direct !== undefined) return direct;
  if (/^[\p{Mn}\p{Me}\p{Cf}]$/u.test(source)) return '';
  if (/^[\s\p{Cc}]$/u.test(source)) return ' ';
  let out = '';
  // Marks go: OCR drops accents more often than it invents them, and a question is typed without them.
  for (const char of source.normalize('NFKC').toLowerCase()) {
    const whole = REPLACEMENTS[char];
    if (whole !== undefined) {
      out += whole;
      continue;
    }
    if (isKnownGlyph(char)) {
      out += char;
      continue;
    }
    const bare = char.normalize('NFKD').replace(/\p{M}/gu, '');
    for (const part of bare) {
      const mapped = REPLACEMENTS[part] ?? part;
      if (![...mapped].every(isKnownGlyph)) return OTHER;
      out += mapped;
    }
  }
  return out;
}

/**
 * A number as cota-nano reads it. A comma before one or two digits, or after a lone 0, is a decimal comma and becomes a
 * point (5,90 → 5.90; 0,125 → 0.125); a comma before groups of three is a thousands mark and goes (2,500 → 2500;
 * 1,234.56 and 1.234,56 → 1234.56). Anything else (1,2,3; 12.05.2024) stays. Returns the offsets kept, and which of them
 * become a point.
 */
function numberEdits(number: string): { drop: Set<number>; point: number } {
  const none = { drop: new Set<number>(), point: -1 };
  const offsets = (mark: string) => new Set([...number].flatMap((char, at) => (char === mark ? [at] : [])));
  if (/^[1-9]\d{0,2}(,\d{3})+(\.\d+)?$/.test(number)) return { drop: offsets(','), point: -1 };
  if (/^[1-9]\d{0,2}(\.\d{3})+,\d{1,2}$/.test(number)) return { drop: offsets('.'), point: number.indexOf(',') };
  if (/^(\d+,\d{1,2}|0,\d{3})$/.test(number)) return { drop: new Set(), point: number.indexOf(',') };
  return none;
}

/**
 * Text as the model sees it: NFKC, case folded, accents dropped, number marks unified, runs of glyphs outside the
 * vocabulary as one U+FFFD, white space as single spaces without ends. No row breaks or tabs remain: callers join rows
 * and cells. Pure; normalising twice changes nothing.
 */
export function normalise(source: string): Normalised {
  const chars: string[] = [];
  const starts: number[] = [];
  const ends: number[] = [];
  let at = 0;
  for (const char of source) {
    const end = at + char.length;
    for (const folded of foldCharacter(char)) {
      const last = chars.at(-1);
      if (folded === ' ' && (last === undefined || last === ' ')) continue;
      if (folded === OTHER && last === OTHER) {
        ends[ends.length - 1] = end;
        continue;
      }
      chars.push(folded);
      starts.push(at);
      ends.push(end);
    }
    at = end;
  }
  while (chars.at(-1) === ' ') {
    chars.pop();
    starts.pop();
    ends.pop();
  }
  const dropped = new Set<number>();
  for (const match of chars.join('').matchAll(/\d(?:[.,]?\d)*/g)) {
    const edits = numberEdits(match[0]);
    for (const offset of edits.drop) dropped.add(match.index + offset);
    if (edits.point >= 0) chars[match.index + edits.point] = '.';
  }
  const keep = chars.map((_, index) => index).filter((index) => !dropped.has(index));
  return {
    text: keep.map((index) => chars[index]).join(''),
    starts: keep.map((index) => starts[index]!),
    ends: keep.map((index) => ends[index]!),
  };
}

/** One row of an observation as the model sees it: cells normalised, empty ones dropped, tabs between them. */
export function normaliseRow(row: string): string {
  return row
    .split('\t')
    .map((cell) => normalise(cell).text)
    .filter((cell) => cell !== '')
    .join('\t');
}

/**
 * The source span of `row` whose normalised form is `wanted` (normalised text, tabs allowed between cells), so that
 * case, accents and punctuation come back. The first match at a word's edge wins; undefined when it does not occur.
 */
export function restoreSpan(row: string, wanted: string): string | undefined {
  let text = '';
  const starts: number[] = [];
  const ends: number[] = [];
  let at = 0;
  for (const cell of row.split('\t')) {
    const part = normalise(cell);
    if (part.text !== '') {
      if (text !== '') {
        text += '\t';
        starts.push(at - 1);
        ends.push(at);
      }
      text += part.text;
      for (const start of part.starts) starts.push(at + start);
      for (const end of part.ends) ends.push(at + end);
    }
    at += cell.length + 1;
  }
  if (wanted === '') return undefined;
  let fallback: number | undefined;
  for (let found = text.indexOf(wanted); found >= 0; found = text.indexOf(wanted, found + 1)) {
    const before = text[found - 1] ?? ' ';
    const after = text[found + wanted.length] ?? ' ';
    fallback ??= found;
    if (!/[a-z0-9]/.test(before) && !/[a-z0-9]/.test(after)) {
      fallback = found;
      break;
    }
  }
  if (fallback === undefined) return undefined;
  return row.slice(starts[fallback]!, ends[fallback + wanted.length - 1]!);
}
