import { unread } from './fault.ts';
import { parse } from './parse.ts';
import { namesIn, type Term } from './term.ts';
import { tokensOf } from './tokens.ts';
import { mathsIn, wordsAsSigns } from './words.ts';

/** Names longer than two letters that are no word of a sentence. */
const NAMED = /^(?:inf|alpha|beta|gamma|delta|epsilon|theta|lambda|rho|sigma|tau|phi|omega|[xyz]+)$/i;

/** The only expression in a text. */
export function expressionIn(text: string): Term {
  const [tokens] = mathsIn(tokensOf(tidied(text)));
  if (!tokens) throw unread('there is no expression in it: write one such as "x^2 * sin(x)"');
  const { sides, relations } = parse(tokens);
  if (relations.length > 1 || sides.length > 2) throw unread('an expression is expected here, not equations');
  const word = namesIn(...sides).find((name) => /^[a-z]{3,}$/i.test(name) && !NAMED.test(name));
  if (word)
    throw unread(`${JSON.stringify(word)} is not understood here: write only the expression and what to do with it`);
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
