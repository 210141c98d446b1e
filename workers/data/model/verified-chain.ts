/** A run that has ended becomes a chain with its verdict and outcome, and is counted. */
import type { Chain, Split } from '../../../shared/data/chain.ts';
import type { Trace } from '../../../shared/run/trace.ts';
import type { Services } from '../factory/services.ts';
import type { Judge } from '../verify/judge.ts';
import { verdictOn } from '../verify/verdict.ts';
import type { counter } from './statistics.ts';
import { chainOfTrace, type KeptImages } from './trace-chain.ts';

export interface AboutRun {
  readonly id: string;
  readonly source: string;
  readonly split: Split;
  readonly choices?: readonly string[] | undefined;
  /** Undefined where none is known. */
  readonly truth: string | undefined;
  readonly tolerance: number;
  readonly skills?: readonly string[] | undefined;
  readonly licence: string;
  readonly seed: number;
  readonly sample?: number;
}

export interface VerifyingParts {
  readonly kept: KeptImages;
  readonly judge: Judge | undefined;
  readonly tally: ReturnType<typeof counter>;
  readonly services: Pick<Services, 'price'>;
}

/** @returns undefined where pictures of the run are gone, which is counted as a failure */
export async function verifiedChain(trace: Trace, about: AboutRun, parts: VerifyingParts): Promise<Chain | undefined> {
  const { kept, judge, tally, services } = parts;
  const found = await chainOfTrace(trace, kept);
  if (!found) {
    tally.add('failed:image_file_not_found');
    return undefined;
  }
  const { problems, calls, failedCalls, made, ...rest } = found;
  const { choices, truth, tolerance } = about;
  const asked = { prompt: trace.question, choices, truth, answer: rest.answer, tolerance, images: rest.images };
  const { verdict, how, tokens } = await verdictOn(asked, judge);
  const outcome: Chain['outcome'] = `${calls > 0 ? 'CoTA' : 'CoT'}-${verdict.correct ? 'pos' : 'neg'}`;
  const cost = costOf(made.tokens, services.price?.(trace.model));
  tally.add('verified');
  tally.add(outcome);
  tally.add(`verdict:${how}`);
  tally.add('with tools', calls > 0 ? 1 : 0);
  tally.add('with problems', problems > 0 ? 1 : 0);
  tally.add('without answer', rest.answer === null ? 1 : 0);
  tally.add('forced answers', made.stopReason?.startsWith('budget_') ? 1 : 0);
  tally.add('calls', calls);
  tally.add('failed calls', failedCalls);
  tally.add('tokens:input', made.tokens?.input ?? 0);
  tally.add('tokens:output', made.tokens?.output ?? 0);
  tally.add('judge tokens:input', tokens?.input ?? 0);
  tally.add('judge tokens:output', tokens?.output ?? 0);
  if (cost !== undefined) tally.add('cost', cost);
  return {
    ...{ version: 1, id: about.id, source: about.source, origin: 'model', split: about.split, outcome },
    question: trace.question,
    ...(choices === undefined ? {} : { choices: [...choices] }),
    truth: truth ?? '',
    ...rest,
    ...(about.skills === undefined || about.skills.length === 0 ? {} : { skills: [...about.skills] }),
    verdict,
    made: {
      seed: about.seed,
      ...made,
      ...(about.sample === undefined ? {} : { sample: about.sample }),
      ...(cost === undefined ? {} : { cost }),
    },
    licence: about.licence,
  };
}

function costOf(
  tokens: Chain['made']['tokens'],
  price: { readonly input: number; readonly output: number } | undefined,
): number | undefined {
  if (!tokens || !price) return undefined;
  return (tokens.input * price.input + tokens.output * price.output) / 1e6;
}
