import { describe, expect, test } from 'vitest';
import { decodeTurn, encodeTurn, fromText, toText } from './format.ts';
import { COUNT, numberOf, referred, written } from './references.ts';

describe('numbers of rows', () => {
  test.each([
    ['lentil soup\t4.50', undefined, '4.50'],
    ['7. lentil soup 4.50 usd', undefined, '4.50'],
    ['pelaish\t140 km\t51074', 1, '140'],
    ['44455\tpelaish\tdalton', 0, '44455'],
    ['soup\t8 50', undefined, '8.50'],
    ['soup\tfresh', undefined, undefined],
    ['soup\t4.50', 3, undefined],
  ])('%j, column %s: %s', (row, column, number) => {
    expect(numberOf(row, column)).toBe(number);
  });
});

describe('expressions', () => {
  const soup = 'soup\t4.50';
  const pie = 'pie\t8.25';
  test.each([
    ['4.50+8.25', [soup, pie], 'soup and pie', '[0]+[1]'],
    ['2*4.50+8.25', [soup, pie], 'two soups and a pie', '2*[0]+[1]'],
    ['100-(3*8.25+4.50)', [soup, pie], 'change from 100 for 3 pies and one soup', '100-(3*[1]+[0])'],
    ['max(4.50,8.25)', [soup, pie], 'what is dearest', 'max([])'],
    ['4.50+8.25+3', [soup, pie, 'tea\t3.00'], 'sum of all', 'sum([])'],
    ['round(mean(7,5),2)', ['name\tage\tsize', 'ann\t7\t120', 'ben\t5\t110'], 'mean age', 'round(mean([:1]),2)'],
    ['abs(120-110)', ['ann\t7\t120', 'ben\t5\t110'], 'difference in size', 'abs([0]-[1])'],
    ['abs(7-5)', ['ann\t7\t120', 'ben\t5\t110'], 'difference in age', 'abs([0:1]-[1:1])'],
    ['abs(120-110)', ['name\tage\tsize', 'ann\t7\t120', 'ben\t5\t110'], 'size', 'abs([1:2]-[2:2])'],
    // One piece costs what its line comes to: the amount is meant, in lines of more and fewer cells.
    ['3.99+9.80', ['cocoa\t1\t3.99\t3.99', '2 x 4.90\t9.80'], 'cocoa and tea together', '[0]+[1]'],
    ['3.99+9.80', ['cocoa', '1\t3.99\t3.99', 'tea', '2 x 4.90\t9.80'], 'cocoa and tea', '[1]+[3]'],
    ['max(3.99,2.50)', ['cocoa\t3.99\t3.99', 'tea\t2.50\t2.50'], 'dearest line', 'max([:2])'],
    ['44+98', ['44\tann\t7 st', '98\tben\t5 st'], 'revenue of ann and ben', '[0:0]+[1:0]'],
    ['round(200/2.189,2)', ['diesel\t2.189'], 'how many litres for 200', 'round(200/[0],2)'],
    // Exercises are copied: one row has several of the numbers.
    ['9*7+5*3', ['9 x 7 + 5 x 3 ='], 'solve it', '9*7+5*3'],
    // 6 stands nowhere.
    ['4.50+6', [soup], 'soup', '4.50+6'],
  ])('%s', (expression, rows, question, wanted) => {
    expect(referred(expression, rows, question)).toBe(wanted);
    const back = written(wanted, rows);
    expect(back.match(/\d+(?:\.\d+)?/g)?.map(Number)).toEqual(expression.match(/\d+(?:\.\d+)?/g)?.map(Number));
  });

  test('a row without a number is named in words', () => {
    expect(() => written('2*[0]', ['soup'])).toThrow('a row that is calculated with has no number there');
    expect(() => written('[7]', ['soup\t1'])).toThrow('no number there');
    for (const torn of ['[0][0]', '2[0]', '[0:1]5', '[0].5'])
      expect(() => written(torn, ['soup\t1'])).toThrow('side by side');
  });
});

describe('tokens', () => {
  test.each([
    [
      { quotes: [3, 5], action: { name: 'Calculate', argument: '2*[0:1]+[1]' } },
      '<r3><r5><act:Calculate>2*<r3><c1>+<r5><end>',
    ],
    [
      { quotes: [3, 5], action: { name: 'Calculate', argument: 'max([:2])' } },
      '<r3><r5><act:Calculate>max(\n<c2>)<end>',
    ],
    [{ quotes: [3], action: { name: 'Calculate', argument: '2*[0:0]' } }, '<r3><act:Calculate>2*<r3>\t<end>'],
    [{ quotes: [0, 1], action: { name: 'Terminate', argument: COUNT } }, '<r0><r1><act:Terminate>\n<end>'],
  ] as const)('%j', (turn, text) => {
    expect(toText(encodeTurn(turn))).toBe(text);
    expect(decodeTurn(fromText(text))).toEqual(turn);
  });

  test('what refers to rows that are not quoted, or stands elsewhere, is refused in words', () => {
    expect(() => decodeTurn(fromText('<r3><act:Calculate>2*<r4><end>'))).toThrow(
      'it calculates with a row that it does not quote',
    );
    expect(() => decodeTurn(fromText('<r3><act:Terminate>2<r3><end>'))).toThrow(
      '<r3> stands within the argument of Terminate',
    );
    expect(() => decodeTurn(fromText('<act:SolveMathEquation>\n<end>'))).toThrow('stands within');
  });
});
