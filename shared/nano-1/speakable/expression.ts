/** Expressions of Calculate: numbers that stand in given texts, operators, functions. */
import { ARGUMENT_LIMIT, tokenId } from '../format.ts';
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

/** @param sources texts whose numbers may be used */
export function expression(sources: readonly string[]): {
  ids(): number[];
  mayEnd(): boolean;
  say(glyph: string): void;
} {
  const stated = sources.flatMap((text) => [...(text.match(NUMBER) ?? []), ...(mended(text).match(NUMBER) ?? [])]);
  const numbers = [...new Set([...stated, ...COUNTS])];
  let text = '';
  const open = (): string | undefined => text.match(OPEN_NUMBER)?.[0];
  const complete = (): boolean => {
    const number = open();
    return number === undefined || numbers.includes(number);
  };
  return {
    ids() {
      if (text.length >= ARGUMENT_LIMIT) return [];
      const number = open();
      const digits = numbers.flatMap((one) =>
        number === undefined
          ? [one[0] as string]
          : one.startsWith(number) && one.length > number.length
            ? [one[number.length] as string]
            : [],
      );
      return [
        ...new Set(digits.map((char) => tokenId(char))),
        ...(complete() ? OPERATORS : []),
        // Words such as sqrt or max are for the calculator to judge.
        ...(number === undefined ? LETTERS : []),
      ];
    },
    mayEnd: () => text !== '' && complete(),
    say(glyph) {
      text += glyph;
    },
  };
}
