/** Who says whether an answer is right: a rule, else the judge, else nobody. */
import type { ChainImage, Verdict } from '../../../shared/data/chain.ts';
import type { Judge } from './judge.ts';
import { verifyByRule } from './rule.ts';

export interface ToVerdict {
  /** All that the user said. */
  readonly prompt: string;
  readonly choices?: readonly string[] | undefined;
  /** Undefined where none is known: then only a judge can say. */
  readonly truth: string | undefined;
  readonly answer: string | null;
  readonly tolerance: number;
  readonly images: readonly ChainImage[];
}

export interface Verified {
  readonly verdict: Verdict;
  /** How it was found, for counts: `rule`, `judge`, `judge cached`, `judge silent`, `no judge`. */
  readonly how: 'rule' | 'judge' | 'judge cached' | 'judge silent' | 'no judge';
  readonly tokens?: { readonly input: number; readonly output: number };
}

export async function verdictOn(asked: ToVerdict, judge: Judge | undefined): Promise<Verified> {
  const { prompt, choices, truth, answer, tolerance, images } = asked;
  if (answer === null) return byRule(false, 'none: the run gave no answer');
  const ruled = truth === undefined ? undefined : verifyByRule({ choices, truth, answer, tolerance });
  if (ruled && ruled.says !== 'undecided') return byRule(ruled.says === 'right', `${ruled.rule}: ${ruled.why}`);
  const undecided = ruled ? `${ruled.rule}: ${ruled.why}` : 'no truth is known';
  if (!judge) {
    return {
      how: 'no judge',
      verdict: { by: 'none', correct: false, why: `undecided, and there is no judge (${undecided})` },
    };
  }
  const reference = truth === undefined ? {} : { truth: referenceOf(truth, choices) };
  const { verdict, cached, tokens, why } = await judge.judge({ question: prompt, answer, ...reference }, images);
  if (!verdict) {
    const words = `undecided, and the judge gave no verdict (${why})`;
    return { how: 'judge silent', tokens, verdict: { by: 'none', correct: false, why: words.slice(0, 500) } };
  }
  return { how: cached ? 'judge cached' : 'judge', verdict, tokens };
}

const byRule = (correct: boolean, why: string): Verified => ({ how: 'rule', verdict: { by: 'rule', correct, why } });

/** A letter alone says little to a judge. */
function referenceOf(truth: string, choices: readonly string[] | undefined): string {
  const text = choices?.[truth.charCodeAt(0) - 65];
  return text === undefined || truth.length !== 1 ? truth : `${truth}. ${text}`;
}
