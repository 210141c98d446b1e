/**
 * The one view of a run that cota-nano's data, its training and its serving share.
 *
 *   <bos><tool:..>..<budget:n>[<brief>]{<img>WxH}<q>question<turn>        encodePrompt
 *   {quote}<act:NAME>argument<end>   or   {quote}<unknown><end>   encodeTurn; Calculate refers to what was quoted, see
 *                                                                references.ts
 *   <obs>{<rK>row<rK>}<q>question<turn>                          encodeObservation of rows
 *   <obs>result<turn>   or   <err>message<turn>                  encodeObservation of anything else
 *
 * Each row that a tool gives stands between two marks of its own. How a turn quotes rows is told in `quotes.ts`. The
 * question stands again behind the rows, so that its words find their rows, and so that many questions can share one
 * reading in training. Every prompt is a token-for-token extension of the one before it. Nothing that a user or an image
 * says can become scaffold: text only ever turns into glyph ids.
 */
import { normalise, normaliseRow } from './normalise.ts';
import { quoteIds, type RowsRead } from './quotes.ts';
import { COUNT, expressionIds, referenceAt } from './references.ts';
import {
  actionTool,
  glyphId,
  glyphOf,
  ID,
  markId,
  markOf,
  type NanoTool,
  rowGlyphs,
  TOKENS,
  tokenId,
} from './vocabulary.ts';

export { normalise, normaliseRow, restoreSpan } from './normalise.ts';
export type { RowRead, RowsRead } from './quotes.ts';
export {
  FIRST_MARK,
  glyphOf,
  ID,
  MARKS,
  markId,
  markOf,
  NANO_TOOLS,
  type NanoTool,
  rowGlyphs,
  TOKENS,
  tokenId,
  VOCABULARY_HASH,
  VOCABULARY_SIZE,
} from './vocabulary.ts';

/** Longest question in tokens; what is longer is cut at its end. */
export const QUESTION_LIMIT = 320;
/** Longest observation in tokens, the question behind it aside; see `fitRows`. */
export const OBSERVATION_LIMIT = 1100;
/** Longest row of an observation in tokens, its marks aside; what is longer is cut at its end. */
export const ROW_LIMIT = 120;
/** Longest argument of an action in tokens. */
export const ARGUMENT_LIMIT = 320;

export interface NanoPrompt {
  /** Enabled tools; their order does not matter, Terminate is always among them. */
  readonly tools: readonly NanoTool[];
  /** Turns that the model may take; 3 stands for three or more. */
  readonly budget: number;
  /** Sizes in pixels. */
  readonly images: readonly { readonly width: number; readonly height: number }[];
  readonly question: string;
  /** Actions and answers without evidence quoted before them. */
  readonly brief?: boolean;
}

export interface NanoTurn {
  /** Marks of rows, as evidence, in the order in which they are used. */
  readonly quotes: readonly number[];
  /** Whether the row is asked for by its place on the page: the third of a list. */
  readonly placed?: boolean;
  /** What to do; 'unknown' says that the image cannot tell. Of Calculate and Terminate see `references.ts`. */
  readonly action: { readonly name: NanoTool; readonly argument: string } | 'unknown';
}

/** Rows to point at (with tabs between cells), a result, or an error. */
export type NanoObservation = (
  | {
      readonly rows: readonly string[];
      /** Things that were found: quoted by their marks alone. */
      readonly found?: boolean;
    }
  | { readonly result: string }
  | { readonly error: string }
) & {
  /** The budget is spent: the model must answer in the next turn. */
  readonly answerNow?: boolean;
};

/** A whole chain: turns[k] is followed by observations[k]; the last turn has none. Marks count through its rows. */
export interface NanoChain {
  readonly prompt: NanoPrompt;
  /** What of the question tells rows, where that is not all of it: among options stands the answer. */
  readonly asks?: string;
  readonly turns: readonly NanoTurn[];
  readonly observations: readonly NanoObservation[];
}

/** One training sequence: ids and their loss weights in quarters, of equal length. */
export interface NanoExample {
  readonly ids: number[];
  readonly weights: number[];
}

/** Glyph ids of normalised text (tabs are kept, glyphs outside the set are `<other>`). */
function glyphIds(text: string): number[] {
  return [...text].map(glyphId);
}

