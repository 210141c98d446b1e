/**
 * A model at work on a chain's question, every token its own: tools answer as they did in the chain, Calculate and
 * SolveMathEquation really compute. What was never asked of a tool there is an error, as from a tool that fails.
 */
import type { Chain } from '../../../shared/data/chain.ts';
import {
  decodeTurn,
  encodeObservation,
  encodePrompt,
  encodeTurn,
  fitRows,
  ID,
  MARKS,
  type NanoObservation,
  type NanoPrompt,
  type NanoTurn,
  normalise,
} from '../../../shared/nano/format.ts';
import { kindOf, observe, type RowPlace } from '../../../shared/nano/observe.ts';
import { COUNT, written } from '../../../shared/nano/references.ts';
import { calculateExpression } from '../../tools/calculate/calculate-expression.ts';

/** Says the turn after these ids. */
export type Speak = (prompt: readonly number[]) => Promise<readonly number[]>;

export interface Played {
  /** As the model wrote it; 'unknown' = it cannot be told, undefined = it did not come to an answer. */
  readonly answer: string | 'unknown' | undefined;
  readonly turns: readonly NanoTurn[];
  /** Tokens that the model said. */
  readonly said: number;
  /** What was wrong with a turn that could not be read. */
  readonly problem?: string;
}

/** Longer than any chain of the factory that cota-nano can follow. */
const MOST_TURNS = 16;
const LONGEST = 2048;

interface Row extends RowPlace {
  /** As the model reads it. */
  readonly seen: string;
  readonly image: string;
}

/**
 * @param from turns of the chain that are given, with what they returned: 1 = its reading stands in the prompt
 */
export async function play(chain: Pick<Chain, 'turns'>, prompt: NanoPrompt, speak: Speak, from = 0): Promise<Played> {
  const world = worldOf(chain);
  const ids = encodePrompt(prompt);
  const rows = new Map<number, Row>();
  const turns: NanoTurn[] = [];
  let marks = 0;
  let said = 0;
  const hear = (call: Call | undefined): void => {
    const { observation, places, image } = world(call);
    ids.push(...encodeObservation(observation, prompt.question, marks));
    if (!('rows' in observation)) return;
    for (const { row, text } of fitRows(observation.rows).seen)
      rows.set(marks++ % MARKS, { ...(places[row] as RowPlace), seen: text, image });
  };
  for (const given of chain.turns.slice(0, from)) {
    const [action] = given.actions;
    if (!action) break;
    ids.push(
      ...encodeTurn({ quotes: [], action: { name: action.name as 'OCR', argument: imageOf(action.arguments.image) } }),
    );
    hear(action);
  }
  while (turns.length < MOST_TURNS && ids.length < LONGEST - 8) {
    const own = await speak(ids);
    said += own.length;
    ids.push(...own, ...(own.at(-1) === ID.end ? [] : [ID.end]));
    let turn: NanoTurn;
    try {
      turn = decodeTurn(own);
    } catch (error) {
      return { answer: undefined, turns, said, problem: (error as Error).message };
    }
    turns.push(turn);
    if (turn.action === 'unknown') return { answer: 'unknown', turns, said };
    const { name, argument } = turn.action;
    if (name === 'Terminate')
      return { answer: argument === COUNT ? String(turn.quotes.length) : argument, turns, said };
    hear(callOf(turn, rows));
  }
  return { answer: undefined, turns, said, problem: 'it came to no end' };
}

const imageOf = (name: unknown): string => String(name ?? 'image-0').replace('image-', '');

interface Call {
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

function callOf({ quotes, action }: NanoTurn, rows: ReadonlyMap<number, Row>): Call | undefined {
  if (action === 'unknown') return undefined;
  const { name, argument } = action;
  const [, number = '', list = ''] = /^(\d+)(?: (.*))?$/.exec(argument) ?? [];
  if (name === 'Calculate') return { name, arguments: { text: numbered(argument, quotes, rows) } };
  if (name === 'SolveMathEquation') return { name, arguments: { text: argument } };
  if (name === 'ZoomIn') {
    const row = rows.get(quotes.at(-1) ?? -1);
    return row?.bbox && { name, arguments: { image: row.image, bbox: row.bbox } };
  }
  return {
    name,
    arguments: { image: `image-${number}`, ...(list ? { objects: list.split(',').map((one) => one.trim()) } : {}) },
  };
}

/** An expression that names a row without a number stays as it is: Calculate refuses it. */
function numbered(argument: string, quotes: readonly number[], rows: ReadonlyMap<number, Row>): string {
  try {
    return written(
      argument,
      quotes.map((mark) => rows.get(mark)?.seen ?? ''),
    );
  } catch {
    return argument;
  }
}

type Heard = { readonly observation: NanoObservation; readonly places: readonly RowPlace[]; readonly image: string };

const failed = (message: string): Heard => ({ observation: { error: message }, places: [], image: '' });

/** The chain's tools. */
function worldOf(chain: Pick<Chain, 'turns'>): (call: Call | undefined) => Heard {
  const done = chain.turns.flatMap(({ actions, observations }) =>
    actions.flatMap((action, at) => (observations[at] ? [{ action, observation: observations[at] }] : [])),
  );
  return (call) => {
    if (!call) return failed('this cannot be done');
    const image = String(call.arguments.image ?? 'image-0');
    if (call.name === 'Calculate') return computed(call);
    const found = done.find(({ action }) => answers(action, call));
    if (!found) return failed(`${call.name} failed. Do without it, or try other arguments.`);
    if (!found.observation.ok) return failed(found.observation.error.message);
    const asked = call.arguments.objects as string[] | undefined;
    const result = asked ? only(found.observation.result, asked) : found.observation.result;
    return { ...observe(call.name, result), image };
  };
}

function computed({ arguments: { text } }: Call): Heard {
  try {
    const result = calculateExpression(String(text));
    return { ...observe('Calculate', { result }), image: '' };
  } catch (error) {
    return failed((error as Error).message);
  }
}

/** Whether what the chain asked of a tool tells what is asked now. */
function answers(action: Call, call: Call): boolean {
  const name = action.name === 'Crop' ? 'ZoomIn' : action.name;
  if (name !== call.name) return false;
  if (name === 'SolveMathEquation') return normalise(String(action.arguments.query)).text === call.arguments.text;
  if (action.arguments.image !== call.arguments.image) return false;
  if (name === 'ZoomIn') {
    const [, top = 0, , bottom = 0] = action.arguments.bbox as number[];
    const [, up = 0, , down = 0] = call.arguments.bbox as number[];
    return Math.abs(top + bottom - up - down) / 2 < (bottom - top) / 2;
  }
  const had = (action.arguments.objects as string[] | undefined)?.map((one) => normalise(one).text);
  return ((call.arguments.objects as string[] | undefined) ?? []).every((one) => had?.includes(one));
}

function only(result: unknown, asked: readonly string[]): unknown {
  const { regions } = result as { regions?: readonly { readonly label: string }[] };
  return regions ? { regions: regions.filter(({ label }) => asked.includes(normalise(kindOf(label)).text)) } : result;
}
