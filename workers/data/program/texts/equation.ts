/** Equations: worked out with Calculate, or solved where there is an unknown. */
import type { ChainTurn } from '../../../../shared/data/chain.ts';
import { resultText } from '../../ask/ask.ts';
import type { Random } from '../../random.ts';
import type { EquationFacts } from '../../scene/scene.ts';
import { listed, say, whyOf } from './thoughts.ts';

/** Digits, letters and signs, as far as reading an equation right depends on them. */
const signs = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[x×*]/g, '*')
    .replace(/[÷:/]/g, '/')
    .replace(/[^a-z0-9+*/()=-]/g, '');

export const sameSigns = (read: string, printed: string): boolean => signs(read) === signs(printed);

/** @param result of the expression, a whole number where there is an unknown */
export function equationTurn(
  rng: Random,
  equation: EquationFacts['equations'][number] | undefined,
  quotes: readonly string[],
  expression: string,
  result: number,
): ChainTurn {
  const unknown = equation?.unknown;
  if (unknown !== undefined && rng.chance(0.7)) {
    const query = (quotes[0] ?? '').slice(1, -1);
    const sole = query.includes('=') && sameSigns(query, equation?.text ?? '');
    // On a row with other equations only this one is handed over.
    const text = sole ? query : (equation?.text ?? '').replaceAll('×', '*');
    const value = resultText(result);
    return {
      thought: say(rng, 'number', {
        rows: listed(quotes),
        numbers: unknown,
        why: whyOf(rng, 'printed'),
        expression: text,
      }),
      actions: [{ name: 'SolveMathEquation', arguments: { query: text } }],
      observations: [{ ok: true, result: { result: `${unknown} = ${value}`, solutions: [{ [unknown]: value }] } }],
    };
  }
  return {
    thought: say(rng, 'number', { rows: listed(quotes), numbers: 'the terms', why: whyOf(rng, 'printed'), expression }),
    actions: [{ name: 'Calculate', arguments: { expression } }],
    observations: [{ ok: true, result: { result: Number(resultText(result)) } }],
  };
}
