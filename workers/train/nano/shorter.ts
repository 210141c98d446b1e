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
const PLACES: Readonly<Record<string, string>> = {
  leftmost: 'min([:1])',
  rightmost: 'max([:1])',
  topmost: 'min([:2])',
  bottommost: 'max([:2])',
};
/** Ways to say a side, as the factory's questions do. */
const SAID = [
  [/\bleft of\b/i, 'min([:1])'],
  [/\bright of\b/i, 'max([:1])'],
  [/\b(?:above|(?:higher|further) up)\b/i, 'min([:2])'],
  [/\b(?:below|(?:lower|further) down)\b/i, 'max([:2])'],
] as const;

/**
 * How the thing that is asked for is told by its place, if it is: the only one above another is the topmost of all.
 * @param question of one side
 */
export function placesOf(family: string, question: string): string | undefined {
  return family === 'relation-head' ? SAID.find(([side]) => side.test(question))?.[1] : PLACES[family];
}

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

/** How far apart two things lie, in hundredths of the image's width and height. */
const APART = ['[0:1]-[1:1]', '[0:2]-[1:2]'] as const;

/**
 * Puts before the answer how far the one thing lies from the other, across and down: their signs are the side, the greater
 * tells which of them counts.
 * @returns whether that is the chain's answer, from the one or the other of the two
 */
export function compareSides({ turns, observations, rows }: Reading, last: NanoTurn): boolean {
  if (last.action === 'unknown') return false;
  const quoted = last.quotes.flatMap((mark) => rows.findLast((row) => row.mark === mark) ?? []);
  if (quoted.length !== 2 || quoted[0]?.image !== quoted[1]?.image) return false;
  const place = (row: Marked | undefined, column: number): number => Number(numberOf(row?.seen ?? '', column));
  for (const [one, other] of [quoted, quoted.toReversed()]) {
    const across = place(one, 1) - place(other, 1);
    const down = place(one, 2) - place(other, 2);
    const wide = Math.abs(across) > Math.abs(down);
    const side = wide ? (across < 0 ? 'left' : 'right') : down < 0 ? 'above' : 'below';
    if (Math.abs(across) === Math.abs(down) || side !== plain(last.action.argument)) continue;
    const quotes = [one, other].flatMap((row) => row?.mark ?? []);
    turns.splice(-1, 1);
    for (const [at, argument] of APART.entries()) {
      turns.push({ quotes, action: { name: 'Calculate', argument } });
      observations.push({ result: String([across, down][at]) });
    }
    turns.push({ quotes: [], action: last.action });
    return true;
  }
  return false;
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
