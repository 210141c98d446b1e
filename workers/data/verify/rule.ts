/**
 * What a rule says of an answer: right, wrong, or undecided where words may differ and mean the same. Rules come before
 * any judge: they cost nothing, say the same tomorrow, and can be read.
 */

import { letterIn, truthLetter } from './rules/letters.ts';
import { type CompareParts, compareTexts, type Ruled, right, undecided, wrong } from './rules/short-answer.ts';
import { placeOf, plain, refuses } from './rules/text.ts';

export type { Ruled } from './rules/short-answer.ts';

export interface ToVerify {
  /** Texts of the options, where there are any. */
  readonly choices?: readonly string[] | undefined;
  /** Letter of the right option; else the answer, with `<AND>` between what must all be said and `<OR>` between what may be. */
  readonly truth: string;
  readonly answer: string;
  /** Relative to the truth, for numbers. */
  readonly tolerance: number;
}

/** Truths that say: the picture does not tell. */
const isUntold = (truth: string): boolean => refuses(truth);

export function verifyByRule({ choices, truth, answer, tolerance }: ToVerify): Ruled {
  if (answer.trim() === '') return wrong('empty', 'the answer is empty');
  if (choices && choices.length > 0) return verifyChoice(choices, truth, answer);
  const untold = isUntold(truth);
  if (refuses(answer)) {
    // `One cannot see its tail, but the dog is brown`: it does tell.
    const tells = truth.split(/<AND>|<OR>/i).some((part) => placeOf(plain(part), plain(answer)) >= 0);
    if (!untold && tells) return undecided('cannot-tell', 'it says that something cannot be told, and names the truth');
    return untold
      ? right('cannot-tell', 'both say that it cannot be told')
      : wrong('cannot-tell', 'it says that it cannot be told, and the truth is known');
  }
  if (untold) return wrong('cannot-tell', 'the truth is that it cannot be told, and it tells something');
  return all(truth.split(/<AND>/i), (part, several) =>
    any(part.split(/<OR>/i), (one) => compareTexts(one.trim(), answer, { tolerance, among: several })),
  );
}

function verifyChoice(choices: readonly string[], truth: string, answer: string): Ruled {
  const wanted = truthLetter(truth, choices);
  if (wanted === undefined)
    return undecided('option', `the truth ${JSON.stringify(truth.slice(0, 60))} names no option`);
  const said = letterIn(answer, choices);
  if (said === wanted) return right('option', `it says ${said}`);
  if (said === 'several') return undecided('option', 'it names several options');
  if (said !== undefined) return wrong('option', `it says ${said}, not ${wanted}`);
  if (refuses(answer)) return wrong('cannot-tell', 'it chooses no option');
  return undecided('option', 'it names no option in so many words');
}

/** All parts must be right; one that is wrong decides. */
function all(parts: readonly string[], look: (part: string, several: CompareParts['among']) => Ruled): Ruled {
  if (parts.length === 1) return look(parts[0] ?? '', false);
  const found = parts.map((part) => look(part, true));
  const bad = found.find(({ says }) => says === 'wrong') ?? found.find(({ says }) => says === 'undecided');
  return bad ? { ...bad, rule: `and:${bad.rule}` } : right('and', `all ${parts.length} parts are said`);
}

function any(parts: readonly string[], look: (part: string) => Ruled): Ruled {
  const found = parts.map(look);
  return (
    found.find(({ says }) => says === 'right') ??
    found.find(({ says }) => says === 'undecided') ??
    found[0] ??
    undecided('empty-truth', 'the truth is empty')
  );
}
