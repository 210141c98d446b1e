/** What was read decides: where it is changed, the answer changes with it or is lost. */
import { describe, expect, it } from 'vitest';
import type { Derived } from '../contract.ts';
import { deriveFromRows } from './derive.ts';

const NAMES = [
  'Leek Soup',
  'Trout',
  'Bean Stew',
  'Oat Bread',
  'Veal Pie',
  'Plum Cake',
  'Rye Toast',
  'Mint Tea',
  'Fig Tart',
  'Corn Dip',
];
/** Amounts that differ in every digit from each other as far as two digits go. */
const amount = (at: number, salt: number): string =>
  `${1 + ((at * 7 + salt * 3) % 19)}.${String((at * 13 + salt * 29 + 11) % 100).padStart(2, '0')}`;
const pageOf = (salt: number): string[][] => NAMES.slice(0, 4 + (salt % 7)).map((name, at) => [name, amount(at, salt)]);
const rows = (page: readonly (readonly string[])[]): string[] => page.map((cells) => cells.join('\t'));
const numberOf = (derived: Derived): number | string =>
  derived === 'unknown' ? 'unknown' : 'answers' in derived ? (derived.answers[0] as number) : 'none';
const another = (text: string): string => text.replace(/\d(?=\D*$)/, (digit) => String((Number(digit) + 3) % 10));
const salts = Array.from({ length: 40 }, (_, salt) => salt);

describe('a changed reading of a price list', () => {
  it.each(salts)('gives another answer (page %i)', (salt) => {
    const page = pageOf(salt);
    const at = salt % page.length;
    const other = (at + 1) % page.length;
    const [name, price] = page[at] as [string, string];
    const [second, cost] = page[other] as [string, string];
    const ask = (question: string, read: readonly (readonly string[])[]): number | string =>
      numberOf(deriveFromRows(question, rows(read)));
    const single = `how much is the ${name.toLowerCase()}`;
    const both = `what do i pay for two ${name} and one ${second}`;
    expect(ask(single, page)).toBe(Number(price));
    expect(ask(both, page)).toBeCloseTo(2 * Number(price) + Number(cost), 6);
    const swapped = page.map(([row, value], k) => [row, k === at ? cost : k === other ? price : value] as string[]);
    expect(ask(single, swapped)).toBe(Number(cost));
    expect(ask(both, swapped)).toBeCloseTo(2 * Number(cost) + Number(price), 6);
    const misread = page.map(([row, value], k) => [row, k === at ? another(value as string) : value] as string[]);
    expect(ask(single, misread)).toBe(Number(another(price)));
    expect(ask(both, misread)).not.toBeCloseTo(2 * Number(price) + Number(cost), 6);
    const without = page.filter((_, k) => k !== at);
    expect(ask(single, without)).toBe('unknown');
    expect(ask(both, without)).toBe('unknown');
    const unread = page.map(([row, value], k) => [row, k === at ? '##.x' : value] as string[]);
    expect(ask(single, unread)).toBe('unknown');
    const twice = [...page, [name, amount(at + 5, salt + 9)]];
    expect(ask(single, twice)).toBe('unknown');
  });

  it.each(salts)('moves the greatest and the least (page %i)', (salt) => {
    const page = pageOf(salt);
    const dearest = 'which item is the most expensive';
    const before = numberOf(deriveFromRows(dearest, rows(page)));
    const best = page.findIndex(([name]) => name === before);
    expect(best).toBeGreaterThanOrEqual(0);
    const cheaper = page.map(([row, value], at) => [row, at === best ? '0.10' : value] as string[]);
    expect(numberOf(deriveFromRows(dearest, rows(cheaper)))).not.toBe(before);
    expect(numberOf(deriveFromRows('which item is the cheapest', rows(cheaper)))).toBe(before);
    expect(numberOf(deriveFromRows(dearest, rows(page.filter((_, at) => at !== best))))).not.toBe(before);
    const hidden = page.map(([row, value], at) => [row, at === best ? '##.x' : value] as string[]);
    expect(numberOf(deriveFromRows(dearest, rows(hidden)))).toBe('unknown');
  });
});

describe('a changed reading of a receipt', () => {
  const receipt = (total: string, cash: string, change: string): string[] => [
    'KORO MART',
    'Date: 14/03/2021',
    'Candle\t3.50',
    'Rope\t8.25',
    `Total\t${total}`,
    `Cash\t${cash}`,
    `Change\t${change}`,
    'Thank you',
  ];
  it.each([
    ['what is the total', receipt('11.75', '20.00', '8.25'), 11.75],
    ['what is the total', receipt('11.15', '20.00', '8.25'), 11.15],
    ['how much cash was paid', receipt('11.75', '50.00', '8.25'), 50],
    ['how much change was given', receipt('11.75', '20.00', '3.25'), 3.25],
    ['what is the total', receipt('11.75', '20.00', '8.25').filter((row) => !row.startsWith('Total')), 'unknown'],
    [
      'how much change was given',
      receipt('11.75', '20.00', '8.25').filter((row) => !row.startsWith('Change')),
      'unknown',
    ],
    ['how much was the rope', receipt('11.75', '20.00', '8.25').filter((row) => !row.startsWith('Rope')), 'unknown'],
    ['how much was the rope', receipt('11.75', '20.00', '8.25').map((row) => row.replace('8.25', '8.2S?')), 'unknown'],
  ])('%s of %j is %s', (question, read, answer) => expect(numberOf(deriveFromRows(question, read))).toBe(answer));
});

describe('a changed reading of a table', () => {
  const table = (rowsOf: readonly string[]): string[] => ['Name\tAge\tSalary', ...rowsOf];
  const people = ['Baker\t34\t5200', 'Novak\t51\t6100', 'Silva\t28\t4800', 'Weber\t45\t7300'];
  const swapped = ['Baker\t34\t6100', 'Novak\t51\t5200', 'Silva\t28\t4800', 'Weber\t45\t7300'];
  it.each([
    ['what is the salary of Novak', people, 6100],
    ['what is the salary of Novak', swapped, 5200],
    ['what is the salary of Novak', people.filter((row) => !row.startsWith('Novak')), 'unknown'],
    ['who earns the most', people, 'Weber'],
    ['who earns the most', people.filter((row) => !row.startsWith('Weber')), 'Novak'],
    ['who earns the most', people.map((row) => row.replace('7300', '')), 'unknown'],
    ['what is the average salary', people, 5850],
    ['what is the average salary', people.map((row) => row.replace('7300', '1300')), 4350],
    ['how much older is Novak than Silva', people, 23],
    ['how much older is Novak than Silva', people.map((row) => row.replace('28', '23')), 28],
  ])('%s of %j is %s', (question, read, answer) =>
    expect(numberOf(deriveFromRows(question, table(read)))).toBe(answer),
  );
});