/** Glyph ids of one line of any text, normalised, at most `limit` tokens. */
function lineIds(text: string, limit: number): number[] {
  // A question may be 100,000 characters long; four source characters per token is more than any script needs.
  return glyphIds(normalise(text.slice(0, limit * 4)).text).slice(0, limit);
}

/** An image's size in hundreds of pixels, e.g. `10x8`, never 0 and at most 99. */
function sizeText(size: { readonly width: number; readonly height: number }): string {
  const hundreds = (pixels: number): number => Math.min(99, Math.max(1, Math.round(pixels / 100)));
  return `${hundreds(size.width)}x${hundreds(size.height)}`;
}

/** The start of every sequence, up to and including the first `<turn>`. */
export function encodePrompt(prompt: NanoPrompt): number[] {
  const tools = [...new Set<NanoTool>([...prompt.tools, 'Terminate'])].map((tool) => tokenId(`<tool:${tool}>`));
  const budget = Math.min(3, Math.max(1, Math.floor(prompt.budget)));
  return [
    ID.bos,
    ...tools.sort((a, b) => a - b),
    tokenId(`<budget:${budget}>`),
    ...(prompt.brief ? [ID.brief] : []),
    ...prompt.images.flatMap((size) => [ID.image, ...glyphIds(sizeText(size))]),
    ...encodeQuestion(prompt.question),
    ID.turn,
  ];
}

/** `<q>` and a question's glyphs, cut to QUESTION_LIMIT. */
export function encodeQuestion(question: string): number[] {
  return [ID.question, ...lineIds(question, QUESTION_LIMIT)];
}

/**
 * One turn of the model, `<end>` included.
 * @param read rows that it may quote by their words; without them, quotes are bare marks
 */
export function encodeTurn(turn: NanoTurn, read?: RowsRead): number[] {
  const quotes = read ? quoteIds(turn.quotes, read, turn.placed) : turn.quotes.map(markId);
  if (turn.action === 'unknown') return [...quotes, ID.unknown, ID.end];
  const { name, argument } = turn.action;
  return [...quotes, tokenId(`<act:${name}>`), ...argumentIds(name, argument, turn.quotes), ID.end];
}

function argumentIds(name: NanoTool, argument: string, quotes: readonly number[]): number[] {
  // An expression is no prose: the comma of max(8,62) is no decimal comma.
  if (name === 'Calculate')
    return expressionIds(argument.toLowerCase().replaceAll(/\s+/g, ' '), quotes).slice(0, ARGUMENT_LIMIT);
  return name === 'Terminate' && argument === COUNT ? [ID.row] : lineIds(argument, ARGUMENT_LIMIT);
}

/** A row that the model gets to see: its number among all rows, and its text as the model reads it. */
export interface SeenRow {
  readonly row: number;
  readonly text: string;
}

/** A row as the model reads it: normalised, cut to ROW_LIMIT. */
const asRead = (row: string): string => [...normaliseRow(row)].slice(0, ROW_LIMIT).join('').trim();

/** Stands where rows were left out. */
const CUT = '...';

/**
 * The rows that the model gets to see, normalised, empty ones left out, each cut to ROW_LIMIT tokens. When all of them
 * exceed `limit`, whole rows are kept from the top (60 % of the room) and from the bottom (40 %), because menus begin at
 * the top and receipts end with what matters; `cut` says after how many of them something is missing.
 */
export function fitRows(
  rows: readonly string[],
  limit: number = OBSERVATION_LIMIT,
): { readonly seen: readonly SeenRow[]; readonly cut: number | undefined } {
  const seen = rows.flatMap((row, at): SeenRow[] => {
    const text = asRead(row);
    return text === '' ? [] : [{ row: at, text }];
  });
  const cost = ({ text }: SeenRow): number => [...text].length + 2;
  if (seen.reduce((sum, row) => sum + cost(row), 0) <= limit) return { seen, cut: undefined };
  const room = limit - CUT.length - 2;
  const top = take(seen, room * 0.6, cost);
  const bottom = take(seen.slice(top.length).reverse(), room * 0.4, cost).reverse();
  return { seen: [...top, ...bottom], cut: top.length };
}

/** As many from the front as cost at most `room`. */
function take<T>(from: readonly T[], room: number, cost: (one: T) => number): T[] {
  let used = 0;
  const past = from.findIndex((one) => {
    used += cost(one);
    return used > room;
  });
  return from.slice(0, past < 0 ? from.length : past);
}

