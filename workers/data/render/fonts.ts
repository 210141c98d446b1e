/**
 * The fonts that pictures are drawn with: open licences (SIL OFL 1.1; Apache-2.0 for none of these), taken from the npm
 * packages @fontsource/*, so that a machine without any font draws the same picture.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import opentype, { type Font } from 'opentype.js';
import type { Split } from '../ask/phrase.ts';
import type { Random } from '../random.ts';

export type FontKind = 'sans' | 'serif' | 'mono' | 'condensed' | 'hand' | 'display';

interface FontEntry {
  readonly name: string;
  readonly kind: FontKind;
  readonly bold: boolean;
  /** Which split draws with it: no font is in two. */
  readonly split: Split;
}

export const FONTS: readonly FontEntry[] = [
  { name: 'roboto', kind: 'sans', bold: true, split: 'train' },
  { name: 'open-sans', kind: 'sans', bold: true, split: 'train' },
  { name: 'nunito', kind: 'sans', bold: true, split: 'validation' },
  { name: 'work-sans', kind: 'sans', bold: true, split: 'holdout' },
  { name: 'pt-serif', kind: 'serif', bold: true, split: 'train' },
  { name: 'lora', kind: 'serif', bold: true, split: 'train' },
  { name: 'source-serif-4', kind: 'serif', bold: true, split: 'holdout' },
  { name: 'playfair-display', kind: 'serif', bold: true, split: 'validation' },
  { name: 'roboto-mono', kind: 'mono', bold: true, split: 'train' },
  { name: 'inconsolata', kind: 'mono', bold: true, split: 'train' },
  { name: 'vt323', kind: 'mono', bold: false, split: 'train' },
  { name: 'anonymous-pro', kind: 'mono', bold: true, split: 'validation' },
  { name: 'fira-mono', kind: 'mono', bold: true, split: 'holdout' },
  { name: 'space-mono', kind: 'mono', bold: true, split: 'train' },
  { name: 'roboto-condensed', kind: 'condensed', bold: true, split: 'train' },
  { name: 'oswald', kind: 'condensed', bold: true, split: 'train' },
  { name: 'barlow-condensed', kind: 'condensed', bold: true, split: 'holdout' },
  { name: 'patrick-hand', kind: 'hand', bold: false, split: 'train' },
  { name: 'kalam', kind: 'hand', bold: true, split: 'validation' },
  { name: 'orbitron', kind: 'display', bold: true, split: 'train' },
];

const require = createRequire(import.meta.url);
const loaded = new Map<string, Font>();

/**
 * A font by the name of its package, read once per process.
 * @throws Error that names the package to install when it is missing
 */
export function loadFont(name: string, weight: 400 | 700 = 400): Font {
  const key = `${name}-${weight}`;
  let font = loaded.get(key);
  if (!font) {
    let folder: string;
    try {
      folder = dirname(require.resolve(`@fontsource/${name}/package.json`));
    } catch {
      throw new Error(`the font ${name} is not installed; run npm install, it is the package @fontsource/${name}`);
    }
    const bytes = readFileSync(join(folder, 'files', `${name}-latin-${weight}-normal.woff`));
    font = opentype.parse(new Uint8Array(bytes).buffer);
    loaded.set(key, font);
  }
  return font;
}

export interface Face {
  readonly regular: Font;
  readonly bold: Font;
  readonly name: string;
}

/** A face of one of the kinds (any where the split has none of them). */
export function pickFace(rng: Random, split: Split, kinds: readonly FontKind[]): Face {
  const own = FONTS.filter((f) => f.split === split);
  const fitting = own.filter((f) => kinds.includes(f.kind));
  const entry = rng.pick(fitting.length > 0 ? fitting : own);
  const regular = loadFont(entry.name);
  return { name: entry.name, regular, bold: entry.bold ? loadFont(entry.name, 700) : regular };
}
