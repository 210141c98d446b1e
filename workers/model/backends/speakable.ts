/**
 * What cota-nano may say next. Masks come only from the scaffold, the enabled tools and what stands in the prompt, never
 * from what an answer ought to be.
 */
import { ROW_LIMIT } from '../../../shared/nano/format.ts';
import { FIRST_GLYPH_ID, glyphOf, ID, NANO_TOOLS, TOKENS, tokenId } from '../../../shared/nano/vocabulary.ts';

/**
 * `scaffold`: a turn is quotes and then one enabled action, or <unknown>; after <now> only an answer.
 * `spans`: moreover a quote is a part of one observed row, and a number of a Calculate stands in a quote of this turn, in
 * an earlier result or in the question.
 */
export type Constraint = 'none' | 'scaffold' | 'spans';

/** Sets the logits of what may not follow to -Infinity. `said` is the turn so far. */
export type Mask = (said: readonly number[], logits: Float32Array) => void;

const CALCULATE = tokenId('<act:Calculate>');
const OCR = tokenId('<act:OCR>');
const TERMINATE = tokenId('<act:Terminate>');
const toolToAct = new Map(NANO_TOOLS.map((tool) => [tokenId(`<tool:${tool}>`), tokenId(`<act:${tool}>`)]));
const GLYPHS = TOKENS.map((_, id) => id).filter((id) => id >= FIRST_GLYPH_ID || id === ID.other);

interface Heard {
  actions: number[];
  images: number;
  /** Rows of all observations, each with a leading row break, so that a row's start can be found. */
  rows: string[];
  question: string;
  answerNow: boolean;
}

/** What the prompt holds, read from its scaffold. */
function hear(prompt: readonly number[]): Heard {
  const heard: Heard = { actions: [], images: 0, rows: [], question: '', answerNow: prompt.at(-2) === ID.now };
  let text: 'question' | 'rows' | 'other' = 'other';
  for (const id of prompt) {
    const glyph = glyphOf(id);
    const act = toolToAct.get(id);
    if (act !== undefined) heard.actions.push(act);
    if (id === ID.image) heard.images++;
    if (glyph === undefined) {
      text = id === ID.question ? 'question' : id === ID.observation ? 'rows' : 'other';
      if (text === 'rows') heard.rows.push('');
    } else if (text === 'question') heard.question += glyph;
    else if (text === 'rows' && glyph === '\n') heard.rows.push('');
    else if (text === 'rows') heard.rows[heard.rows.length - 1] += glyph;
  }
  return heard;
}

/** Numbers that questions say in words (two, a dozen, half, per cent) and that equations need. */
const COUNTS = [
  ...Array.from({ length: 21 }, (_, count) => String(count)),
  ...Array.from({ length: 17 }, (_, fifth) => String(25 + 5 * fifth)),
  '1000',
];
/** Marks that a reader lost or doubled: `8 50` and `13. 99` are read as 8.50 and 13.99. */
const TORN = /(\d)[ .,-]{1,2}(\d\d)(?!\d)/g;
const NUMBER = /\d+(?:\.\d+)?/g;

/** Whether a word, a number or a sign of its own begins at this place of a row. */
function begins(row: string, at: number): boolean {
  const char = row[at]!;
  const before = row[at - 1] ?? ' ';
  if (/\s/.test(char)) return false;
  if (!/[a-z0-9]/.test(char)) return !(/\d/.test(before) && /\d/.test(row[at + 1] ?? ' '));
  const within = /[.,]/.test(before) && /\d/.test(char) && /\d/.test(row[at - 2] ?? ' ');
  return !within && !/[a-z0-9]/.test(before);
}

/** Whether `text` stands in the row from the start of a word on. */
function occurs(row: string, text: string): boolean {
  for (let at = row.indexOf(text); at >= 0; at = row.indexOf(text, at + 1)) if (begins(row, at)) return true;
  return false;
}

/** The glyphs that continue `text`, a part of one of the rows that begins where a word does. */
function continuations(rows: readonly string[], text: string): Set<string> {
  const next = new Set<string>();
  for (const row of rows) {
    for (let at = 0; at + text.length < row.length; at++) {
      if (begins(row, at) && row.startsWith(text, at)) next.add(row[at + text.length]!);
    }
  }
  return next;
}