/**
 * What came back from an action, up to and including the next `<turn>`.
 * @param firstMark mark of its first row: as many as rows were seen before in this run
 */
export function encodeObservation(observation: NanoObservation, question: string, firstMark: number): number[] {
  const tail = observation.answerNow ? [ID.now, ID.turn] : [ID.turn];
  if ('error' in observation) return [ID.error, ...lineIds(observation.error, ROW_LIMIT), ...tail];
  if ('result' in observation) return [ID.observation, ...lineIds(observation.result, ROW_LIMIT), ...tail];
  return [ID.observation, ...rowIds(observation.rows, firstMark), ...encodeQuestion(question), ...tail];
}

/** The rows with their marks. */
export function rowIds(rows: readonly string[], firstMark: number): number[] {
  const { seen, cut } = fitRows(rows);
  return seen.flatMap(({ text }, at) => [
    ...(at === cut ? [ID.row, ...glyphIds(CUT)] : []),
    markId(firstMark + at),
    ...rowGlyphs(text),
    markId(firstMark + at),
  ]);
}

/** How many marks an observation takes. */
export const marksOf = (observation: NanoObservation): number =>
  'rows' in observation ? fitRows(observation.rows).seen.length : 0;

/** What a turn's ids say (with or without `<end>`). Throws, with what is wrong, on ids that no `encodeTurn` makes. */
export function decodeTurn(ids: readonly number[]): NanoTurn {
  const body = ids.at(-1) === ID.end ? ids.slice(0, -1) : ids;
  const marks: number[] = [];
  let words = false;
  let at = 0;
  for (; at < body.length; at++) {
    const mark = markOf(body[at] as number);
    if (mark !== undefined) marks.push(mark);
    else if (glyphOf(body[at] as number) === undefined) break;
    words = mark === undefined;
  }
  const quotes = [...new Set(marks)];
  const act = body[at];
  if (act === undefined) throw new Error(at > 0 ? 'the turn ends without an action' : 'the turn is empty');
  if (words) throw new Error('a quote ends without the mark of its row');
  const rest = body.slice(at + 1);
  if (act === ID.unknown && rest.length === 0) return { quotes, action: 'unknown' };
  const name = actionTool(act);
  if (!name) throw new Error(`${TOKENS[act] ?? act} stands where <act:NAME> or <unknown> must`);
  return { quotes, action: { name, argument: argumentOf(name, rest, quotes) } };
}

function argumentOf(name: NanoTool, ids: readonly number[], quotes: readonly number[]): string {
  if (name === 'Terminate' && ids.length === 1 && ids[0] === ID.row) return COUNT;
  let text = '';
  for (let at = 0; at < ids.length; ) {
    const reference = name === 'Calculate' ? referenceAt(ids, at, quotes) : undefined;
    const glyph = glyphOf(ids[at] as number);
    if (!reference && (glyph === undefined || ids[at] === ID.row))
      throw new Error(`${TOKENS[ids[at] as number] ?? ids[at]} stands within the argument of ${name}`);
    text += reference?.text ?? glyph;
    at += reference?.tokens ?? 1;
  }
  return text;
}

/** The readable form of ids, lossless: scaffold as `<name>`, glyphs as themselves, `<` as `&lt;` and `&` as `&amp;`. */
export function toText(ids: readonly number[]): string {
  return ids
    .map((id) => {
      const name = TOKENS[id];
      if (name === undefined) throw new Error(`cota-nano has no token ${id}`);
      return name === '<' ? '&lt;' : name === '&' ? '&amp;' : name;
    })
    .join('');
}

/** The ids of a readable form. Throws on an unknown `<name>` or a bare `<` or `&`; glyphs outside the set are `<other>`. */
export function fromText(text: string): number[] {
  const ids: number[] = [];
  for (const [piece] of text.matchAll(/<[^<>\s]{1,64}>|&lt;|&amp;|./gsu)) {
    if (piece === '&lt;') ids.push(glyphId('<'));
    else if (piece === '&amp;') ids.push(glyphId('&'));
    else if (piece === '<' || piece === '&')
      throw new Error(`${piece} must be written as ${piece === '<' ? '&lt;' : '&amp;'}`);
    else if (piece.length > 1 && piece.startsWith('<')) ids.push(tokenId(piece));
    else ids.push(glyphId(piece));
  }
  return ids;
}
