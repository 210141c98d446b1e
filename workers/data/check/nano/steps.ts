/** Whether each step of a chain stands on what was seen: quotes, operands, results, the shape of the whole. */

import { type NanoChain, normalise, normaliseRow } from '../../../../shared/nano/format.ts';
import { calculated } from '../arithmetic.ts';
import { NUMBER_WORDS } from '../number-words.ts';
import { numbersIn, same } from './text.ts';

export type StepFault =
  | 'shape'
  | 'unknown image'
  | 'tool not enabled'
  | 'quote is not in an observation'
  | 'operand was neither quoted nor asked'
  | 'result is not what the expression gives'
  | 'answer is neither quoted nor a result'
  | 'a step is not used';

/** Numbers that a question gives, in digits and words; `a` and `an` stand for one. */
function askedNumbers(question: string): number[] {
  const words = question.toLowerCase().match(/[a-z]+/g) ?? [];
  const named = words.map((word) => NUMBER_WORDS.indexOf(word)).filter((n) => n >= 0);
  return [...numbersIn(question), ...numbersIn(normalise(question).text), ...named, 1];
}

/** Numbers that need no source: decimals to round to, the hundred of per cent and what a percentage leaves of it. */
function allowed(operand: number, expression: string, asked: readonly number[]): boolean {
  if (/round\(.*, ?[0-3]\)$/.test(expression) && [0, 1, 2, 3].includes(operand)) return true;
  return operand === 100 || asked.some((n) => same(100 - n, operand));
}

/** The faults of a chain's steps; empty for a sound one. */
export function stepFaults(chain: NanoChain): StepFault[] {
  const faults = new Set<StepFault>();
  const rows: string[] = [];
  const quoted: string[] = [];
  const results: string[] = [];
  const asked = askedNumbers(chain.prompt.question);
  if (chain.turns.length !== chain.observations.length + 1) return ['shape'];
  chain.turns.forEach((turn, k) => {
    const last = k === chain.turns.length - 1;
    for (const quote of turn.quotes) {
      const wanted = normaliseRow(quote);
      if (wanted === '' || !rows.some((row) => row.includes(wanted))) faults.add('quote is not in an observation');
      quoted.push(quote);
    }
    if (turn.action === 'unknown') {
      if (!last) faults.add('shape');
      return;
    }
    const { name, argument } = turn.action;
    if ((name === 'Terminate') !== last) faults.add('shape');
    if (name !== 'Terminate' && !chain.prompt.tools.includes(name)) faults.add('tool not enabled');
    if (name === 'OCR' && Number(/^image-(\d+)$/.exec(argument)?.[1] ?? Number.NaN) >= chain.prompt.images.length)
      faults.add('unknown image');
    const numbers = quoted.flatMap((q) => [
      ...numbersIn(q),
      ...q.split('\t').flatMap((cell) => readable(cell).flatMap(numbersIn)),
    ]);
    if (name === 'Calculate') {
      for (const operand of numbersIn(argument.replaceAll(',', ';'))) {
        if (![...numbers, ...asked].some((n) => same(n, operand)) && !allowed(operand, argument, asked))
          faults.add('operand was neither quoted nor asked');
      }
    }
    if (name === 'Terminate') {
      const bare = (text: string): string => normalise(text).text.replace(/[^a-z0-9.%]/g, '');
      const said = bare(argument);
      const value = numbersIn(argument)[0];
      const shown =
        quoted.some((q) => bare(q).includes(said)) ||
        results.some((r) => bare(r) === said || same(Number(r), value ?? Number.NaN)) ||
        (value !== undefined && numbers.some((n) => same(n, Math.abs(value))));
      if (said === '' || !shown) faults.add('answer is neither quoted nor a result');
    }
    const seen = chain.observations[k];
    if (!seen) return;
    if ('rows' in seen) rows.push(...seen.rows.map(normaliseRow));
    if ('result' in seen) {
      results.push(seen.result);
      const value = name === 'Calculate' ? calculated(argument) : undefined;
      if (
        name === 'Calculate' &&
        (value === undefined || Math.abs(value - Number(seen.result)) > 1e-6 * Math.max(1, Math.abs(value)))
      )
        faults.add('result is not what the expression gives');
    }
    // The same call twice is of use only after an error.
    const again = chain.turns[k + 1]?.action;
    if (!('error' in seen) && again !== 'unknown' && again?.name === name && again.argument === argument)
      faults.add('a step is not used');
  });
  return [...faults];
}

/** A text with letters among digits read as digits again; then also with a space between digits read as a point. */
function readable(text: string): readonly string[] {
  const letters = normalise(text)
    .text.replace(/(?<=[\d.,])o|o(?=[\d.,])/g, '0')
    .replace(/(?<=[\d.,])[il|]|(?<![a-z])[il|](?=[\d.,])/g, '1');
  return [letters, letters.replace(/(\d) (?=\d\d(?!\d))/g, '$1.')];
}
