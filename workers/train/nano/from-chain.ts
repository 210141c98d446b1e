/**
 * A chain of the data factory as cota-nano says it: rows that its thoughts quote become marks, actions their short form.
 * What the chain rests on is taken from its observations; a chain whose evidence cannot be found there is left out.
 */
import { CANNOT_TELL, type Chain, type ChainTurn } from '../../../shared/data/chain.ts';
import { fitRows, MARKS, marksOf, type NanoChain, type NanoTool, type NanoTurn } from '../../../shared/nano/format.ts';
import { type Bbox, kindOf, type Observed, observe } from '../../../shared/nano/observe.ts';
import { COUNT } from '../../../shared/nano/references.ts';
import type { Random } from '../../data/random.ts';
import { compareInEach, comparePlaces, compareSides, placesOf } from './places.ts';
import { type Marked, plain, type Reading, referring } from './shorter.ts';

/** Tools that cota-nano calls. A question that needs another one ends with "cannot tell". */
export const CALLED: ReadonlySet<string> = new Set([
  'OCR',
  'Calculate',
  'Terminate',
  'LocalizeObjects',
  'GetObjects',
  'DetectFaces',
  'ZoomIn',
  'SolveMathEquation',
]);

/** A region counts from this score on, as the factory's chains count. */
const SURE = 0.5;

/** Families whose rows are asked for by their place: the third task, the second exercise on the right. */
const PLACED: ReadonlySet<string> = new Set(['reading', 'equations']);

/** Families that ask on which side of one thing another lies, in each of several images. */
const EACH: ReadonlySet<string> = new Set(['select-relation', 'compare-relation']);

/** Answers to where the one thing lies from the other. */
const SIDES: ReadonlySet<string> = new Set(['left', 'right', 'above', 'below']);

type Call = ChainTurn['actions'][number];
type Result = ChainTurn['observations'][number];

/** Why a chain is left out. */
export type Unfit = 'other-tool' | 'no-evidence' | 'no-answer' | 'unreadable' | 'count';

export interface Form {
  /** false = without evidence: actions and answers alone */
  readonly thoughts?: boolean | undefined;
  /** false = Calculate says all of its numbers, answers their count */
  readonly references?: boolean | undefined;
}

/**
 * @param rng chooses which other tools are offered, and how much of the budget is named
 * @param how by itself as cota-nano is taught
 */
export function nanoChain(chain: Chain, rng: Random, how: Form = {}): NanoChain | Unfit {
  const { thoughts = true } = how;
  const used = new Set(
    chain.turns.flatMap(({ actions }) => actions.map(({ name }) => (name === 'Crop' ? 'ZoomIn' : name))),
  );
  const size = chain.images.filter((_, at) => at < inputs(chain)).map(({ width, height }) => ({ width, height }));
  if ([...used].some((name) => !CALLED.has(name))) {
    // Told by tools that it does not have: it says so at once.
    const tools = offered(rng, new Set(['Terminate']));
    const prompt = { tools, budget: 3, images: size, question: chain.question };
    return rng.chance(0.5) ? { prompt, turns: [{ quotes: [], action: 'unknown' }], observations: [] } : 'other-tool';
  }
  const reading: Reading = { turns: [], observations: [], rows: [], marks: 0 };
  for (const turn of chain.turns) {
    const fault = addTurn(reading, turn, how, chain);
    if (fault) return fault;
  }
  const { turns, observations } = reading;
  const last = turns.at(-1);
  if (!last || turns.length !== observations.length + 1) return 'unreadable';
  if (last.action !== 'unknown' && last.action.name !== 'Terminate') return 'no-answer';
  if (chain.facts?.family === 'count' && thoughts && !counts(last)) return 'count';
  const places = placesOf(chain.facts?.family ?? '', chain.question);
  if (places !== undefined && thoughts && last.action !== 'unknown' && !comparePlaces(reading, last, places))
    return 'no-evidence';
  const sided = chain.facts?.family === 'relation' && last.action !== 'unknown' && SIDES.has(last.action.argument);
  if (sided && thoughts && !compareSides(reading, last)) return 'no-evidence';
  if (EACH.has(chain.facts?.family ?? '') && thoughts && !compareInEach(reading, chain.question)) return 'no-evidence';
  const budget = turns.length < 3 && rng.chance(0.1) ? 2 : 3;
  if (turns.some(({ action }) => typeof action === 'object' && action.name === 'Calculate')) used.add('Calculate');
  const prompt = { tools: offered(rng, used), budget, images: size, question: chain.question };
  return { prompt, ...asks(chain), turns, observations };
}

