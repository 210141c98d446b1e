/**
 * The one view of a prompt that cota-nano's data generator, its training and its serving share.
 *
 *   <bos><tool:..>..<budget:n>{<img>WxH}<q>question<turn>            encodePrompt
 *   {<quote>row}<act:NAME>argument<end>   or   <unknown><end>        encodeTurn
 *   <obs>row\nrow<turn>   or   <err>message<turn>                    encodeObservation
 *
 * Every prompt is a token-for-token extension of the one before it. Nothing that a user or an image says can become
 * scaffold: text only ever turns into glyph ids, and the readable form escapes `<` and `&`.
 */
import { normalise, normaliseRow } from './normalise.ts';
import { actionTool, glyphId, glyphOf, ID, type NanoTool, OTHER, TOKENS, tokenId } from './vocabulary.ts';

export { normalise, normaliseRow, restoreSpan } from './normalise.ts';
export { ID, NANO_TOOLS, type NanoTool, TOKENS, tokenId, VOCABULARY_SIZE } from './vocabulary.ts';

/** Longest question in tokens; what is longer is cut at its end. */
export const QUESTION_LIMIT = 240;
/** Longest observation in tokens, see `fitRows`. */
export const OBSERVATION_LIMIT = 1100;
/** Longest row of an observation in tokens; what is longer is cut at its end. */
export const ROW_LIMIT = 120;

export interface NanoPrompt {
  /** Enabled tools; their order does not matter, Terminate is always among them. */
  tools: readonly NanoTool[];
  /** Turns that the model may take; 3 stands for three or more. */
  budget: number;
  /** Sizes in pixels. */
  images: readonly { width: number; height: number }[];
  question: string;
}

export interface NanoTurn {
  /** Rows of observations, each copied from its name on, as evidence. Tabs between cells. */
  quotes: readonly string[];
  /** What to do; 'unknown' says that the image cannot tell. */
  action: { name: NanoTool; argument: string } | 'unknown';
}

/** OCR gives rows (reading order, tabs between cells); other tools a result; a failed action an error. */
export type NanoObservation = ({ rows: readonly string[] } | { result: string } | { error: string }) & {
  /** The budget is spent: the model must answer in the next turn. */
  answerNow?: boolean;
};

/** A whole chain: turns[k] is followed by observations[k]; the last turn has none. */
export interface NanoChain {
  prompt: NanoPrompt;
  turns: readonly NanoTurn[];
  observations: readonly NanoObservation[];
}

/** One training sequence: ids and their loss weights, of equal length. */
export interface NanoExample {
  ids: number[];
  weights: number[];
}

/** Glyph ids of normalised text (tabs and row breaks are kept, glyphs outside the set are `<other>`). */
export function glyphIds(text: string): number[] {
  return [...text].map(glyphId);
}

/** Glyph ids of one line of any text, normalised, at most `limit` tokens. */
function lineIds(text: string, limit: number): number[] {
  // A question may be 100,000 characters long; four source characters per token is more than any script needs.
  return glyphIds(normalise(text.slice(0, limit * 4)).text).slice(0, limit);
}

/** An image's size in hundreds of pixels, e.g. `10x8`, never 0 and at most 99. */
function sizeText(size: { width: number; height: number }): string {
  const hundreds = (pixels: number) => Math.min(99, Math.max(1, Math.round(pixels / 100)));
  return `${hundreds(size.width)}x${hundreds(size.height)}`;
}

/** The start of every sequence, up to and including the first `<turn>`. At most 24 tokens and the question for 3 tools and 2 images. */
export function encodePrompt(prompt: NanoPrompt): number[] {
  const tools = [...new Set<NanoTool>([...prompt.tools, 'Terminate'])].map((tool) => tokenId(`<tool:${tool}>`));
  const budget = Math.min(3, Math.max(1, Math.floor(prompt.budget)));
  return [
    ID.bos,
    ...tools.sort((a, b) => a - b),
    tokenId(`<budget:${budget}>`),
    ...prompt.images.flatMap((size) => [ID.image, ...glyphIds(sizeText(size))]),
    ID.question,
    ...encodeQuestion(prompt.question),
    ID.turn,
  ];
}

/** A question's glyphs, cut to QUESTION_LIMIT. */
export function encodeQuestion(question: string): number[] {
  return lineIds(question, QUESTION_LIMIT);
}

/** One turn of the model, `<end>` included. */
export function encodeTurn(turn: NanoTurn): number[] {
  const quotes = turn.quotes.flatMap((quote) => [ID.quote, ...glyphIds(normaliseRow(quote)).slice(0, ROW_LIMIT)]);
  if (turn.action === 'unknown') return [...quotes, ID.unknown, ID.end];
  const { name, argument } = turn.action;
  return [...quotes, tokenId(`<act:${name}>`), ...lineIds(argument, QUESTION_LIMIT), ID.end];
}

/**
 * The rows that the model gets to see, normalised: each cut to ROW_LIMIT tokens; when all of them and their breaks
 * exceed `limit`, whole rows are kept from the top (60 % of the room) and from the bottom (40 %), with a row `...`
 * between, because menus begin at the top and receipts end with what matters.
 */
