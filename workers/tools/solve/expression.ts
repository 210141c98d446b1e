import { unread } from './fault.ts';
import { parse } from './parse.ts';
import { namesIn, type Term } from './term.ts';
import { tokensOf } from './tokens.ts';
import { withoutWords, wordsAsSigns } from './words.ts';

/** The only expression in a text. */
export function expressionIn(text: string): Term {
  const { sides, relations } = parse(withoutWords(tokensOf(tidied(text))));
  if (relations.length > 1 || sides.length > 2) throw unread('an expression is expected here, not equations');
  // f(x) = x^2 and y = x^2 are given names; the right side is meant.
  return sides.at(-1)!;
}

export const tidied = (text: string): string =>
  wordsAsSigns(text)
    .replace(/\b[a-z]\(([a-z])\)\s*=(?!=)/g, ' ')
    .replace(/[?.;:\s]+$/, '');

export function nameFor(of: Term, given: string | undefined): string {
  if (given) return given;
  const names = namesIn(of);
  return names.find((name) => name === 'x') ?? names[0] ?? 'x';
}

/** A bound of an integral or the place of a limit; `inf` is a name there. */
export const boundOf = (text: string): Term => expressionIn(text.replace(/\boo\b|\binf(?:inity)?\b/gi, 'inf'));