/** The question without its options, which stand in lines of their own. */
const asks = ({ question, choices }: Chain): { readonly asks?: string } =>
  choices ? { asks: question.split('\n', 1)[0] ?? '' } : {};

/** Input images; those that tools made come after them. */
function inputs(chain: Chain): number {
  const made = chain.turns.flatMap(({ observations }) =>
    observations.flatMap((one) => (one.ok ? (one.images ?? []).map(({ name }) => name) : [])),
  );
  return chain.images.filter(({ name }) => !made.includes(name)).length;
}

/** The tools of a prompt: those that are called, mostly all others, sometimes few. */
function offered(rng: Random, used: ReadonlySet<string>): NanoTool[] {
  const few = rng.chance(0.3);
  return [...CALLED].filter((name) => used.has(name) || (few ? rng.chance(0.4) : rng.chance(0.92))) as NanoTool[];
}

function addTurn(
  reading: Reading,
  turn: ChainTurn,
  { thoughts = true, references = true }: Form,
  { choices, question, facts }: Chain,
): Unfit | undefined {
  let seen = 0;
  for (const [at, call] of turn.actions.entries()) {
    const ends = call.name === 'Terminate';
    const action = ends ? answerOf(call, choices) : actionOf(call);
    if (!action) return 'unreadable';
    const quotes =
      call.name === 'ZoomIn' || call.name === 'Crop'
        ? zoomed(reading, call)
        : thoughts && at === 0
          ? evidence(reading, turn, call)
          : [];
    // Where many rows were read, marks are used again: the first rows cannot be quoted any more.
    if (!quotes || quotes.some((mark) => mark < reading.marks - MARKS)) return 'no-evidence';
    // The company of a receipt and its date: no word tells their rows, and what these say begins in any way.
    const written = action !== 'unknown' && action.name === 'Terminate' && !/^\d+(?:\.\d+)?$/.test(action.argument);
    const placed = PLACED.has(facts?.family ?? '') || (facts?.family === 'receipt' && written);
    reading.turns.push({
      ...{ quotes, ...(placed && quotes.length > 0 ? { placed } : {}) },
      action: references ? referring(reading, quotes, action, question) : action,
    });
    if (ends) continue;
    const result = turn.observations[seen++];
    if (!result) return 'unreadable';
    add(reading, call, result);
  }
  return undefined;
}

function add(reading: Reading, call: Call, result: Result): void {
  if (!result.ok) {
    reading.observations.push({ error: result.error.message });
    return;
  }
  const { observation, places } = observe(call.name, result.result);
  if ('rows' in observation) {
    const regions = (result.result as { regions?: { score?: number }[] }).regions;
    for (const [nth, { row, text }] of fitRows(observation.rows).seen.entries()) {
      const place = places[row] as Observed['places'][number];
      reading.rows.push({
        mark: reading.marks + nth,
        text: place.text,
        seen: text,
        bbox: place.bbox,
        image: String(call.arguments.image ?? 'image-0'),
        score: regions?.[row]?.score,
        asked: regions ? ((call.arguments.objects as string[] | undefined) ?? ['face']) : undefined,
      });
    }
  }
  reading.marks += marksOf(observation);
  reading.observations.push(observation);
}

const imageNumber = (name: unknown): string | undefined => /^image-(\d+)$/.exec(String(name ?? 'image-0'))?.[1];

