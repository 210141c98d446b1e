/**
 * Cuts a text into the pieces that o200k_base encodes one by one. The vocabulary's own expression does it for any text,
 * but looks every letter up in tables of Unicode; ASCII, which nearly all chains are, is cut by hand several times
 * faster. A test holds both to the same pieces.
 */
import { O200K_TOKEN_SPLIT_REGEX } from 'gpt-tokenizer/esm/encodingParams/constants';

const OTHER = 0;
const LOWER = 1;
const UPPER = 2;
const DIGIT = 3;
const SPACE = 4;
const BREAK = 5;

const KIND = new Uint8Array(128);
for (let code = 0; code < 128; code++) {
  const char = String.fromCharCode(code);
  if (/[a-z]/.test(char)) KIND[code] = LOWER;
  else if (/[A-Z]/.test(char)) KIND[code] = UPPER;
  else if (/\d/.test(char)) KIND[code] = DIGIT;
  else if (/[\r\n]/.test(char)) KIND[code] = BREAK;
  else if (/\s/.test(char)) KIND[code] = SPACE;
}
const SLASH = '/'.charCodeAt(0);
const BLANK = ' '.charCodeAt(0);
const QUOTE = "'".charCodeAt(0);

const ASCII = /^[\0-\x7f]*$/;
const slow = new RegExp(O200K_TOKEN_SPLIT_REGEX.source, 'gu');

/** Calls with the bounds of each piece in order; together they are the text. */
export function eachPiece(text: string, take: (start: number, end: number) => void): void {
  const { length } = text;
  // Nothing may be taken twice: whether all of it can be cut by hand is known before the first piece.
  if (!ASCII.test(text)) {
    for (const { index, 0: piece } of text.matchAll(slow)) take(index, index + piece.length);
    return;
  }
  for (let i = 0; i < length; ) {
    const end = endOfPiece(text, i, length);
    take(i, end);
    i = end;
  }
}

/** Kind of the character at `i`: -1 at the end. */
function kindAt(text: string, i: number, length: number): number {
  return i >= length ? -1 : (KIND[text.charCodeAt(i)] as number);
}

/** Where the piece of an ASCII text that begins at `start` ends. */
function endOfPiece(text: string, start: number, length: number): number {
  const kind = kindAt(text, start, length);
  // A word, with one character before it that is no letter, digit or line break.
  if (kind === LOWER || kind === UPPER) return endOfWord(text, start, length);
  if (kind === OTHER || kind === SPACE) {
    const next = kindAt(text, start + 1, length);
    if (next === LOWER || next === UPPER) return endOfWord(text, start + 1, length);
  }
  if (kind === DIGIT) {
    let end = start + 1;
    while (end < start + 3 && kindAt(text, end, length) === DIGIT) end++;
    return end;
  }
  // Signs, with one blank before them and line breaks or slashes after.
  const signs = text.charCodeAt(start) === BLANK ? start + 1 : start;
  if (kindAt(text, signs, length) === OTHER) {
    let end = signs + 1;
    while (kindAt(text, end, length) === OTHER) end++;
    while (kindAt(text, end, length) === BREAK || (end < length && text.charCodeAt(end) === SLASH)) end++;
    return end;
  }
  return endOfSpace(text, start, length);
}

/** Upper-case letters, then lower-case ones, then 's, 't, 're and the like. */
function endOfWord(text: string, start: number, length: number): number {
  let end = start;
  while (kindAt(text, end, length) === UPPER) end++;
  while (kindAt(text, end, length) === LOWER) end++;
  if (end < length && text.charCodeAt(end) === QUOTE) {
    const short = text.slice(end + 1, end + 3).toLowerCase();
    if (short === 'll' || short === 've' || short === 're') return end + 3;
    if (/^[sdmt]/.test(short)) return end + 2;
  }
  return end;
}

/** Up to the last line break of a run; else all but the blank that goes with what follows. */
function endOfSpace(text: string, start: number, length: number): number {
  let end = start;
  let lastBreak = -1;
  for (let kind = kindAt(text, end, length); kind === SPACE || kind === BREAK; kind = kindAt(text, end, length)) {
    if (kind === BREAK) lastBreak = end;
    end++;
  }
  if (lastBreak >= 0) return lastBreak + 1;
  return end === length || end === start + 1 ? end : end - 1;
}
