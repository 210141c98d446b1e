import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleRun } from '../../../../test/sample-run.ts';
import { toJson } from './json-node.ts';
import { parseReply } from './parse.ts';
import { findObjects, readValue } from './tolerant-json.ts';

const value = (text: string) => {
  const node = readValue(text);
  return node === undefined ? undefined : toJson(node);
};

describe('readValue', { timeout: 30_000 }, () => {
  it.each([
    ['Python literals', "{'a': None, 'b': [True, False], 'c': (1, 2.5)}", { a: null, b: [true, false], c: [1, 2.5] }],
    ['both quotes of Python', `{'a': "it's", "b": 'say "x"'}`, { a: "it's", b: 'say "x"' }],
    ['escapes of Python', String.raw`{'a': 'x\xa0y\'z\\n', 'b': '\u20ac'}`, { a: "x\u00a0y'z\\n", b: '€' }],
    ['numbers', '[1, -2, .5, 1e3, 1_000, 0x1F, 1e999]', [1, -2, 0.5, 1000, 1000, '0x1F', '1e999']],
    ['a string alone', '"x"', 'x'],
    ['something after the value', '{"a": 1} tail', undefined],
    ['nothing', '  ', undefined],
  ])('%s', (_, text, expected) => {
    expect(value(text)).toEqual(expected);
  });

  it('equals JSON.parse on JSON', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 20 }).filter((s) => !/[\b\f\r\t\n][A-Za-z]/.test(s));
    const json = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        ...[text, fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean(), fc.constant(null)],
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(text, tie('value'), { maxKeys: 4 }),
      ),
    })).value;
    fc.assert(
      fc.property(json, fc.nat(2), (document, indent) => {
        const source = JSON.stringify(document, undefined, indent);
        expect(value(source)).toEqual(JSON.parse(source));
      }),
      { numRuns: 1000 },
    );
  });
});

/** Texts that make careless readers start again and again, each as long as asked for. */
const nasty: readonly (readonly [string, (length: number) => string])[] = [
  ['open braces', (n) => '{'.repeat(n)],
  ['open lists in an object', (n) => `{"a":${'['.repeat(n)}`],
  ['nested objects', (n) => '{"a":'.repeat(n / 5)],
  ['nested objects that are closed', (n) => '{"a":'.repeat(n / 6) + '}'.repeat(n / 6)],
  ['objects in a list that never ends', (n) => `{"actions":[${'{"name":"OCR"},'.repeat(n / 15)}`],
  ['an object that fails at its end', (n) => `{${'a:1,'.repeat(n / 4)}{`],
  ['objects in an object that fails', (n) => `{${'a:{b:1},'.repeat(n / 8)}!`],
  ['quotes', (n) => `{"thought":"${'"'.repeat(n)}`],
  ['quotes and commas', (n) => `{"thought":"${'",'.repeat(n / 2)}`],
  ['quotes before long words', (n) => `{"thought":"${`", "${'x'.repeat(90)}`.repeat(n / 94)}`],
  ['quotes before comments', (n) => `{"thought":"${'"//'.repeat(n / 3)}`],
  ['quotes before open comments', (n) => `{"thought":"${'"/*'.repeat(n / 3)}`],
  ['a quote before white space', (n) => `{"thought":"a"${' '.repeat(n)}x`],
  ['backslashes', (n) => `{"thought":"${'\\'.repeat(n)}`],
  ['line breaks and known keys', (n) => `{"thought":"${'\n"actions":'.repeat(n / 11)}`],
  ['braces before keys', (n) => '{ thought '.repeat(n / 10)],
  ['fences', (n) => '```json\n'.repeat(n / 8)],
  ['thinking', (n) => '<think>'.repeat(n / 7)],
  ['ends of thinking', (n) => `{${'</think>'.repeat(n / 8)}`],
  ['plain words', (n) => 'word '.repeat(n / 5)],
  ['white space', (n) => ' '.repeat(n)],
  ['a long bare value', (n) => `{a: ${'b '.repeat(n / 2)}`],
  ['digits and commas', (n) => `{a: ${'1,'.repeat(n / 2)}`],
  ['escaped braces', (n) => `{\\"a\\":${'\\n'.repeat(n / 2)}`],
];

describe('a megabyte of nonsense', { timeout: 60_000 }, () => {
  it.each(nasty)('%s: the work grows with the length alone', (_, make) => {
    const small = findObjects(make(250_000)).work;
    const large = findObjects(make(1_000_000)).work;
    expect(large / small).toBeLessThan(5);
    expect(large).toBeLessThan(100 * 1_000_000);
  });

  it.each(nasty)('%s: is read to the end', (_, make) => {
    const parsed = parseReply(make(1_000_000), sampleRun());
    expect(parsed.actions.length === 0 || parsed.problem === undefined).toBe(true);
  });
});
