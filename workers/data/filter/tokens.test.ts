import fc from 'fast-check';
import { countTokens as ofLibrary } from 'gpt-tokenizer/encoding/o200k_base';
import { O200K_TOKEN_SPLIT_REGEX } from 'gpt-tokenizer/esm/encodingParams/constants';
import { describe, expect, it } from 'vitest';
import { eachPiece } from './token-pieces.ts';
import { countTokens } from './tokens.ts';

const pieces = (text: string): string[] => {
  const found: string[] = [];
  eachPiece(text, (start, end) => found.push(text.slice(start, end)));
  return found;
};
const expected = (text: string): string[] => text.match(new RegExp(O200K_TOKEN_SPLIT_REGEX.source, 'gu')) ?? [];

describe('tokens', () => {
  it('cuts ASCII where the vocabulary cuts it', () => {
    const chars = fc.string({
      unit: fc.constantFrom(...'aAbZ019 \t\n\r\'s/.{}":,[]-_rlevtd', "'ll", "'VE", '\u000b', '\u0007'),
      maxLength: 40,
    });
    fc.assert(
      fc.property(chars, (text) => {
        expect(pieces(text)).toEqual(expected(text));
      }),
      { numRuns: 3000 },
    );
  });

  it('cuts anything else there too', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 30 }), fc.string({ maxLength: 20 }), (a, b) => {
        expect(pieces(a + b)).toEqual(expected(a + b));
      }),
      { numRuns: 1000 },
    );
  });

  it('counts what the library counts, and takes control tokens for text', () => {
    const text =
      '{"thought":"It costs RM 12.50.","actions":[{"name":"OCR","arguments":{"image":"image-0"}}]} 1234567 €5';
    expect(countTokens(text)).toBe(ofLibrary(text));
    expect(countTokens('a <|endoftext|> b')).toBeGreaterThan(4);
  });

  it('counts any text as the library does', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), fc.string({ unit: 'grapheme', maxLength: 10 }), (ascii, any) => {
        expect(countTokens(ascii)).toBe(ofLibrary(ascii));
        expect(countTokens(ascii + any)).toBe(ofLibrary(ascii + any));
      }),
      { numRuns: 1000 },
    );
  });

  it('knows which pieces are one token without looking', () => {
    for (let number = 0; number < 1000; number++)
      for (const digits of [String(number), String(number).padStart(2, '0'), String(number).padStart(3, '0')])
        expect([digits, ofLibrary(digits)]).toEqual([digits, 1]);
    for (let code = 0; code < 128; code++) expect([code, ofLibrary(String.fromCharCode(code))]).toEqual([code, 1]);
  });
});