/** The action as cota-nano writes it; see dialects/nano. */
function actionOf({ name, arguments: given }: Call): NanoTurn['action'] | undefined {
  const image = imageNumber(given.image);
  switch (name) {
    case 'OCR':
    case 'GetObjects':
    case 'DetectFaces':
      return image === undefined ? undefined : { name, argument: image };
    case 'LocalizeObjects': {
      const objects = given.objects;
      return image !== undefined && Array.isArray(objects)
        ? { name, argument: `${image} ${objects.join(', ')}` }
        : undefined;
    }
    case 'ZoomIn':
    case 'Crop':
      return { name: 'ZoomIn', argument: '' };
    case 'Calculate':
      return { name, argument: String(given.expression).replaceAll(' ', '').toLowerCase() };
    case 'SolveMathEquation':
      return { name, argument: String(given.query) };
    default:
      return undefined;
  }
}

/**
 * An option is answered by its text, which stands in what was read as well: to name its letter, which stands before it, is
 * learnt late. Serving gives the letter back.
 */
function answerOf({ arguments: given }: Call, choices: Chain['choices']): NanoTurn['action'] | undefined {
  const answer = String(given.answer ?? '');
  if (answer === CANNOT_TELL) return 'unknown';
  if (answer === '') return undefined;
  const option = /^[A-H]$/.test(answer) ? choices?.[answer.charCodeAt(0) - 65] : undefined;
  return { name: 'Terminate', argument: option ?? answer };
}

/** The row that a ZoomIn enlarges. */
function zoomed({ rows }: Reading, call: Call): number[] | undefined {
  const wanted = JSON.stringify(call.arguments.bbox);
  const own = rows.filter((row) => row.image === call.arguments.image);
  const found = own.findLast((row) => JSON.stringify(row.bbox) === wanted) ?? nearest(own, call.arguments.bbox as Bbox);
  return found && [found.mark];
}

/** A part that was taken with some room around it: the row whose middle is nearest to its middle, within its height. */
function nearest(rows: readonly Marked[], [, top, , bottom]: Bbox): Marked | undefined {
  const away = ({ bbox }: Marked): number => (bbox ? Math.abs(bbox[1] + bbox[3] - top - bottom) / 2 : 1);
  const best = rows.toSorted((a, b) => away(a) - away(b))[0];
  return best && away(best) < (bottom - top) / 2 ? best : undefined;
}

/** Rows that the thought quotes, word for word, or regions that the answer rests on. */
function evidence(reading: Reading, turn: ChainTurn, call: Call): number[] | undefined {
  const read = reading.rows.filter(({ asked }) => asked === undefined);
  if (read.length > 0) {
    const quoted = [...turn.thought.matchAll(/"([^"]*)"/g)]
      .map(([, text = '']) => plain(text))
      .filter((text) => text !== '');
    const marks = quoted.map((text) => rowOf(read, text));
    return marks.includes(undefined) ? undefined : [...new Set(marks as number[])];
  }
  const decides = call.name === 'Terminate' || call.name === 'Calculate';
  if (!decides || (call.name === 'Terminate' && call.arguments.answer === CANNOT_TELL)) return [];
  // The answer to a sum is said after it; its evidence stands before it.
  if (call.name === 'Terminate' && said(reading, 'Calculate')) return [];
  return reading.rows
    .filter(({ score, asked, text }) => (score ?? 1) >= SURE && asked?.some((kind) => kind === kindOf(text)))
    .map(({ mark }) => mark);
}

const said = ({ turns }: Reading, name: string): boolean => {
  const action = turns.at(-1)?.action;
  return typeof action === 'object' && action.name === name;
};

/** The mark of the row that says this: the same text, or, where there is none, the last row that holds it. */
function rowOf(rows: readonly Marked[], text: string): number | undefined {
  const texts = rows.map((row) => plain(row.text));
  const exact = texts.lastIndexOf(text);
  return rows[exact >= 0 ? exact : texts.findLastIndex((one) => one.includes(text))]?.mark;
}

/** A count is the number of regions quoted, where the answer is a number. */
function counts({ quotes, action }: NanoTurn): boolean {
  if (action === 'unknown' || action.argument === COUNT || !/^\d+$/.test(action.argument)) return true;
  return quotes.length === Number(action.argument);
}
