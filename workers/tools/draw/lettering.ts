/**
 * Text as outlines, from a font that npm installs: the same picture on every machine, whatever fonts it has. Letters
 * that the font lacks (Chinese, emoji) are drawn as its empty box.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import opentype, { type Font } from 'opentype.js';

/** Parts of Roboto Bold; each is read when the first letter of it is drawn. */
const PARTS = ['latin', 'latin-ext', 'greek', 'cyrillic', 'vietnamese'];

const folder = join(dirname(createRequire(import.meta.url).resolve('@fontsource/roboto/package.json')), 'files');
const read = new Map<string, Font>();

function part(name: string): Font {
  let font = read.get(name);
  if (!font) {
    const bytes = readFileSync(join(folder, `roboto-${name}-700-normal.woff`));
    font = opentype.parse(new Uint8Array(bytes).buffer);
    read.set(name, font);
  }
  return font;
}

function fontFor(letter: string): Font {
  for (const name of PARTS) {
    const font = part(name);
    if (font.charToGlyphIndex(letter) > 0) return font;
  }
  return part(PARTS[0]!);
}

const widthOf = (letter: string): number => {
  const font = fontFor(letter);
  return font.charToGlyph(letter).advanceWidth / font.unitsPerEm;
};

/** Letters as they can be drawn: no controls and nothing invisible, which would take room and show nothing. */
const lettersOf = (text: string): string[] => [
  ...text
    .replace(/\s+/gu, ' ')
    .replace(/\p{C}/gu, '')
    .normalize('NFC')
    .replace(/[\p{Mn}\p{Me}]/gu, ''),
];

/** Width in pixels. @param size height of the font, pixels */
export const textWidth = (text: string, size: number): number =>
  lettersOf(text).reduce((sum, letter) => sum + widthOf(letter), 0) * size;

/** As much of the text as fits, with an ellipsis if that is not all; empty when not even one letter fits. */
export function fitText(text: string, size: number, width: number): string {
  const letters = lettersOf(text);
  if (textWidth(text, size) <= width) return letters.join('');
  let room = width / size - widthOf('…');
  const kept: string[] = [];
  for (const letter of letters) {
    room -= widthOf(letter);
    if (room < 0) break;
    kept.push(letter);
  }
  return kept.length > 0 ? `${kept.join('').trimEnd()}…` : '';
}

/** @returns the `d` of an SVG path. @param x left end @param y baseline, pixels */
export function textPath(text: string, x: number, y: number, size: number): string {
  let at = x;
  let path = '';
  for (const letter of lettersOf(text)) {
    const font = fontFor(letter);
    const glyph = font.charToGlyph(letter);
    for (const { type, ...points } of glyph.getPath(at, y, size).commands) {
      const numbers = [points.x1, points.y1, points.x2, points.y2, points.x, points.y];
      path += type + numbers.flatMap((n) => (n === undefined ? [] : [n.toFixed(2)])).join(' ');
    }
    at += (glyph.advanceWidth / font.unitsPerEm) * size;
  }
  return path;
}
