/**
 * What cota-nano may say next. Masks come only from the scaffold, the enabled tools, the images that there are, and
 * what stands in the prompt: never from what an answer ought to be.
 */
import { ARGUMENT_LIMIT, glyphOf, ID, markOf, tokenId, VOCABULARY_SIZE } from '../format.ts';
import { GLYPH_IDS } from '../vocabulary.ts';
import { expression } from './expression.ts';
import { type Heard, hear } from './heard.ts';
import { type Quoting, quoting } from './quoting.ts';
import { mended, type Spans, spansOf } from './spans.ts';

/**
 * `scaffold`: a turn is quotes of rows that were read and then one enabled action, or <unknown>; after <now> only an
 * answer. `spans`: moreover an answer is a span of what was read, asked or computed, the number of rows quoted, yes or
 * no, or the name of an image; numbers of a Calculate stand in the quoted rows (where none is quoted: in any), in a
 * result or in the question, or are named by their row.
 */
export type Constraint = 'none' | 'scaffold' | 'spans';

/** Sets the logits of what may not follow to -Infinity. `said` is the turn so far. */
export type Mask = (said: readonly number[], logits: Float32Array) => void;

const act = (name: string): number => tokenId(`<act:${name}>`);
const [TERMINATE, CALCULATE, LOCALIZE, ZOOM, SOLVE] = [
  'Terminate',
  'Calculate',
  'LocalizeObjects',
  'ZoomIn',
  'SolveMathEquation',
].map(act) as [number, number, number, number, number];
const IMAGES: ReadonlySet<number> = new Set(['OCR', 'GetObjects', 'DetectFaces'].map(act));
const NAMES: readonly number[] = [...' abcdefghijklmnopqrstuvwxyz-,0123456789'].map((char) => tokenId(char));

const idOf = (char: string): number => (char === '\uFFFD' ? ID.other : tokenId(char));

/** How an argument goes on: `ids` that may follow, and whether it may end. */
interface Argument {
  ids(): Iterable<number>;
  mayEnd(): boolean;
  say(id: number): void;
}

const glyph = (id: number): string => glyphOf(id) ?? '';

/** A span, or how many rows were quoted. */
function answerFrom(spans: Spans): Argument {
  let counted = false;
  let begun = false;
  return {
    ids: () => (counted ? [] : [...(begun ? [] : [ID.row]), ...[...spans.next()].map(idOf)]),
    mayEnd: () => counted || spans.whole(),
    say(id) {
      begun = true;
      if (id === ID.row) counted = true;
      else spans.say(glyph(id));
    },
  };
}

/** Any text, or one of these tokens alone; it may end once something was said. */
function freeText(ids: readonly number[], alone: readonly number[] = []): Argument {
  let length = 0;
  return {
    ids: () => (length === 0 ? [...alone, ...ids] : length < ARGUMENT_LIMIT ? ids : []),
    mayEnd: () => length > 0,
    say(id) {
      length = alone.includes(id) ? ARGUMENT_LIMIT : length + 1;
    },
  };
}

/** One of these words, whole. */
function oneOf(words: readonly string[], after: readonly number[] = []): Argument {
  let text = '';
  let behind = 0;
  return {
    ids() {
      if (behind > 0) return text.length + behind < ARGUMENT_LIMIT ? after : [];
      const next = words.flatMap((word) =>
        word.startsWith(text) && word.length > text.length ? [idOf(word[text.length] as string)] : [],
      );
      return after.length > 0 && words.includes(text) ? [...next, idOf(' ')] : next;
    },
    mayEnd: () => (after.length > 0 ? behind > 1 : words.includes(text)),
    say(id) {
      if (behind > 0 || (after.length > 0 && glyph(id) === ' ')) behind++;
      else text += glyph(id);
    },
  };
}

/** The mask of one turn after `prompt`. */
export function speakable(prompt: readonly number[], constraint: Exclude<Constraint, 'none'>): Mask {
  const heard = hear(prompt);
  const actions = heard.answerNow ? heard.actions.filter((id) => id === TERMINATE) : heard.actions;
  const opening = [...actions.filter((id) => id !== ZOOM), ID.unknown];
  const zooms = actions.includes(ZOOM);
  const open = new Uint8Array(VOCABULARY_SIZE);
  // Turns are said token by token: what was worked out for the tokens before stays.
  let followed: { said: number[]; quotes: Quoting; action: number | undefined; argument: Argument | undefined } =
    begin();

  function begin() {
    return { said: [], quotes: quoting(heard.rows), action: undefined, argument: undefined };
  }
  function follow(id: number): void {
    followed.said.push(id);
    if (followed.action !== undefined) followed.argument?.say(id);
    else if (glyphOf(id) !== undefined || markOf(id) !== undefined) followed.quotes.say(id);
    else {
      followed.action = id;
      followed.argument = argumentOf(id, [...followed.quotes.quoted], heard, constraint);
    }
  }
  function allow(): void {
    open.fill(0);
    const { action, argument, quotes } = followed;
    if (action === undefined) {
      for (const id of quotes.ids()) open[id] = 1;
      if (!quotes.between()) return;
      for (const id of opening) open[id] = 1;
      if (zooms && quotes.quoted.size > 0) open[ZOOM] = 1;
      return;
    }
    let any = false;
    for (const id of argument?.ids() ?? []) {
      open[id] = 1;
      any = true;
    }
    // A dead end must not leave nothing to say.
    if (!argument || argument.mayEnd() || !any) open[ID.end] = 1;
  }

  return (said, logits) => {
    const extends_ = said.length >= followed.said.length && followed.said.every((id, at) => said[at] === id);
    if (!extends_) followed = begin();
    for (let at = followed.said.length; at < said.length; at++) follow(said[at] as number);
    allow();
    for (let id = 0; id < logits.length; id++) if (open[id] !== 1) logits[id] = Number.NEGATIVE_INFINITY;
  };
}

function argumentOf(
  action: number,
  quotes: readonly number[],
  heard: Heard,
  constraint: 'scaffold' | 'spans',
): Argument | undefined {
  if (action === ID.unknown || action === ZOOM) return undefined;
  if (IMAGES.has(action)) return oneOf(heard.images);
  if (action === LOCALIZE) return oneOf(heard.images, NAMES);
  const quoted = new Map(quotes.map((mark) => [mark, heard.rows.get(mark) ?? '']));
  if (action === CALCULATE) {
    // Who quotes nothing may use what any row says.
    const read = (quoted.size > 0 ? quoted : heard.rows).values();
    return expression(quoted, constraint === 'spans' ? [...read, ...heard.results, heard.question] : undefined);
  }
  if (constraint === 'scaffold') return freeText(GLYPH_IDS, action === TERMINATE ? [ID.row] : []);
  if (action === SOLVE) return freeText(GLYPH_IDS);
  const names = heard.images.map((number) => `image-${number}`);
  return answerFrom(
    spansOf([
      ...heard.rows.values(),
      ...heard.rows.values().map(mended),
      heard.question,
      ...heard.results,
      ...names,
      'yes',
      'no',
    ]),
  );
}
