/**
 * What only one split may have: layouts, merchants and kinds of wear. Fonts, words and questions are held apart where
 * they are drawn: render/fonts.ts, scene/names.ts, ask/phrase.ts.
 */
import type { Split } from '../../../../shared/data/chain.ts';
import { hashText, type Random } from '../../random.ts';
import type { Wear } from '../../render/degrade.ts';
import { makeScene, type SceneKind } from '../../scene/make.ts';
import type { Scene } from '../../scene/scene.ts';

/** Layouts that belong to a split as a whole; where a kind has too few, `templateOf` tells them apart more finely. */
const OWN: Readonly<Record<string, Split>> = {
  'menu-one': 'train',
  'menu-sections': 'train',
  'menu-two': 'validation',
  'menu-leaders': 'holdout',
  'receipt-plain': 'train',
  'receipt-two-line': 'train',
  'receipt-quantity-first': 'train',
  'receipt-code-first': 'validation',
  'receipt-columns': 'holdout',
  'receipt-plain-below': 'train',
  'receipt-two-line-below': 'train',
  'receipt-quantity-first-below': 'train',
  'receipt-code-first-below': 'validation',
  'receipt-columns-below': 'holdout',
  'table-2': 'train',
  'table-3': 'train',
  'table-1': 'validation',
  'table-4': 'holdout',
  'list-numbered': 'train',
  'list-plain': 'validation',
  'list-grid': 'holdout',
};

const eighth = (text: string): Split => {
  const bucket = hashText(text) % 8;
  return bucket === 0 ? 'validation' : bucket === 1 ? 'holdout' : 'train';
};

/** How a page prints amounts: `$#.##`, `#,## €`. */
const printed = (value: string): string =>
  value.replace(/\d+/g, (digits) => (digits.length > 3 ? '#+' : '#'.repeat(digits.length)));

/**
 * The layout of a scene, in as much detail as tells splits apart: the base layout, and for kinds with few of those also
 * whether there is a title and how values are printed.
 */
export function templateOf(scene: Scene): string {
  if (OWN[scene.template]) return scene.template;
  const { facts, rows } = scene;
  const parts = [scene.template, rows[0]?.style === 'title' ? 'titled' : 'untitled'];
  if (facts.kind === 'prices')
    parts.push(`${facts.entries.length} entries`, rows.at(-1)?.style === 'text' ? 'noted' : 'bare');
  if (facts.kind === 'prices' && facts.what !== 'form')
    parts.push(printed(facts.entries[0]?.value ?? '').replace(/#+/g, '#'));
  if (facts.kind === 'prices' && facts.what === 'pump') {
    const [first] = facts.entries;
    const apart = first ? `${first.nameAt.row - first.valueAt.row},${first.nameAt.cell - first.valueAt.cell}` : '';
    parts.push(...facts.entries.map(({ name }) => name), apart);
  }
  if (facts.kind === 'sign') parts.push(`${rows.length} lines`, facts.what);
  if (facts.kind === 'equations') parts.push(`${facts.lines} lines`, /×/.test(JSON.stringify(rows)) ? '×' : 'x');
  return parts.join('/');
}

/** Who made the page: the shop, where it names one. */
export function merchantOf({ facts, rows }: Scene): string | undefined {
  if (facts.kind === 'receipt') return rows.find(({ style }) => style === 'title')?.cells[0];
  const title = 'title' in facts ? facts.title : undefined;
  return facts.kind === 'prices' && (facts.what === 'menu' || facts.what === 'board') && title
    ? rows[title.row]?.cells[title.cell]
    : undefined;
}

const mayHave = (scene: Scene, split: Split): boolean => {
  const template = templateOf(scene);
  if ((OWN[template] ?? eighth(template)) !== split) return false;
  const merchant = merchantOf(scene)?.toLowerCase();
  return merchant === undefined || eighth(`merchant ${merchant}`) === split;
};

/** Draws are cheap, and the rarest split takes about one in fifty. */
const TRIES = 2_000;

/** A scene of a kind that only this split may have; undefined where none came up. */
export function sceneFor(rng: Random, split: Split, kind: SceneKind): Scene | undefined {
  for (let tries = 0; tries < TRIES; tries++) {
    const scene = makeScene(rng, split, kind);
    if (mayHave(scene, split)) return scene;
  }
  return undefined;
}

/** Degradations of each split, with shares: no kind is in two. */
export const WEARS: Readonly<Record<Split, readonly (readonly [Wear, number])[]>> = {
  train: [
    ['clean', 30],
    ['scan', 28],
    ['photo', 30],
    ['poor', 12],
  ],
  validation: [['fax', 1]],
  holdout: [['dim', 1]],
};
