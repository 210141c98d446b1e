/**
 * The fixed token ids of cota-nano. An id never changes its meaning once a checkpoint has been trained on it: new
 * scaffold takes a spare, new glyphs are appended.
 */

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

const STRUCTURE = [
  '<pad>',
  '<bos>',
  '<end>', // ends a model turn
  '<q>', // the question follows
  '<img>', // an image's size follows
  '<obs>', // what a tool gave back follows
  '<err>', // what went wrong follows
  '<turn>', // the model speaks next
  '<quote>', // evidence, copied from an observation
  '<unknown>', // the turn that says: this cannot be told from the image
  '<now>', // the budget is spent: answer now
  '<other>', // any glyph outside the set; shown as U+FFFD in normalised text
  '\n',
  '\t',
  '<budget:1>',
  '<budget:2>',
  '<budget:3>',
] as const;

/** Scaffold that later versions may name without new ids. */
const SPARE_COUNT = 15;
/** Glyphs start here, so that scaffold and glyphs never collide. */
export const FIRST_GLYPH_ID = 64;

/** What a case-folded NFKC text may keep. Append only. */
export const GLYPHS =
  ' 0123456789abcdefghijklmnopqrstuvwxyz!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~€£¥¢₹₩₽₺°×÷±√π≤≥≠∞·§©®™¿¡';

/** U+FFFD stands for `<other>` in normalised text: one character, one token. */
export const OTHER = '\uFFFD';

const scaffold: string[] = [
  ...STRUCTURE,
  ...NANO_TOOLS.map((tool) => `<tool:${tool}>`),
  ...NANO_TOOLS.map((tool) => `<act:${tool}>`),
  ...Array.from({ length: SPARE_COUNT }, (_, index) => `<spare:${index}>`),
];
if (scaffold.length !== FIRST_GLYPH_ID)
  throw new Error(`nano scaffold has ${scaffold.length} tokens, not ${FIRST_GLYPH_ID}`);

/** The readable name of every id, in id order. Glyphs are themselves. */
export const TOKENS: readonly string[] = [...scaffold, ...GLYPHS];
/** Rows of the embedding: a multiple of 16, so that matrix kernels stay on their fast path. */
export const VOCABULARY_SIZE = Math.ceil(TOKENS.length / 16) * 16;

const byName = new Map(TOKENS.map((name, id) => [name, id]));

/** The id of a token by its readable name. Throws on a name outside the vocabulary. */
export function tokenId(name: string): number {
  const id = byName.get(name);
  if (id === undefined) throw new Error(`cota-nano has no token ${JSON.stringify(name)}`);
  return id;
}

/** The id of one character of normalised text; what the set lacks is `<other>`. */
export function glyphId(char: string): number {
  if (char === OTHER) return ID.other;
  const id = byName.get(char);
  return id === undefined || (id < FIRST_GLYPH_ID && id !== ID.row && id !== ID.gap) ? ID.other : id;
}

/** The character of a glyph id (row break, column gap and `<other>` included), or undefined for scaffold. */
export function glyphOf(id: number): string | undefined {
  if (id === ID.other) return OTHER;
  return id === ID.row || id === ID.gap || (id >= FIRST_GLYPH_ID && id < TOKENS.length) ? TOKENS[id] : undefined;
}

/** Whether a character of normalised text has a token of its own. */
export function isKnownGlyph(char: string): boolean {
  const id = byName.get(char);
  return id !== undefined && id >= FIRST_GLYPH_ID;
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
  quote: tokenId('<quote>'),
  unknown: tokenId('<unknown>'),
  now: tokenId('<now>'),
  other: tokenId('<other>'),
  row: tokenId('\n'),
  gap: tokenId('\t'),
} as const;

const actionIds = new Map(NANO_TOOLS.map((tool) => [tokenId(`<act:${tool}>`), tool]));

/** The tool that an `<act:NAME>` id calls, or undefined. */
export function actionTool(id: number): NanoTool | undefined {
  return actionIds.get(id);
}
