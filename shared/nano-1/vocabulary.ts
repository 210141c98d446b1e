/**
 * The fixed token ids of cota-nano 1. An id never changes its meaning once a checkpoint has been trained on it: new
 * scaffold takes a spare, new glyphs are appended before the marks.
 */
import { createHash } from 'node:crypto';
import {
  TOKENS as BASE,
  ID as BASE_ID,
  glyphOf as baseGlyphOf,
  FIRST_GLYPH_ID,
  glyphId,
  tokenId,
} from '../nano/vocabulary.ts';

export { actionTool, glyphId, NANO_TOOLS, type NanoTool, tokenId } from '../nano/vocabulary.ts';

/** Marks stand behind this many ids of scaffold and glyphs. */
export const FIRST_MARK = 160;
/** Rows that can be told apart; a run with more of them uses the first ones again. Fewer are learnt sooner. */
export const MARKS = 64;

/** Columns that can be told apart; those behind them share the last token. */
export const COLUMNS = 8;

/**
 * Scaffold that takes spares. `<brief>` asks for an answer without evidence quoted before it. `<cN>` stands where the
 * N-th cell behind the first begins: what a head says of a column and what a row has there meet by one token.
 */
const NAMED: Readonly<Record<string, string>> = {
  '<spare:0>': '<brief>',
  ...Object.fromEntries(Array.from({ length: COLUMNS }, (_, at) => [`<spare:${at + 1}>`, `<c${at + 1}>`])),
};
/** Ids of the characters that may be said. */
export const GLYPH_IDS: readonly number[] = Array.from(
  { length: BASE.length - FIRST_GLYPH_ID },
  (_, at) => FIRST_GLYPH_ID + at,
);
const FIRST_COLUMN = tokenId('<spare:1>');

/** The readable name of every id, in id order. Glyphs are themselves. */
export const TOKENS: readonly string[] = [
  ...BASE.map((name) => NAMED[name] ?? name),
  ...Array.from({ length: FIRST_MARK - BASE.length }, (_, at) => `<unused:${at}>`),
  ...Array.from({ length: MARKS }, (_, mark) => `<r${mark}>`),
];
/** Rows of the embedding. */
export const VOCABULARY_SIZE = TOKENS.length;

export const ID = { ...BASE_ID, brief: tokenId('<spare:0>') } as const;

/** Changes when an id changes its meaning: a shard and a checkpoint that disagree must not meet. */
export const VOCABULARY_HASH = createHash('sha256').update(JSON.stringify(TOKENS)).digest('hex').slice(0, 16);

/** The token that marks a row. @param mark any whole number from 0 on */
export const markId = (mark: number): number => FIRST_MARK + (mark % MARKS);

/** The mark of a token, 0 to 63, or undefined for any other. */
export function markOf(id: number): number | undefined {
  return id >= FIRST_MARK && id < FIRST_MARK + MARKS ? id - FIRST_MARK : undefined;
}

/** The glyph of a token, a tab for those between cells, undefined for scaffold. */
export const glyphOf = (id: number): string | undefined => (columnOf(id) === undefined ? baseGlyphOf(id) : '\t');

/** The token before a cell. @param column 1 for the second cell of a row */
export const columnId = (column: number): number => FIRST_COLUMN + Math.min(column, COLUMNS) - 1;

/** The column of such a token, undefined for any other. */
export const columnOf = (id: number): number | undefined =>
  id >= FIRST_COLUMN && id < FIRST_COLUMN + COLUMNS ? id - FIRST_COLUMN + 1 : undefined;

/** A row's text, its tabs as the columns that begin there. */
export function rowGlyphs(text: string): number[] {
  let column = 0;
  return [...text].map((char) => (char === '\t' ? columnId(++column) : glyphId(char)));
}
