/** Text as SVG paths, glyph by glyph: no font is looked up by the program that draws the SVG. */
import type { Font, Glyph } from 'opentype.js';
import { loadFont } from './fonts.ts';

const cache = new WeakMap<Font, Map<string, { font: Font; glyph: Glyph; raised: boolean }>>();

/** The glyph of a character; what a font lacks comes from one that has it, a raised 9 is drawn small. */
function glyphOf(font: Font, character: string): { font: Font; glyph: Glyph; raised: boolean } {
  let own = cache.get(font);
  if (!own) {
    own = new Map();
    cache.set(font, own);
  }
  let found = own.get(character);
  if (!found) {
    const raised = character === '⁹';
    const plain = raised ? '9' : character === '₹' ? 'R' : character;
    let from = font;
    if (font.charToGlyphIndex(plain) === 0 && plain !== ' ') from = loadFont('open-sans');
    found = { font: from, glyph: from.charToGlyph(plain), raised };
    own.set(character, found);
  }
  return found;
}

/** Width of a text in pixels. */
export function widthOf(font: Font, text: string, size: number, spacing = 0): number {
  let width = 0;
  for (const character of text) {
    const g = glyphOf(font, character);
    width += (g.glyph.advanceWidth / g.font.unitsPerEm) * size * (g.raised ? 0.55 : 1) + spacing;
  }
  return width;
}

/** Path data of one glyph. The package's own `toPathData` writes NaN for coordinates very near zero. */
function outline(glyph: Glyph, x: number, y: number, size: number): string {
  const n = (value: number | undefined): string => String(Math.round((value ?? 0) * 10) / 10);
  return glyph
    .getPath(x, y, size)
    .commands.map((c) => {
      if (c.type === 'Z') return 'Z';
      const control =
        c.type === 'C'
          ? `${n(c.x1)} ${n(c.y1)} ${n(c.x2)} ${n(c.y2)} `
          : c.type === 'Q'
            ? `${n(c.x1)} ${n(c.y1)} `
            : '';
      return `${c.type}${control}${n(c.x)} ${n(c.y)}`;
    })
    .join('');
}

/** Path data of a text whose baseline begins at (x, y). */
export function pathOf(font: Font, text: string, x: number, y: number, size: number, spacing = 0): string {
  let at = x;
  let data = '';
  for (const character of text) {
    const g = glyphOf(font, character);
    const own = g.raised ? size * 0.55 : size;
    if (character !== ' ') data += outline(g.glyph, at, g.raised ? y - size * 0.3 : y, own);
    at += (g.glyph.advanceWidth / g.font.unitsPerEm) * own + spacing;
  }
  return data;
}

/** A text that stands on the page, in page pixels. */
export interface Placed {
  readonly text: string;
  readonly left: number;
  /** Of the baseline. */
  readonly y: number;
  readonly width: number;
  readonly size: number;
}

/** Collects what is drawn, in page pixels. */
export interface Canvas {
  /** SVG of all that was drawn. Outlines of glyphs are made only now: who asks where texts stand need not wait for them. */
  drawing(): string;
  readonly placed: readonly Placed[];
  text(
    font: Font,
    text: string,
    x: number,
    y: number,
    size: number,
    fill: string,
    anchor?: 'start' | 'middle' | 'end',
  ): number;
  rect(x: number, y: number, width: number, height: number, fill: string, stroke?: string, strokeWidth?: number): void;
  line(x1: number, y1: number, x2: number, y2: number, stroke: string, width?: number, dash?: string): void;
  /** Any other shape, as SVG. */
  shape(svg: string): void;
}

export function canvas(): Canvas {
  const parts: (string | (() => string))[] = [];
  const placed: Placed[] = [];
  const n = (value: number): string => value.toFixed(1);
  return {
    drawing: () => parts.map((part) => (typeof part === 'string' ? part : part())).join(''),
    placed,
    text(font, text, x, y, size, fill, anchor = 'start') {
      const width = widthOf(font, text, size);
      const from = anchor === 'start' ? x : anchor === 'middle' ? x - width / 2 : x - width;
      parts.push(() => `<path fill="${fill}" d="${pathOf(font, text, from, y, size)}"/>`);
      placed.push({ text, left: from, y, width, size });
      return width;
    },
    rect(x, y, width, height, fill, stroke, strokeWidth = 1) {
      parts.push(
        `<rect x="${n(x)}" y="${n(y)}" width="${n(width)}" height="${n(height)}" fill="${fill}"${stroke ? ` stroke="${stroke}" stroke-width="${strokeWidth}"` : ''}/>`,
      );
    },
    line(x1, y1, x2, y2, stroke, width = 1, dash) {
      parts.push(
        `<line x1="${n(x1)}" y1="${n(y1)}" x2="${n(x2)}" y2="${n(y2)}" stroke="${stroke}" stroke-width="${width}"${dash ? ` stroke-dasharray="${dash}"` : ''}/>`,
      );
    },
    shape: (svg) => void parts.push(svg),
  };
}
