/**
 * Sources that are of no use for learning actions: where the generator did better without tools, or went wrong with
 * them more often than right. TACO's rule, with its published list left aside: the two disagree (cocoqa meets the rule,
 * and is not on the list), and a rule can be asked of one's own sources too.
 */

import type { OutcomeKind } from '../../../shared/data/chain.ts';
import type { FilterRecipe } from '../../../shared/data/recipe/filter.ts';
import type { SourceOutcomes } from './reasons.ts';

const VERIFIED = ['CoTA-pos', 'CoT-pos', 'CoTA-neg', 'CoT-neg'] as const;

/** Shares are in per cent of the chains of the four verified outcomes; a lead just as large as the threshold is no more. */
export function judgeSource(
  source: string,
  outcomes: Partial<Record<OutcomeKind, number>>,
  rule: FilterRecipe['action_useless'],
): SourceOutcomes {
  const count = (outcome: OutcomeKind): number => outcomes[outcome] ?? 0;
  const verified = VERIFIED.reduce((sum, outcome) => sum + count(outcome), 0);
  const lead = (outcome: OutcomeKind): number =>
    verified === 0 ? 0 : Math.round((10_000 * (count(outcome) - count('CoTA-pos'))) / verified) / 100;
  const cotLead = lead('CoT-pos');
  const negativeLead = lead('CoTA-neg');
  const judged = !rule
    ? 'no rule'
    : verified < rule.least || verified === 0
      ? 'few'
      : cotLead > rule.cot_lead || negativeLead > rule.negative_lead
        ? 'useless'
        : 'useful';
  const found = { source, verified, outcomes, cotLead, negativeLead, judged } as const;
  return { ...found, said: describe(found) };
}

/** What was found, and what follows from it. */
function describe({ source, verified, outcomes, cotLead, negativeLead, judged }: Omit<SourceOutcomes, 'said'>): string {
  const share = (outcome: OutcomeKind): string =>
    `${outcome} ${verified === 0 ? 0 : Math.round((1000 * (outcomes[outcome] ?? 0)) / verified) / 10} %`;
  const signed = (points: number): string => `${points > 0 ? '+' : ''}${points}`;
  return `${source}: ${VERIFIED.map(share).join(', ')} of ${verified}; CoT-pos − CoTA-pos ${signed(cotLead)}, CoTA-neg − CoTA-pos ${signed(negativeLead)} points: ${judged}`;
}
