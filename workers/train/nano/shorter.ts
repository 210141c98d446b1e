/** What cota-nano says shorter than the chain does: numbers and counts by what it quoted. */
import { type NanoObservation, type NanoTurn, normalise } from '../../../shared/nano/format.ts';
import type { Bbox } from '../../../shared/nano/observe.ts';
import { COUNT, referred } from '../../../shared/nano/references.ts';

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
