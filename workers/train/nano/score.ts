/** Whether what a model answered is right, by the rules that verify data. */
import { CANNOT_TELL, type Chain } from '../../../shared/data/chain.ts';
import { optionLetter } from '../../../shared/data/options.ts';
import { normalise } from '../../../shared/nano/format.ts';
import { verifyByRule } from '../../data/verify/rule.ts';

const bare = (text: string): string => normalise(text).text.replace(/\s+/g, '');

/** Numbers are right as numbers; words without their spaces, which readers lose and add. */
export function isRight(
  chain: Pick<Chain, 'truth' | 'answer' | 'choices'>,
  said: string | 'unknown' | undefined,
): boolean {
  const wanted = chain.answer ?? chain.truth;
  if (said === undefined) return false;
  if (said === 'unknown') return wanted === CANNOT_TELL;
  if (wanted === CANNOT_TELL) return false;
  if (bare(said) === bare(wanted)) return true;
  if (chain.choices) {
    const choices = chain.choices.map((choice) => normalise(choice).text);
    return (optionLetter(said, choices) ?? said.toUpperCase()) === wanted;
  }
  return verifyByRule({ truth: wanted, choices: chain.choices, answer: said, tolerance: 0 }).says === 'right';
}
