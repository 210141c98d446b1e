/** Whether each step serves the answer: a result that nothing uses teaches to call tools for nothing. */
import { cutOut, sameBox, toInput } from './boxes.ts';
import type { Box, CheckInput, Derived, Seen, SeenStep } from './contract.ts';
import { numbersSaid } from './numbers.ts';
import { type Fault, fault } from './reasons.ts';
import type { Call, Walked } from './walk.ts';

/** Tools that look at pictures; the first of them says what a chain is about. */
export const LOOKS = /^(?:OCR|LocalizeObjects|GetObjects|DetectFaces|Estimate.*Depth|Get.*Similarity)$/;

/**
 * A step is of use where a later call takes its image or one of its boxes, where what it calculated is said later, or
 * where without it something else would follow. A failed call must be followed by one that succeeds.
 * @param again what follows from other observations
 * @param derived what follows from all of them
 */
export function uselessFault(
  { question, turns }: CheckInput,
  { seen, calls, answer }: Walked,
  again: (seen: Seen) => Derived,
  derived: Derived,
): Fault | undefined {
  const whole = JSON.stringify(derived);
  const aboutText = calls.find(({ action: { name } }) => LOOKS.test(name))?.action.name === 'OCR';
  for (const [place, call] of calls.entries()) {
    const at = `turn ${call.turn + 1}: ${call.action.name}`;
    const later = calls.slice(place + 1);
    if (call.step === undefined) {
      // That a thing is not found is an answer too: it is why the chain declines.
      const shows = derived === 'unknown' && call.error?.startsWith('object_not_found') === true;
      if (!shows && !later.some(({ step }) => step !== undefined) && !instead(turns, call))
        return fault('failed-step', `${at}: ${call.error ?? ''}`);
      continue;
    }
    if (takenLater(seen, call.step, later)) continue;
    if (saidLater(seen, call, turns, answer) || settles(seen, call.step)) continue;
    if (derived === 'unknown' && bears(question, aboutText, seen.steps[call.step]!)) continue;
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
  // Written out only where a later call has a box or there is an image to be looked for.
  let text: string | undefined;
  return later.some(({ action }) => {
    if (made.length > 0) {
      const given = JSON.stringify(action.arguments);
      if (made.some((name) => given.includes(`"${name}"`))) return true;
    }
    const box = action.arguments.bbox;
    if (!Array.isArray(box)) return false;
    text ??= JSON.stringify(result);
    return text.includes(JSON.stringify(box));
  });
}

/**
 * Where it cannot be told, no single look makes the difference: then all looks are of use that bear on the question,
 * those for things that it names and those at what a look before them showed.
 */
function bears(question: string, aboutText: boolean, { action: { name, arguments: given }, place }: SeenStep): boolean {
  const text = question.toLowerCase();
  const named = (label: unknown): boolean => {
    const word = String(label).toLowerCase();
    return text.includes(word) || word.split(' ').some((one) => one.length > 3 && text.includes(one.slice(0, -2)));
  };
  if (name === 'LocalizeObjects') return Array.isArray(given.objects) && given.objects.some(named);
  if (name === 'EstimateObjectDepth') return named(given.object);
  if (name === 'OCR') return aboutText && place !== undefined;
  return !aboutText && (name === 'GetObjects' || name === 'EstimateRegionDepth' || name.endsWith('Similarity'));
}

/**
 * A second look at a doubtful region is of use even where the answer turns out not to hang on it: that was not known
 * before it was made.
 */
function settles(seen: Seen, step: number): boolean {
  const { action, place } = seen.steps[step]!;
  if (action.name !== 'LocalizeObjects' || !place || place.zoom < 1.9) return false;
  return seen.steps.slice(0, step).some(({ result, place: from }) => {
    const { regions } = result;
    if (!Array.isArray(regions) || !from || from.input !== place.input) return false;
    return regions.some((region) => {
      const { bbox, score } = region as unknown as { bbox: Box; score: number };
      return score >= 0.3 && score < 0.5 && sameBox(toInput(cutOut(bbox), from), place.box, 0.012);
    });
  });
}

/** A later thought says a cell of the page. */
function quotedLater({ result: { rows } }: SeenStep, turns: CheckInput['turns']): boolean {
  const thoughts = turns.map(({ thought }) => thought).join('\n');
  return (
    Array.isArray(rows) &&
    rows.some((row) =>
      String((row as { text?: unknown }).text)
        .split('\t')
        .some((cell) => cell.length > 2 && thoughts.includes(cell)),
    )
  );
}

/** What a page says is quoted, what a calculation gave is said in a later thought, a later call or the answer. */
function saidLater(
  seen: Seen,
  { step, turn, action: { name } }: Call,
  turns: CheckInput['turns'],
  answer: string,
): boolean {
  if (name === 'OCR') return quotedLater(seen.steps[step!]!, turns.slice(turn + 1));
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
