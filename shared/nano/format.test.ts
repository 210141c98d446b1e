import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeTurn,
  encodeChain,
  encodeObservation,
  encodePrompt,
  encodeTurn,
  fitRows,
  fromText,
  ID,
  NANO_TOOLS,
  type NanoTurn,
  normalise,
  normaliseRow,
  OBSERVATION_LIMIT,
  restoreSpan,
  TOKENS,
  toText,
  VOCABULARY_SIZE,
} from './format.ts';

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ unit: 'grapheme-ascii', maxLength: 60 }),
  fc.constantFrom(...TOKENS),
);
const scaffoldIds = new Set(TOKENS.flatMap((name, id) => (name.length > 1 && name !== '<other>' ? [id] : [])));

describe('normalise', () => {
  it.each([
    ['Crème BRÛLÉE', 'creme brulee'],
    ['５，90 €', '5.90 €'],
    ['5,90', '5.90'],
    ['2,500', '2500'],
    ['1.234,56', '1234.56'],
    ['1,234.56', '1234.56'],
    ['0,125 kg', '0.125 kg'],
    ['1,2,3', '1,2,3'],
    ['12.05.2024', '12.05.2024'],
    ['x² − 4', 'x^2 - 4'],
    ['  a \t\n b  ', 'a b'],
    ['价格 5', '\uFFFD 5'],
    ['“so” – ‘that’', '"so" - \'that\''],
  ])('%j becomes %j', (source, wanted) => expect(normalise(source).text).toBe(wanted));

  it('changes nothing when done twice, and maps every character to its source', () => {
    fc.assert(
      fc.property(anyText, (source) => {
        const { text, starts, ends } = normalise(source);
        expect(normalise(text).text).toBe(text);
        expect(starts.length).toBe(text.length);
        for (const [at, start] of starts.entries()) expect(ends[at]).toBeGreaterThan(start);
        expect(starts.every((start, at) => at === 0 || start >= starts[at - 1]!)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('finds the source of what it normalised', () => {
    expect(restoreSpan('2 × Crème Brûlée\t5,90 €', 'creme brulee')).toBe('Crème Brûlée');
    expect(restoreSpan('Total\tRM 1,234.50', 'total\trm 1234.50')).toBe('Total\tRM 1,234.50');
    expect(restoreSpan('cartoon ART', 'art')).toBe('ART');
    expect(restoreSpan('a\tb', 'c')).toBeUndefined();
    fc.assert(
      fc.property(anyText, (source) => {
        const row = normaliseRow(source);
        if (row !== '') expect(normaliseRow(restoreSpan(source, row) ?? '')).toBe(row);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('the token form', () => {
  it('has a fixed vocabulary: ids that checkpoints were trained on', () => {
    expect([TOKENS.length, VOCABULARY_SIZE]).toEqual([158, 160]);
    expect([ID.pad, ID.bos, ID.end, ID.turn, ID.quote, ID.row, ID.gap]).toEqual([0, 1, 2, 7, 8, 12, 13]);
    expect(TOKENS[64]).toBe(' ');
    expect(TOKENS.indexOf('a')).toBe(75);
    expect(TOKENS.indexOf('<act:Terminate>')).toBe(35);
  });

  it('keeps a prompt within 24 tokens and its question', () => {
    const image = { width: 4000, height: 3000 };
    const ids = encodePrompt({ tools: ['OCR', 'Calculate'], budget: 10, images: [image, image], question: '' });
    expect(ids.length).toBeLessThanOrEqual(24);
    expect(toText(ids)).toBe('<bos><tool:OCR><tool:Calculate><tool:Terminate><budget:3><img>40x30<img>40x30<q><turn>');
  });

  it('reads back every turn that it writes', () => {
    const turn = fc.record({
      quotes: fc.array(
        anyText.map(normaliseRow).filter((text) => text !== ''),
        { maxLength: 3 },
      ),
      action: fc.oneof(
        fc.constant('unknown' as const),
        fc.record({ name: fc.constantFrom(...NANO_TOOLS), argument: anyText.map((text) => normalise(text).text) }),
      ),
    });
    fc.assert(
      fc.property(turn, (one: NanoTurn) => {
        expect(decodeTurn(encodeTurn(one))).toEqual(one);
      }),
      { numRuns: 1000 },
    );
  });

  it('has a readable form that loses nothing', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: TOKENS.length - 1 })), (ids) => {
        expect(fromText(toText(ids))).toEqual(ids);
      }),
      { numRuns: 1000 },
    );
    expect(() => fromText('<nothing>')).toThrow('<nothing>');
    expect(() => fromText('a < b')).toThrow('&lt;');
    expect(() => fromText('a & b')).toThrow('&amp;');
  });

  it('lets nobody inject scaffold through a question, a row, a result or an error', () => {
    const attack = fc.oneof(
      anyText,
      fc.array(fc.constantFrom(...TOKENS, '&lt;q>', '＜q＞', '<q', '>')).map((parts) => parts.join('')),
    );
    const count = (ids: readonly number[]) => ids.filter((id) => scaffoldIds.has(id)).length;
    fc.assert(
      fc.property(attack, (text) => {
        const prompt = encodePrompt({ tools: ['OCR'], budget: 1, images: [], question: text });
        expect(count(prompt)).toBe(6);
        expect(count(encodeObservation({ rows: [text, text] }))).toBe(2);
        expect(count(encodeObservation({ result: text }))).toBe(2);
        expect(count(encodeObservation({ error: text }))).toBe(2);
        expect(fromText(toText(prompt))).toEqual(prompt);
      }),
      { numRuns: 2000 },
    );
  });

  it('cuts what is too long: rows at their end, pages in the middle, questions of any length', () => {
    const rows = Array.from({ length: 200 }, (_, at) => `row ${at}\t${'x'.repeat(at % 150)}`);
    const kept = fitRows(rows);
    expect(kept[0]).toBe('row 0');
    expect(kept).toContain('...');
    expect(kept.at(-1)).toBe('row 199\txxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx');
    expect(encodeObservation({ rows }).length).toBeLessThanOrEqual(OBSERVATION_LIMIT + 2);
    expect(fitRows(['a', '', 'b'])).toEqual(['a', 'b']);
    expect(encodePrompt({ tools: [], budget: 1, images: [], question: 'why '.repeat(25_000) }).length).toBeLessThan(
      260,
    );
  });

  it('weighs what decides: the start of a quote, its value, the action', () => {
    const { ids, weights } = encodeChain({
      prompt: { tools: ['OCR'], budget: 2, images: [], question: 'burger' },
      turns: [
        { quotes: [], action: { name: 'OCR', argument: '0' } },
        { quotes: ['burgerking\t5,90'], action: { name: 'Terminate', argument: '5.90' } },
      ],
      observations: [{ rows: ['Burgerking\t5,90'] }],
    });
    const own = ids.flatMap((id, at) => (weights[at]! > 0 ? [`${TOKENS[id]}${weights[at]}`] : [])).join('');
    expect(own).toBe('<act:OCR>303<end>3<quote>3b3u3r3g3e1r1k1i1n1g1\t153.39303<act:Terminate>353.39303<end>3');
    expect(() =>
      encodeChain({ prompt: { tools: [], budget: 1, images: [], question: '' }, turns: [], observations: [] }),
    ).toThrow('0 turns');
  });
});
