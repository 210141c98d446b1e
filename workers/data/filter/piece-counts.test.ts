import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PieceCounts } from './piece-counts.ts';

/** A number that goes with the text. */
const numberOf = (piece: string): number =>
  1 + [...piece].reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) % 200, 7);

describe('PieceCounts', () => {
  it('says what the counter says, wherever a piece stands, also after it has started anew', () => {
    const counts = new PieceCounts(numberOf, 50);
    fc.assert(
      fc.property(fc.string(), fc.string({ unit: 'grapheme', maxLength: 40 }), fc.string(), (before, piece, after) => {
        const text = before + piece + after;
        for (let again = 0; again < 2; again++)
          expect(counts.of(text, before.length, before.length + piece.length)).toBe(numberOf(piece));
      }),
      { numRuns: 2000 },
    );
  });

  it('asks once for what it keeps, and again for what is too long or no ASCII', () => {
    const asked: string[] = [];
    const counts = new PieceCounts((piece) => {
      asked.push(piece);
      return 1;
    });
    for (const piece of ['total', 'x'.repeat(25), 'caf\u00e9'])
      for (let i = 0; i < 3; i++) counts.of(piece, 0, piece.length);
    expect(asked.filter((piece) => piece === 'total')).toHaveLength(1);
    expect(asked).toHaveLength(7);
  });
});