function textAfter(said: readonly number[], mark: number): string {
  return said
    .slice(mark + 1)
    .map((id) => glyphOf(id) ?? '')
    .join('');
}

/** The last number in an expression, if it is being written. */
const OPEN_NUMBER = /\d+(?:\.\d*)?$/;

/** Glyphs that a Calculate's expression may go on with: known numbers, operators, brackets. */
function expressionGlyphs(numbers: readonly string[], text: string): { next: Set<string>; mayEnd: boolean } {
  const open = text.match(OPEN_NUMBER)?.[0];
  const next = new Set<string>();
  for (const number of numbers) {
    if (open === undefined) next.add(number[0]!);
    else if (number.startsWith(open) && number.length > open.length) next.add(number[open.length]!);
  }
  const complete = open === undefined || numbers.includes(open);
  if (complete) for (const char of ' +-*/()^,') next.add(char);
  // Words such as sqrt or max are for the calculator to judge.
  if (open === undefined) for (const char of 'abcdefghijklmnopqrstuvwxyz') next.add(char);
  return { next, mayEnd: complete && text !== '' };
}

/** The mask of one turn after `prompt`. */
export function speakable(prompt: readonly number[], constraint: Exclude<Constraint, 'none'>): Mask {
  const heard = hear(prompt);
  const actions = heard.answerNow ? heard.actions.filter((act) => act === TERMINATE) : heard.actions;
  const opening = [...actions, ID.unknown];
  const ids = (chars: Iterable<string>) => [...chars].map((char) => (char === '\uFFFD' ? ID.other : tokenId(char)));

  function allowed(said: readonly number[]): Iterable<number> {
    const mark = said.findLastIndex((id) => glyphOf(id) === undefined);
    const kind = said[mark];
    const rows = heard.rows;
    if (kind === undefined) return rows.some((row) => row !== '') ? [ID.quote, ...opening] : opening;
    if (kind === ID.unknown) return [ID.end];
    const text = textAfter(said, mark);
    if (kind === ID.quote) {
      const closing = text === '' ? [] : [ID.quote, ...opening];
      if (constraint === 'scaffold') return [...GLYPHS, ID.gap, ...closing];
      const next = continuations(rows, text);
      // A number cut in its middle is no evidence for anything; words may be glued to others by the reader.
      const whole =
        rows.some((row) => row.endsWith(text)) || !/\d$/.test(text) || ![...next].every((char) => /[\d]/.test(char));
      return [...ids(next), ...(whole && occurs(rows.join('\n'), text) ? closing : [])];
    }
    if (kind === OCR) {
      const names = Array.from({ length: Math.max(1, heard.images) }, (_, index) => `image-${index}`);
      const next = names.flatMap((name) => (name.startsWith(text) ? [name[text.length] ?? ''] : []));
      return [...ids(next.filter((char) => char !== '')), ...(next.includes('') ? [ID.end] : [])];
    }
    if (kind === CALCULATE && constraint === 'spans') {
      const quotes = said
        .slice(0, mark)
        .map((id) => glyphOf(id) ?? '\n')
        .join('');
      const results = heard.rows.length > 0 && quotes === '' ? heard.rows.join('\n') : '';
      const source = `${quotes}\n${results}\n${heard.question}`;
      const stated = [source, source.replace(TORN, '$1.$2')].flatMap((text) => text.match(NUMBER) ?? []);
      const numbers = [...new Set([...stated, ...COUNTS])];
      const { next, mayEnd } = expressionGlyphs(numbers, text);
      return [...ids(next), ...(mayEnd ? [ID.end] : [])];
    }
    if (text === '') return GLYPHS;
    // An answer is at most as long as a row can be; what goes on would go on for ever.
    return text.length < ROW_LIMIT ? [...GLYPHS, ID.end] : [ID.end];
  }

  return (said, logits) => {
    const open = new Set(allowed(said));
    // A dead end (a quote that no row continues) must not leave nothing to say.
    if (open.size === 0) open.add(ID.unknown);
    for (let id = 0; id < logits.length; id++) if (!open.has(id)) logits[id] = Number.NEGATIVE_INFINITY;
  };
}
