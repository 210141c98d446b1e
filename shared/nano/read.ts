/** What a run has read so far, as its turns may quote it. */
import {
  fitRows,
  MARKS,
  type NanoObservation,
  normalise,
  QUESTION_LIMIT,
  type RowRead,
  type RowsRead,
} from './format.ts';

export interface Reading extends RowsRead {
  /** @returns the mark of the next observation's first row */
  add(observation: NanoObservation): number;
}

/** @param firstMark of the run's first row */
export function openReading(question: string, firstMark = 0): Reading {
  const rows = new Map<number, RowRead>();
  let next = firstMark;
  let result: string | undefined;
  return {
    get result() {
      return result;
    },
    question: normalise(question.slice(0, QUESTION_LIMIT * 4)).text.slice(0, QUESTION_LIMIT),
    rows,
    add(observation) {
      result = 'result' in observation ? observation.result : undefined;
      if (!('rows' in observation)) return next;
      for (const { text } of fitRows(observation.rows).seen)
        rows.set(next++ % MARKS, { text, found: observation.found === true });
      return next;
    },
  };
}