export function fitRows(rows: readonly string[], limit: number = OBSERVATION_LIMIT): string[] {
  const seen = rows
    .map((row) => [...normaliseRow(row)].slice(0, ROW_LIMIT).join('').trim())
    .filter((row) => row !== '');
  const cost = (row: string) => [...row].length + 1;
  if (seen.reduce((sum, row) => sum + cost(row), 0) <= limit) return seen;
  const take = (from: readonly string[], room: number) => {
    const kept: string[] = [];
    let used = 0;
    for (const row of from) {
      used += cost(row);
      if (used > room) break;
      kept.push(row);
    }
    return kept;
  };
  const room = limit - cost('...');
  const top = take(seen, Math.floor(room * 0.6));
  const bottom = take(seen.slice(top.length).reverse(), Math.floor(room * 0.4)).reverse();
  return [...top, '...', ...bottom];
}

/** What came back from an action, up to and including the next `<turn>`. */
export function encodeObservation(observation: NanoObservation): number[] {
  const tail = observation.answerNow ? [ID.now, ID.turn] : [ID.turn];
  if ('error' in observation) return [ID.error, ...lineIds(observation.error, ROW_LIMIT), ...tail];
  if ('result' in observation) return [ID.observation, ...lineIds(observation.result, ROW_LIMIT), ...tail];
  return [ID.observation, ...glyphIds(fitRows(observation.rows).join('\n')), ...tail];
}

/** Loss weight of what the model did not say, what it said, and what decides whether it is right. */
const WEIGHT = { given: 0, own: 1, value: 3 } as const;

/**
 * Weights of a turn's tokens: the first four tokens of a quote (there a row is chosen), its last cell or last number,
 * and the action with its argument decide; the rest is copying.
 */
export function turnWeights(ids: readonly number[]): number[] {
  const weights: number[] = ids.map(() => WEIGHT.own);
  const marks = ids.flatMap((id, at) => (glyphOf(id) === undefined ? [at] : []));
  for (const [nth, start] of marks.entries()) {
    const stop = marks[nth + 1] ?? ids.length;
    if (ids[start] !== ID.quote) {
      weights.fill(WEIGHT.value, start, stop);
      continue;
    }
    weights.fill(WEIGHT.value, start, Math.min(stop, start + 5));
    const text = ids
      .slice(start + 1, stop)
      .map((id) => glyphOf(id))
      .join('');
    const tab = text.lastIndexOf('\t');
    const tail = tab >= 0 ? tab + 1 : text.search(/\S+$/);
    if (tail >= 0) weights.fill(WEIGHT.value, start + 1 + tail, stop);
  }
  return weights;
}

/** A chain as one training sequence. Throws when turns and observations do not alternate. */
export function encodeChain(chain: NanoChain): NanoExample {
  if (chain.turns.length !== chain.observations.length + 1) {
    throw new Error(
      `a chain needs one observation between turns: ${chain.turns.length} turns, ${chain.observations.length} observations`,
    );
  }
  const prompt = encodePrompt(chain.prompt);
  const { ids, weights } = encodeTurns(chain.turns, chain.observations);
  return { ids: [...prompt, ...ids], weights: [...prompt.map(() => WEIGHT.given), ...weights] };
}

/** Turns with the observations that follow them; an observation is never the model's own. */
export function encodeTurns(turns: readonly NanoTurn[], observations: readonly NanoObservation[]): NanoExample {
  const ids: number[] = [];
  const weights: number[] = [];
  for (const [index, turn] of turns.entries()) {
    const own = encodeTurn(turn);
    ids.push(...own);
    weights.push(...turnWeights(own));
    const observation = observations[index];
    if (!observation) continue;
    const given = encodeObservation(observation);
    ids.push(...given);
    weights.push(...given.map(() => WEIGHT.given));
  }
  return { ids, weights };
}

/** What a turn's ids say (with or without `<end>`). Throws, with what is wrong, on ids that no `encodeTurn` makes. */
export function decodeTurn(ids: readonly number[]): NanoTurn {
  const body = ids.at(-1) === ID.end ? ids.slice(0, -1) : ids;
  const parts: { mark: number; text: string }[] = [];
  for (const id of body) {
    const glyph = glyphOf(id);
    if (glyph === undefined) parts.push({ mark: id, text: '' });
    else if (parts.length === 0)
      throw new Error('the turn begins with text, not with <quote>, <act:NAME> or <unknown>');
    else parts.at(-1)!.text += glyph;
  }
  const last = parts.pop();
  if (!last) throw new Error('the turn is empty');
  for (const part of parts) {
    if (part.mark !== ID.quote) throw new Error(`${TOKENS[part.mark]} stands where only <quote> may`);
  }
  const quotes = parts.map((part) => part.text);
  if (last.mark === ID.unknown) return { quotes, action: 'unknown' };
  const name = actionTool(last.mark);
  if (!name) throw new Error(`the turn ends with ${TOKENS[last.mark]} and no action`);
  return { quotes, action: { name, argument: last.text } };
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
    else ids.push(glyphId(piece === OTHER ? OTHER : piece));
  }
  return ids;
}
