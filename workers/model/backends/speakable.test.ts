import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeTurn,
  encodeObservation,
  encodePrompt,
  encodeTurn,
  fromText,
  ID,
  type NanoPrompt,
  normaliseRow,
  TOKENS,
  tokenId,
} from '../../../shared/nano/format.ts';
import { type Constraint, speakable } from './speakable.ts';

const rows = ['Corner Café', 'Lemon tart\t4,20', '2 x Tea (mint)\t12.50', 'Total\t16.70'];
const question: NanoPrompt = {
  tools: ['OCR', 'Calculate'],
  budget: 3,
  images: [{ width: 500, height: 900 }],
  question: 'Three lemon tarts at 15 % off?',
};
const asked = encodePrompt(question);
const read = [...asked, ...fromText('<act:OCR>image-0<end>'), ...encodeObservation({ rows })];

/** Readable names of what may follow `said`. */
function open(prompt: readonly number[], said: string, constraint: Exclude<Constraint, 'none'> = 'spans'): string[] {
  const logits = new Float32Array(TOKENS.length);
  speakable(prompt, constraint)(fromText(said), logits);
  return TOKENS.filter((_, id) => logits[id] === 0);
}

describe('what cota-nano may say', () => {
  it('reads or answers first, and quotes only what was read', () => {
    expect(open(asked, '')).toEqual(['<unknown>', '<act:OCR>', '<act:Calculate>', '<act:Terminate>']);
    expect(open(read, '')).toContain('<quote>');
    expect(open(encodePrompt({ ...question, tools: [] }), '')).toEqual(['<unknown>', '<act:Terminate>']);
  });

  it('answers after <now>', () => {
    const hurried = [...read.slice(0, -1), ID.now, ID.turn];
    expect(open(hurried, '')).toEqual(['<quote>', '<unknown>', '<act:Terminate>']);
  });

  it('begins a quote at a word of a row and follows the row', () => {
    expect(open(read, '<quote>').join('')).toBe('124clmtx()');
    expect(open(read, '<quote>lemon')).toEqual(
      [' ', ...['<quote>', '<unknown>', '<act:OCR>', '<act:Calculate>', '<act:Terminate>']].sort(
        (a, b) => tokenId(a) - tokenId(b),
      ),
    );
    expect(open(read, '<quote>lemon tart\t4.2')).toEqual(['0']);
    expect(open(read, '<quote>emon')).toEqual(['<unknown>']);
  });

  it('names an image that is there', () => {
    expect(open(asked, '<act:OCR>')).toEqual(['i']);
    expect(open(asked, '<act:OCR>image-')).toEqual(['0']);
    expect(open(asked, '<act:OCR>image-0')).toEqual(['<end>']);
  });

  it('computes with numbers of its quotes and of the question', () => {
    expect(open(read, '<quote>total\t16.70<act:Calculate>16')).toContain('.');
    expect(open(read, '<quote>total\t16.70<act:Calculate>12')).not.toContain('.');
    expect(open(read, '<quote>total\t16.70<act:Calculate>16.')).toEqual(['7']);
    expect(open(read, '<quote>total\t16.70<act:Calculate>16.7')).toEqual(['0']);
    expect(open(read, '<quote>total\t16.70<act:Calculate>16.70')).toContain('<end>');
    expect(open(read, '<quote>total\t16.70<act:Calculate>')).not.toContain('<end>');
  });

  it('never runs into a wall or a loop: any walk is a turn that can be read, of rows that were read', () => {
    const pick = fc.infiniteStream(fc.nat(10_000));
    fc.assert(
      fc.property(pick, fc.array(fc.string({ unit: 'grapheme', maxLength: 30 }), { maxLength: 5 }), (picks, lines) => {
        const prompt = [...asked, ...encodeObservation({ rows: lines })];
        const mask = speakable(prompt, 'spans');
        const said: number[] = [];
        for (const pick of picks) {
          const logits = new Float32Array(TOKENS.length);
          mask(said, logits);
          const next = TOKENS.flatMap((_, id) => (logits[id] === 0 ? [id] : []));
          expect(next.length).toBeGreaterThan(0);
          // Ends are taken where they can be, or a random walk would be long.
          said.push(next.includes(ID.end) ? ID.end : next[pick % next.length]!);
          if (said.at(-1) === ID.end || said.length > 400) break;
        }
        if (said.at(-1) !== ID.end) return;
        const turn = decodeTurn(said);
        const seen = lines.map(normaliseRow);
        for (const quote of turn.quotes) expect(seen.some((row) => row.includes(quote))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('lets every turn of the generator through: the masks cost no right answer', () => {
    const turn = encodeTurn({
      quotes: ['Lemon tart\t4,20'],
      action: { name: 'Calculate', argument: 'round(3*4.20*15/100, 2)' },
    });
    const mask = speakable(read, 'spans');
    for (let at = 0; at < turn.length; at++) {
      const logits = new Float32Array(TOKENS.length);
      mask(turn.slice(0, at), logits);
      if (logits[turn[at]!] !== 0) expect(`${TOKENS[turn[at]!]} after ${at}`).toBe('allowed');
    }
  });
});
