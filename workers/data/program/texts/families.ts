/** Question families of the text world, and the scenes that they can be asked of. */
import type { Ask } from '../../ask/ask.ts';
import type { SceneKind } from '../../scene/make.ts';

export const FAMILIES = [
  'look-up',
  'reverse',
  'sums',
  'difference',
  'extremes',
  'average',
  'receipt',
  'equations',
  'reading',
  'unit-price',
  'compare-pages',
  'arithmetic',
] as const;
export type TextFamily = (typeof FAMILIES)[number];

/** The family of a question that the older makers of questions made; an unanswerable one belongs to what it asks for. */
export function familyOf({ family, kind }: Pick<Ask, 'family' | 'kind'>): TextFamily {
  if (kind === 'unanswerable/field' || kind === 'unanswerable/item') return 'receipt';
  if (kind === 'unanswerable/number') return 'reading';
  if (family === 'unanswerable') return 'look-up';
  if (family === 'no-tool') return 'arithmetic';
  if (/^sums\/(difference|difference-table|difference-receipt)$/.test(kind)) return 'difference';
  if (/^(sums\/(unit-price|how-many|fill)|products\/)/.test(kind)) return 'unit-price';
  if (/^extremes\/(average|average-without|group-average|below|sum|group-sum)$/.test(kind)) return 'average';
  return family === 'products' ? 'unit-price' : family;
}

/** Kinds of scene that a family is asked of, with shares. */
export const SCENES: Readonly<
  Record<Exclude<TextFamily, 'compare-pages' | 'arithmetic'>, readonly (readonly [SceneKind, number])[]>
> = {
  'look-up': [
    ['menu', 4],
    ['board', 1],
    ['chart', 2],
    ['line', 1.5],
    ['pie', 1.5],
    ['nutrition', 1.5],
    ['table', 4],
    ['form', 2],
  ],
  reverse: [
    ['menu', 3],
    ['board', 1],
    ['chart', 2],
    ['line', 1.5],
    ['pie', 1.5],
    ['table', 4],
  ],
  sums: [
    ['menu', 5],
    ['receipt', 3],
    ['table', 2],
  ],
  difference: [
    ['menu', 2],
    ['chart', 2],
    ['line', 1.5],
    ['pie', 1.5],
    ['table', 3],
    ['receipt', 2],
  ],
  extremes: [
    ['menu', 3],
    ['chart', 2],
    ['line', 1.5],
    ['pie', 1.5],
    ['columns', 1],
    ['table', 3],
    ['receipt', 1],
  ],
  average: [
    ['table', 5],
    ['chart', 1],
    ['columns', 1],
    ['line', 1],
  ],
  receipt: [['receipt', 1]],
  equations: [['equations', 1]],
  reading: [
    ['sign', 1],
    ['list', 2],
  ],
  'unit-price': [
    ['nutrition', 2],
    ['pump', 1],
    ['board', 3],
  ],
};

/** Tools that a family's chains may call. */
export const TOOLS: Readonly<Record<TextFamily, readonly string[]>> = {
  'look-up': ['OCR', 'ZoomIn', 'Crop'],
  reverse: ['OCR', 'ZoomIn', 'Crop'],
  sums: ['OCR', 'Calculate', 'ZoomIn', 'Crop'],
  difference: ['OCR', 'Calculate', 'ZoomIn', 'Crop'],
  extremes: ['OCR', 'Calculate', 'ZoomIn', 'Crop'],
  average: ['OCR', 'Calculate', 'ZoomIn', 'Crop'],
  receipt: ['OCR', 'ZoomIn', 'Crop'],
  equations: ['OCR', 'Calculate', 'SolveMathEquation'],
  reading: ['OCR'],
  'unit-price': ['OCR', 'Calculate', 'ZoomIn', 'Crop'],
  'compare-pages': ['OCR', 'Calculate', 'ZoomIn', 'Crop'],
  arithmetic: ['Calculate'],
};
