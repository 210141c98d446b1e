/** Judges a whole chain by what it shows: the question, the images' names, the observations. */
import type { NanoChain } from '../../../../shared/nano/format.ts';
import { derive } from './derive.ts';
import { type StepFault, stepFaults } from './steps.ts';
import { numbersIn, same, squeeze } from './text.ts';

export type Verdict =
  | { readonly verdict: 'confirmed' }
  /** Every step stands on what was seen; the checker could not work the answer out by itself. */
  | { readonly verdict: 'sound' }
  | { readonly verdict: 'rejected'; readonly reasons: readonly (StepFault | 'another answer follows')[] };

/** @returns `confirmed` only where the checker's own derivation gives the chain's answer */
export function checkChain(chain: NanoChain): Verdict {
  const faults = stepFaults(chain);
  if (faults.length > 0) return { verdict: 'rejected', reasons: faults };
  const last = chain.turns.at(-1);
  if (!last || last.action === 'unknown') return { verdict: 'sound' };
  const rows = chain.observations.flatMap((o) => ('rows' in o ? o.rows : []));
  const derived = rows.length > 0 ? derive(chain.prompt.question, rows) : 'cannot read';
  if (derived === 'cannot read') return { verdict: 'sound' };
  const said = last.action.argument;
  const number = numbersIn(said)[0];
  const agrees = derived.answers.some((answer) =>
    typeof answer === 'number'
      ? number !== undefined &&
        (same(Math.abs(answer), number) || (!last.quotes.length && Math.abs(answer - number) < 0.0051))
      : squeeze(answer) === squeeze(said),
  );
  return agrees ? { verdict: 'confirmed' } : { verdict: 'rejected', reasons: ['another answer follows'] };
}
