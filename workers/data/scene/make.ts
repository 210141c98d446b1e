/** Scenes of every kind, in the shares that training uses. */

import type { Split } from '../ask/phrase.ts';
import type { Random } from '../random.ts';
import { chartScene } from './charts.ts';
import { columnScene, pumpScene } from './figures.ts';
import { formScene } from './forms.ts';
import { vocabularyOf } from './names.ts';
import { nutritionScene } from './nutrition.ts';
import { boardScene, menuScene } from './prices.ts';
import { receiptScene } from './receipts.ts';
import type { Scene } from './scene.ts';
import { tableScene } from './tables.ts';
import { equationScene, listScene, signScene } from './texts.ts';

export type SceneKind =
  | 'menu'
  | 'board'
  | 'chart'
  | 'nutrition'
  | 'table'
  | 'receipt'
  | 'sign'
  | 'list'
  | 'equations'
  | 'pump'
  | 'columns'
  | 'form'
  | 'line'
  | 'pie';

const shares: readonly (readonly [SceneKind, number])[] = [
  ['menu', 27],
  ['board', 8],
  ['chart', 7],
  ['nutrition', 4],
  ['table', 20],
  ['receipt', 27],
  ['sign', 4],
  ['list', 7],
  ['equations', 10],
  ['pump', 1],
  ['columns', 2],
  ['form', 5],
];

/** A scene of `kind`, or of a kind drawn by its share (line and pie charts only where they are asked for). */
export function makeScene(rng: Random, split: Split, kind: SceneKind = rng.weighted(shares)): Scene {
  const words = vocabularyOf(split);
  switch (kind) {
    case 'menu':
      return menuScene(rng, words);
    case 'board':
      return boardScene(rng, words);
    case 'chart':
      return chartScene(rng, words);
    case 'line':
      return chartScene(rng, words, 'line');
    case 'pie':
      return chartScene(rng, words, 'pie');
    case 'nutrition':
      return nutritionScene(rng, words);
    case 'pump':
      return pumpScene(rng);
    case 'columns':
      return columnScene(rng, words);
    case 'table':
      return tableScene(rng, words);
    case 'receipt':
      return receiptScene(rng, words);
    case 'sign':
      return signScene(rng, words);
    case 'list':
      return listScene(rng, words);
    case 'form':
      return formScene(rng, words);
    case 'equations':
      return equationScene(rng);
  }
}
