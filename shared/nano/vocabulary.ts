/**
 * The fixed token ids of cota-nano. An id never changes its meaning once a checkpoint has been trained on it: new
 * scaffold takes a spare, new glyphs take what is unused before the marks.
 */
import { createHash } from 'node:crypto';

/** TACO's fifteen tools and Terminate, in the order that fixes their ids. */
export const NANO_TOOLS = [
  'OCR',
  'Calculate',
  'Terminate',
  'LocalizeObjects',
  'GetObjects',
  'EstimateRegionDepth',
  'EstimateObjectDepth',
  'Crop',
  'ZoomIn',
  'QueryLanguageModel',
  'GetImageToImagesSimilarity',
  'GetImageToTextsSimilarity',
  'GetTextToImagesSimilarity',
  'DetectFaces',
  'QueryKnowledgeBase',
  'SolveMathEquation',
] as const;
export type NanoTool = (typeof NANO_TOOLS)[number];

/** Columns that can be told apart; those behind them share the last token. */
export const COLUMNS = 8;
/** Rows that can be told apart; a run with more of them uses the first ones again. Fewer are learnt sooner. */
export const MARKS = 64;
/** Scaffold that later versions may name without new ids. */
const SPARES = 15;

const SCAFFOLD: readonly string[] = [
  '<pad>',
  '<bos>',
  '<end>', // ends a model turn
  '<q>', // the question follows
  '<img>', // an image's size follows
  '<obs>', // what a tool gave back follows
  '<err>', // what went wrong follows
  '<turn>', // the model speaks next
  '<quote>', // not said any more: quotes end with the mark of their row
  '<unknown>', // the turn that says: this cannot be told from the image
  '<now>', // the budget is spent: answer now
  '<other>', // any glyph outside the set; shown as U+FFFD in normalised text
  '\n', // rows were left out here; in a turn: all rows that it quotes, see references.ts
  '\t', // stands in texts between cells; prompts have <cN> there
  '<budget:1>',
  '<budget:2>',
  '<budget:3>',
  ...NANO_TOOLS.map((tool) => `<tool:${tool}>`),
  ...NANO_TOOLS.map((tool) => `<act:${tool}>`),
  '<brief>', // an answer without evidence quoted before it is asked for
  // The N-th cell behind the first begins: what a head says of a column and what a row has there meet by one token.
  ...Array.from({ length: COLUMNS }, (_, at) => `<c${at + 1}>`),
  ...Array.from({ length: SPARES - 1 - COLUMNS }, (_, at) => `<spare:${1 + COLUMNS + at}>`),
];

/** Glyphs start here, so that scaffold and glyphs never collide. */
const FIRST_GLYPH_ID = 64;
/** What a case-folded NFKC text may keep. Append only. */
const GLYPHS = [...' 0123456789abcdefghijklmnopqrstuvwxyz!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~€£¥¢₹₩₽₺°×÷±√π≤≥≠∞·§©®™¿¡'];
/** Marks stand behind this many ids of scaffold and glyphs. */
export const FIRST_MARK = 160;

/** U+FFFD stands for `<other>` in normalised text: one character, one token. */
export const OTHER = '\uFFFD';

if (SCAFFOLD.length !== FIRST_GLYPH_ID)
  throw new Error(`nano scaffold has ${SCAFFOLD.length} tokens, not ${FIRST_GLYPH_ID}`);

/** The readable name of every id, in id order. Glyphs are themselves. */
export const TOKENS: readonly string[] = [
  ...SCAFFOLD,
  ...GLYPHS,
  ...Array.from({ length: FIRST_MARK - FIRST_GLYPH_ID - GLYPHS.length }, (_, at) => `<unused:${at}>`),
  ...Array.from({ length: MARKS }, (_, mark) => `<r${mark}>`),
];
/** Rows of the embedding. */
export const VOCABULARY_SIZE = TOKENS.length;

/** Changes when an id changes its meaning: a shard and a checkpoint that disagree must not meet. */
export const VOCABULARY_HASH = createHash('sha256').update(JSON.stringify(TOKENS)).digest('hex').slice(0, 16);

const byName = new Map(TOKENS.map((name, id) => [name, id]));

/** The id of a token by its readable name. Throws on a name outside the vocabulary. */
export function tokenId(name: string): number {
  const id = byName.get(name);
  if (id === undefined) throw new Error(`cota-nano has no token ${JSON.stringify(name)}`);
  return id;
}

export const ID = {
  pad: tokenId('<pad>'),
  bos: tokenId('<bos>'),
  end: tokenId('<end>'),
  question: tokenId('<q>'),
  image: tokenId('<img>'),
  observation: tokenId('<obs>'),
  error: tokenId('<err>'),
  turn: tokenId('<turn>'),
  unknown: tokenId('<unknown>'),
  now: tokenId('<now>'),
  other: tokenId('<other>'),
  row: tokenId('\n'),
  gap: tokenId('\t'),
  brief: tokenId('<brief>'),
} as const;

/** Ids of all glyphs that have a token of their own. */
export const GLYPH_IDS: readonly number[] = GLYPHS.map((_, at) => FIRST_GLYPH_ID + at);
const LAST_GLYPH_ID = FIRST_GLYPH_ID + GLYPHS.length - 1;
const isGlyph = (id: number): boolean => id >= FIRST_GLYPH_ID && id <= LAST_GLYPH_ID;

/** Whether a character of normalised text has a token of its own. */
export function isKnownGlyph(char: string): boolean {
  const id = byName.get(char);
  return id !== undefined && isGlyph(id);
}

/** The id of one character of normalised text; what the set lacks is `<other>`. */
export function glyphId(char: string): number {
  const id = byName.get(char);
  return id === undefined || !(isGlyph(id) || id === ID.row || id === ID.gap) ? ID.other : id;
}

const FIRST_COLUMN = tokenId('<c1>');

/** The character of a glyph id (row break and `<other>` included), a tab for those between cells, undefined for scaffold. */
export function glyphOf(id: number): string | undefined {
  if (id === ID.other) return OTHER;
  if (columnOf(id) !== undefined) return '\t';
  return isGlyph(id) || id === ID.row || id === ID.gap ? TOKENS[id] : undefined;
}

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

/** The token that marks a row. @param mark any whole number from 0 on */
export const markId = (mark: number): number => FIRST_MARK + (mark % MARKS);

/** The mark of a token, 0 to 63, or undefined for any other. */
export function markOf(id: number): number | undefined {
  return id >= FIRST_MARK && id < FIRST_MARK + MARKS ? id - FIRST_MARK : undefined;
}

const actionIds = new Map(NANO_TOOLS.map((tool) => [tokenId(`<act:${tool}>`), tool]));

/** The tool that an `<act:NAME>` id calls, or undefined. */
export function actionTool(id: number): NanoTool | undefined {
  return actionIds.get(id);
}
