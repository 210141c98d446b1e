/** Colours and faces of one picture. */
import type { Split } from '../ask/phrase.ts';
import type { Random } from '../random.ts';
import { type Face, type FontKind, pickFace } from './fonts.ts';

export interface Theme {
  readonly paper: string;
  readonly ink: string;
  readonly accent: string;
  readonly faint: string;
  readonly body: Face;
  readonly head: Face;
  /** Body size in pixels. */
  readonly size: number;
  /** Row distance as a multiple of the body size. */
  readonly leading: number;
}

const papers: Readonly<
  Record<'light' | 'warm' | 'dark' | 'receipt' | 'board', readonly (readonly [string, string, string, string])[]>
> = {
  light: [
    ['#ffffff', '#111111', '#1d4e89', '#c8ccd2'],
    ['#fafafa', '#222222', '#8a1c1c', '#d5d5d5'],
    ['#f4f7fb', '#16202c', '#0b6e4f', '#c5cfdb'],
    ['#fffdf2', '#2a2118', '#7a4b12', '#dfd5b8'],
  ],
  warm: [
    ['#f7ead2', '#3a2412', '#8c2f14', '#d9c39a'],
    ['#fdf3e1', '#2e2a22', '#a0522d', '#e2cfa8'],
    ['#efe3cf', '#2b1d12', '#5a6b1f', '#cdb994'],
  ],
  dark: [
    ['#23282d', '#f1efe6', '#f2c14e', '#59616a'],
    ['#1d2b24', '#f5f5ec', '#e9d8a6', '#4d6156'],
    ['#3a1f1f', '#fbeee0', '#ffcf70', '#74504d'],
    ['#10202f', '#e9f1f7', '#7fd1ae', '#3f566b'],
  ],
  receipt: [
    ['#ffffff', '#1a1a1a', '#1a1a1a', '#888888'],
    ['#fbfaf5', '#33363f', '#33363f', '#999999'],
    ['#f6f6f6', '#4a4e63', '#4a4e63', '#aaaaaa'],
    ['#fffef9', '#5a62b0', '#5a62b0', '#b5b9dd'],
  ],
  board: [
    ['#0e0e10', '#ff4b2b', '#ffffff', '#444444'],
    ['#101418', '#ffb000', '#f5f5f5', '#4a4a4a'],
    ['#0a1a0f', '#5dff6b', '#eeeeee', '#355c3b'],
    ['#b3161b', '#ffffff', '#ffe14d', '#d96a6d'],
    ['#0c3c84', '#ffffff', '#ffd400', '#5c7fb5'],
    ['#f8f8f8', '#111111', '#c4161c', '#bbbbbb'],
  ],
};

export type PaperKind = keyof typeof papers;

export function makeTheme(
  rng: Random,
  split: Split,
  paper: PaperKind,
  kinds: readonly FontKind[],
  sizes: readonly [number, number],
): Theme {
  const [background, ink, accent, faint] = rng.pick(papers[paper]);
  const body = pickFace(rng, split, kinds);
  return {
    paper: background,
    ink,
    accent,
    faint,
    body,
    head: rng.chance(0.5) ? body : pickFace(rng, split, ['sans', 'serif', 'condensed', 'display']),
    size: rng.int(sizes[0], sizes[1]),
    leading: 1.3 + rng.next() * 0.6,
  };
}
