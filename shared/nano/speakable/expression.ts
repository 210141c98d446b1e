/** Expressions of Calculate: numbers that stand in given texts or are named by their row, operators, functions. */
import { ARGUMENT_LIMIT, glyphOf, ID, markId, markOf, tokenId } from '../format.ts';
import { cellId, cellOf, numberOf } from '../references.ts';
import { COLUMNS } from '../vocabulary.ts';
import { mended } from './spans.ts';

/** Numbers that questions say in words (two, a dozen, half, per cent) and that equations need. */
const COUNTS: readonly string[] = [
  ...Array.from({ length: 21 }, (_, count) => String(count)),
  ...Array.from({ length: 17 }, (_, fifth) => String(25 + 5 * fifth)),
  '1000',
];
const NUMBER = /\d+(?:\.\d+)?/g;
/** The last number in an expression, if it is being written. */
const OPEN_NUMBER = /\d+(?:\.\d*)?$/;
const OPERATORS = [...' +-*/()^,='].map((char) => tokenId(char));
const LETTERS = [...'abcdefghijklmnopqrstuvwxyz'].map((char) => tokenId(char));
const DIGITS = [...'0123456789.'];
const CELLS = Array.from({ length: COLUMNS }, (_, at) => at);

/**
 * @param rows quoted in this turn, by their mark
 * @param sources texts whose numbers may be used; undefined = any number
 */
export function expression(
  rows: ReadonlyMap<number, string>,
  sources: readonly string[] | undefined,
): { ids(): number[]; mayEnd(): boolean; say(id: number): void } {
  const stated = sources?.flatMap((text) => [...(text.match(NUMBER) ?? []), ...(mended(text).match(NUMBER) ?? [])]);
  const numbers = stated && [...new Set([...stated, ...COUNTS])];
  let text = '';
  let length = 0;
  /** Rows that were just named: a column of theirs may follow; none, where it did. */
  let named: readonly string[] | undefined;
  const open = (): string | undefined => text.match(OPEN_NUMBER)?.[0];
  const complete = (): boolean => {
    const number = open();
    return number === undefined || !numbers || numbers.includes(number);
  };
  function digits(number: string | undefined): string[] {
    if (!numbers) return number?.includes('.') ? DIGITS.slice(0, 10) : DIGITS.slice(0, number === undefined ? 10 : 11);
    return numbers.flatMap((one) =>
      number === undefined
        ? [one[0] as string]
        : one.startsWith(number) && one.length > number.length
          ? [one[number.length] as string]
          : [],
    );
  }
  /** Rows that have a number, or all of them at once. */
  function references(): number[] {
    const having = [...rows].filter(([, row]) => numberOf(row) !== undefined).map(([mark]) => markId(mark));
    return having.length > 0 ? [...having, ID.row] : [];
  }
  return {
    ids() {
      if (length >= ARGUMENT_LIMIT) return [];
      if (named) {
        const cells = CELLS.filter((cell) => named?.some((row) => numberOf(row, cell) !== undefined));
        return [...cells.map(cellId), ...OPERATORS];
      }
      const number = open();
      return [
        ...new Set(digits(number).map((char) => tokenId(char))),
        ...(complete() ? OPERATORS : []),
        // Words such as sqrt or max are for the calculator to judge.
        ...(number === undefined ? [...LETTERS, ...references()] : []),
      ];
    },
    mayEnd: () => length > 0 && complete(),
    say(id) {
      length++;
      const mark = markOf(id);
      named =
        mark !== undefined
          ? [rows.get(mark) ?? '']
          : id === ID.row
            ? [...rows.values()]
            : cellOf(id) === undefined
              ? undefined
              : [];
      // A reference is no number that goes on: what it stands for is a whole.
      text = named ? '' : text + (glyphOf(id) ?? '');
    },
  };
}
