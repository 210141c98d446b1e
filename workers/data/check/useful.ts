/** Whether each step serves the answer: a result that nothing uses teaches to call tools for nothing. */
import type { CheckInput, Derived, Seen } from './contract.ts';
import { numbersSaid } from './numbers.ts';
import { type Fault, fault } from './reasons.ts';
import type { Call, Walked } from './walk.ts';

/**
 * A step is of use where a later call takes its image or one of its boxes, where what it calculated is said later, or
 * where without it something else would follow. A failed call must be followed by one that succeeds.
 * @param again what follows from other observations
 * @param derived what follows from all of them
 */
export function uselessFault(
  { turns }: CheckInput,
  { seen, calls, answer }: Walked,
  again: (seen: Seen) => Derived,
  derived: Derived,
): Fault | undefined {
  const whole = JSON.stringify(derived);
  for (const [place, call] of calls.entries()) {
    const at = `turn ${call.turn + 1}: ${call.action.name}`;
    const later = calls.slice(place + 1);
    if (call.step === undefined) {
      if (!later.some(({ step }) => step !== undefined) && !instead(turns, call))
        return fault('failed-step', `${at}: ${call.error ?? ''}`);
      continue;
    }
    if (takenLater(seen, call.step, later)) continue;
    if (saidLater(seen, call, turns, answer)) continue;
    const without = { ...seen, steps: seen.steps.filter((_, i) => i !== call.step) };
    if (JSON.stringify(again(without)) === whole) return fault('useless-step', at);
  }
  return undefined;
}

/** A call that failed is made up for without another one where the chain goes on to decline. */
const instead = (turns: CheckInput['turns'], { turn }: Call): boolean => turn < turns.length - 2;

/** A later call looks at an image that the step made, or is given a box of its. */
function takenLater(seen: Seen, step: number, later: readonly Call[]): boolean {
  const { made, result } = seen.steps[step]!;
  const text = JSON.stringify(result);
  return later.some(({ action }) => {
    const given = JSON.stringify(action.arguments);
    if (made.some((name) => given.includes(`"${name}"`))) return true;
    const box = action.arguments['bbox'];
    return Array.isArray(box) && text.includes(JSON.stringify(box));
  });
}

/** What a calculation gave is said in a later thought, a later call or the answer. */
function saidLater(
  seen: Seen,
  { step, turn, action: { name } }: Call,
  turns: CheckInput['turns'],
  answer: string,
): boolean {
  if (name !== 'Calculate' && name !== 'SolveMathEquation' && !name.startsWith('Query')) return false;
  const { result } = seen.steps[step!]!.result;
  const values = numbersSaid(String(result));
  const after = [
    answer,
    ...turns
      .slice(turn + 1)
      .flatMap(({ thought, actions }) => [thought, ...actions.map((one) => JSON.stringify(one.arguments))]),
  ].join('\n');
  if (values.length === 0) return after.toLowerCase().includes(String(result).toLowerCase());
  const said = numbersSaid(after);
  return values.some(({ value }) => said.some((one) => one.value.toFixed(one.places) === value.toFixed(one.places)));
}
