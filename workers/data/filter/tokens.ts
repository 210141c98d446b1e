/** Tokens of a text by o200k_base, the public vocabulary of gpt-4o. Other models' tokenizers give other numbers. */
import { countTokens as countPiece } from 'gpt-tokenizer/encoding/o200k_base';
import { PieceCounts } from './piece-counts.ts';
import { eachPiece } from './token-pieces.ts';

/** The vocabulary's name, for manifests. */
export const TOKENIZER = 'o200k_base';

/** What looks like a control token of the vocabulary is text like any other in a chain. */
const plain = { allowedSpecial: new Set<string>(), disallowedSpecial: new Set<string>() };
const counts = new PieceCounts((piece) => countPiece(piece, plain));

/** @returns tokens that the text comes to: exactly the library's number */
export function countTokens(text: string): number {
  let tokens = 0;
  eachPiece(text, (start, end) => {
    tokens += isOne(text, start, end) ? 1 : counts.of(text, start, end);
  });
  return tokens;
}

/** Each byte is a token of the vocabulary, and so is each number of up to three digits: nobody need look these up. */
function isOne(text: string, start: number, end: number): boolean {
  if (end === start + 1) return text.charCodeAt(start) < 128;
  // Of other scripts there are digits too, and a piece of up to three may hold both.
  for (let i = start; i < end; i++) if (!isDigit(text.charCodeAt(i))) return false;
  return end <= start + 3;
}

const isDigit = (code: number): boolean => code >= 48 && code <= 57;
