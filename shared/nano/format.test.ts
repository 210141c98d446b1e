import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeTurn,
  encodeObservation,
  encodePrompt,
  encodeTurn,
  FIRST_MARK,
  fitRows,
  fromText,
  glyphOf,
  ID,
  MARKS,
  markId,
  markOf,
  marksOf,
  NANO_TOOLS,
  type NanoTurn,
  normalise,
  normaliseRow,
  OBSERVATION_LIMIT,
  QUESTION_LIMIT,
  restoreSpan,
  TOKENS,
  toText,
  VOCABULARY_HASH,
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
    expect([TOKENS.length, VOCABULARY_SIZE, FIRST_MARK, MARKS]).toEqual([224, 224, 160, 64]);
    expect(TOKENS[64]).toBe(' ');
    expect(TOKENS.indexOf('a')).toBe(75);
    expect(TOKENS.indexOf('<act:Terminate>')).toBe(35);
    expect(TOKENS.indexOf('<r0>')).toBe(160);
    expect(ID.brief).toBe(TOKENS.indexOf('<brief>'));
    expect(VOCABULARY_HASH).toBe('0d13ea3390ea656e');
    expect([markOf(159), markOf(160), markOf(223), markOf(224)]).toEqual([undefined, 0, 63, undefined]);
    expect(markId(66)).toBe(162);
  });

  it('writes a prompt in the order of its vocabulary', () => {
    const image = { width: 4000, height: 3000 };
    const ids = encodePrompt({ tools: ['OCR', 'Calculate'], budget: 10, images: [image, image], question: '' });
    expect(toText(ids)).toBe('<bos><tool:OCR><tool:Calculate><tool:Terminate><budget:3><img>40x30<img>40x30<q><turn>');
  });

  it('marks rows, says the question again behind them, and nothing behind other results', () => {
    const rows = ['Burger\t5,90', '', 'Tea\t2,10'];
    expect(toText(encodeObservation({ rows }, 'how much is tea?', 62))).toBe(
      '<obs><r62>burger<c1>5.90<r62><r63>tea<c1>2.10<r63><q>how much is tea?<turn>',
    );
    expect(toText(encodeObservation({ rows: ['a', 'b', 'c'] }, 'q', 63))).toBe(
      '<obs><r63>a<r63><r0>b<r0><r1>c<r1><q>q<turn>',
    );
    expect(toText(encodeObservation({ rows: [], answerNow: true }, 'q', 5))).toBe('<obs><q>q<now><turn>');
    expect(toText(encodeObservation({ result: '6.5' }, 'q', 5))).toBe('<obs>6.5<turn>');
    expect(toText(encodeObservation({ error: 'no such image' }, 'q', 5))).toBe('<err>no such image<turn>');
    expect([marksOf({ rows }), marksOf({ result: '1' }), marksOf({ error: 'x' })]).toEqual([2, 0, 0]);
  });

  it('reads back every turn that it writes', () => {
    const turn = fc.record({
      quotes: fc.uniqueArray(fc.integer({ min: 0, max: MARKS - 1 }), { maxLength: 5 }),
      action: fc.oneof(
        fc.constant('unknown' as const),
        fc.record({ name: fc.constantFrom(...NANO_TOOLS), argument: anyText.map((text) => normalise(text).text) }),
      ),
    });
    fc.assert(
      fc.property(turn, (one: NanoTurn) => {
        const calculates = one.action !== 'unknown' && one.action.name === 'Calculate';
        if (calculates && one.action.argument.includes('\t')) return;
        expect(decodeTurn(encodeTurn(one))).toEqual(one);
      }),
      { numRuns: 1000 },
    );
    expect(decodeTurn(encodeTurn({ quotes: [3], action: { name: 'Calculate', argument: 'max(8,62,1200)' } }))).toEqual({
      quotes: [3],
      action: { name: 'Calculate', argument: 'max(8,62,1200)' },
    });
  });

  it.each([
    ['', 'empty'],
    ['<r1><r2>', 'without an action'],
    ['hello<end>', 'without an action'],
    ['hello<act:OCR>0<end>', 'without the mark'],
    ['<r1><obs>', '<obs> stands where'],
    ['<act:OCR>0<r1><end>', '<r1> stands within the argument of OCR'],
    ['<unknown>x<end>', '<unknown> stands where'],
  ])('says what is wrong with %j', (text, words) => expect(() => decodeTurn(fromText(text))).toThrow(words));

  it('has a readable form that loses nothing', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: TOKENS.length - 1 })), (ids) => {
        expect(fromText(toText(ids))).toEqual(ids);
      }),
      { numRuns: 1000 },
    );
    expect(() => fromText('<nothing>')).toThrow('<nothing>');
    expect(() => fromText('a < b')).toThrow('&lt;');
    expect(() => toText([224])).toThrow('224');
  });

  it('lets nobody inject scaffold through a question, a row, a result, an error or an argument', () => {
    const attack = fc.oneof(
      anyText,
      fc.array(fc.constantFrom(...TOKENS, '&lt;q>', '＜q＞', '<q', '>', '<r7>')).map((parts) => parts.join('')),
    );
    const count = (ids: readonly number[]): number =>
      ids.filter((id) => scaffoldIds.has(id) && glyphOf(id) === undefined).length;
    fc.assert(
      fc.property(attack, (text) => {
        const prompt = encodePrompt({ tools: ['OCR'], budget: 1, images: [], question: text });
        expect(count(prompt)).toBe(6);
        const rows = 2 * marksOf({ rows: [text, text] });
        expect(count(encodeObservation({ rows: [text, text] }, text, 0))).toBe(3 + rows);
        expect(count(encodeObservation({ result: text }, text, 0))).toBe(2);
        expect(count(encodeObservation({ error: text }, text, 0))).toBe(2);
        expect(count(encodeTurn({ quotes: [], action: { name: 'Calculate', argument: text } }))).toBe(2);
        expect(fromText(toText(prompt))).toEqual(prompt);
      }),
      { numRuns: 1000 },
    );
  });

  it('cuts what is too long: rows at their end, pages in the middle, questions of any length', () => {
    const rows = Array.from({ length: 200 }, (_, at) => `row ${at}\t${'x'.repeat(at % 150)}`);
    const { seen, cut } = fitRows(rows);
    expect(seen[0]).toEqual({ row: 0, text: 'row 0' });
    expect(cut).toBeGreaterThan(3);
    expect(seen.at(-1)?.row).toBe(199);
    const ids = encodeObservation({ rows }, 'q', 0);
    expect(ids.length).toBeLessThanOrEqual(OBSERVATION_LIMIT + 4);
    expect(toText(ids)).toContain('\n...<r');
    expect(ids.filter((id) => markOf(id) !== undefined).length).toBe(2 * seen.length);
    expect(encodePrompt({ tools: [], budget: 1, images: [], question: 'why '.repeat(25_000) }).length).toBeLessThan(
      QUESTION_LIMIT + 20,
    );
    expect(ids.includes(ID.row)).toBe(true);
  });
});
