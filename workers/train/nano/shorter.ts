/** What cota-nano says shorter than the chain does: numbers and counts by what it quoted, places compared by Calculate. */
import { type NanoObservation, type NanoTurn, normalise } from '../../../shared/nano/format.ts';
import { type Bbox, kindOf } from '../../../shared/nano/observe.ts';
import { COUNT, numberOf, referred } from '../../../shared/nano/references.ts';

/** A row with its mark and all that is known of it. */
export interface Marked {
  readonly mark: number;
  readonly text: string;
  /** As the model reads it. */
  readonly seen: string;
  readonly bbox: Bbox | undefined;
  readonly image: string;
  readonly score: number | undefined;
  /** What was asked for, of a search for objects. */
  readonly asked: readonly string[] | undefined;
}

/** What of a chain was told so far. */
export interface Reading {
  readonly turns: NanoTurn[];
  readonly observations: NanoObservation[];
  readonly rows: Marked[];
  marks: number;
}

/** One line, normalised. */
export const plain = (text: string): string => normalise(text.replaceAll('\t', ' ')).text;

/** What the thought of such a chain compares, as Calculate does it. */
export const PLACES: Readonly<Record<string, string>> = {
  leftmost: 'min([:1])',
  rightmost: 'max([:1])',
  topmost: 'min([:2])',
  bottommost: 'max([:2])',
};

/**
 * Puts the comparison of places before the last turn, which then quotes the one thing at that place.
 * @returns whether it gives the chain's answer: things of an enlarged part have places of their own
 */
export function comparePlaces({ turns, observations, rows }: Reading, last: NanoTurn, expression: string): boolean {
  if (last.action === 'unknown') return false;
  const quoted = last.quotes.flatMap((mark) => rows.findLast((row) => row.mark === mark) ?? []);
  if (quoted.length < 2 || quoted.some(({ image }) => image !== quoted[0]?.image)) return false;
  const column = Number(/:(\d)/.exec(expression)?.[1]);
  const places = quoted.map(({ seen }) => Number(numberOf(seen, column)));
  const best = (expression.startsWith('min') ? Math.min : Math.max)(...places);
  const there = quoted.filter((_, at) => places[at] === best);
  const [only] = there;
  if (!only || there.length > 1 || plain(kindOf(only.text)) !== plain(last.action.argument)) return false;
  turns.splice(-1, 1, { quotes: last.quotes, action: { name: 'Calculate', argument: expression } });
  turns.push({ quotes: [only.mark], action: last.action });
  observations.push({ result: String(best) });
  return true;
}

/** Numbers of quoted rows are named by their row; a count of what was found is said as one. */
export function referring(
  { rows }: Reading,
  quotes: readonly number[],
  action: NanoTurn['action'],
  question: string,
): NanoTurn['action'] {
  if (action === 'unknown') return action;
  const { name, argument } = action;
  const quoted = quotes.flatMap((mark) => rows.findLast((row) => row.mark === mark) ?? []);
  const found = quoted.filter(({ asked }) => asked !== undefined);
  if (name === 'Calculate' && found.length === 0) {
    const asks = normalise(question.split('\n', 1)[0] ?? '').text;
    return {
      name,
      argument: referred(
        argument,
        quoted.map(({ seen }) => seen),
        asks,
      ),
    };
  }
  const counts = name === 'Terminate' && argument === String(found.length) && found.length === quoted.length;
  return counts && rows.every(({ asked }) => asked !== undefined) ? { name, argument: COUNT } : action;
}
