/** Where things lie, as Calculate compares it for cota-nano: it reads places as numbers and answers by what is computed. */
import { evaluate } from 'mathjs';
import { type NanoObservation, type NanoTurn, normalise } from '../../../shared/nano/format.ts';
import { kindOf } from '../../../shared/nano/observe.ts';
import { numberOf, written } from '../../../shared/nano/references.ts';
import { type Marked, plain, type Reading } from './shorter.ts';

const kind = ({ text }: Marked): string => plain(kindOf(text));

/** What the thought of such a chain compares, as Calculate does it. */
const PLACES: Readonly<Record<string, string>> = {
  leftmost: 'min([:1])',
  rightmost: 'max([:1])',
  topmost: 'min([:2])',
  bottommost: 'max([:2])',
};
/** Ways to say a side, as the factory's questions do; `edge` finds the thing that is furthest to it. */
const SAID = [
  { said: /\bleft of\b/i, edge: 'min([:1])', mostly: '[0:1]-[1:1]+abs([0:2]-[1:2])' },
  { said: /\bright of\b/i, edge: 'max([:1])', mostly: '[1:1]-[0:1]+abs([0:2]-[1:2])' },
  { said: /\b(?:above|(?:higher|further) up)\b/i, edge: 'min([:2])', mostly: '[0:2]-[1:2]+abs([0:1]-[1:1])' },
  { said: /\b(?:below|(?:lower|further) down)\b/i, edge: 'max([:2])', mostly: '[1:2]-[0:2]+abs([0:1]-[1:1])' },
] as const;

const saidIn = (question: string): (typeof SAID)[number] | undefined => SAID.find(({ said }) => said.test(question));

/**
 * How the thing that is asked for is told by its place, if it is: the only one above another is the topmost of all.
 * @param question of one side
 */
export function placesOf(family: string, question: string): string | undefined {
  return family === 'relation-head' ? saidIn(question)?.edge : PLACES[family];
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
  if (!only || there.length > 1 || kind(only) !== plain(last.action.argument)) return false;
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

/**
 * Puts after each search for two things, in one image after the other, how far the first that the question names lies to
 * its side of the second: `mostly` is negative where it lies further that way than across it. The answer follows from the
 * signs.
 * @returns whether it is the chain's answer
 */
export function compareInEach({ turns, observations, rows }: Reading, question: string): boolean {
  const mostly = saidIn(question)?.mostly;
  const last = turns.at(-1);
  if (!mostly || !last) return false;
  const asks = normalise(question).text;
  const named = (row: Marked): number => asks.indexOf(kind(row));
  const [made, results]: [NanoTurn[], NanoObservation[]] = [[], []];
  const sides: { readonly image: string; readonly there: boolean }[] = [];
  for (const [at, turn] of turns.slice(0, -1).entries()) {
    if (turn.action === 'unknown' || turn.action.name !== 'LocalizeObjects') return false;
    const image = `image-${turn.action.argument.split(' ', 1)[0]}`;
    const found = rows.filter((row) => row.image === image);
    made.push(turn);
    results.push(observations[at] as NanoObservation);
    if (new Set(found.map(kind)).size < 2) continue;
    const [one, other, another] = found.toSorted((a, b) => named(a) - named(b));
    if (!one || !other || another) return false;
    const far = Number(evaluate(written(mostly, [one.seen, other.seen])));
    sides.push({ image, there: far < 0 });
    made.push({ quotes: [one.mark, other.mark], action: { name: 'Calculate', argument: mostly } });
    results.push({ result: String(far) });
  }
  if (last.action !== 'unknown' && !says(plain(last.action.argument), sides)) return false;
  turns.splice(0, turns.length, ...made, { quotes: [], action: last.action });
  observations.splice(0, observations.length, ...results);
  return true;
}

/** Whether it names the only image where it is so, or says of two that it is in both, or in neither. */
function says(answer: string, sides: readonly { readonly image: string; readonly there: boolean }[]): boolean {
  const [only, more] = sides.filter(({ there }) => there);
  if (!only) return answer === 'neither';
  return more ? sides.length === 2 && answer === 'both' : answer === only.image || answer === `only ${only.image}`;
}
