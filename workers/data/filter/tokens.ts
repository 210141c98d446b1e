/** Tokens of a text by o200k_base, the public vocabulary of gpt-4o. Other models' tokenizers give other numbers. */
import { countTokens as countPiece } from 'gpt-tokenizer/encoding/o200k_base';
import { pieces } from './token-pieces.ts';

/** The vocabulary's name, for manifests. */
export const TOKENIZER = 'o200k_base';

/** Words repeat: of a million chains nearly all pieces are found here. At this many entries it starts anew. */
const MOST_PIECES = 200_000;
const memo = new Map<string, number>();
/** What looks like a control token of the vocabulary is text like any other in a chain. */
const plain = { allowedSpecial: new Set<string>(), disallowedSpecial: new Set<string>() };

/** @returns tokens that the text comes to: exactly the library's number */
export function countTokens(text: string): number {
  let tokens = 0;
  for (const piece of pieces(text)) {
    if (isOne(piece)) {
      tokens++;
      continue;
    }
    let count = memo.get(piece);
    if (count === undefined) {
      count = countPiece(piece, plain);
      if (memo.size >= MOST_PIECES) memo.clear();
      memo.set(piece, count);
    }
    tokens += count;
  }
  return tokens;
}

/** Each byte is a token of the vocabulary, and so is each number of up to three digits: nobody need look these up. */
function isOne(piece: string): boolean {
  const first = piece.charCodeAt(0);
  return first < 128 && (piece.length === 1 || (piece.length <= 3 && first >= 48 && first <= 57));
}
