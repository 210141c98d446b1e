/** Twins of questions over several pages: one of the pages lacks what is compared. */
import { CANNOT_TELL } from '../../../../shared/data/chain.ts';
import type { Random } from '../../random.ts';
import type { ReceiptFacts, Scene } from '../../scene/scene.ts';
import type { Compared } from './compare.ts';
import { withoutRows } from './torn.ts';
import { alike } from './values.ts';

/** @returns the comparison with a page that does not say its amount; undefined where that cannot be had */
export function withoutOne(rng: Random, compared: Compared): Compared | undefined {
  const { scenes, places, kind } = compared;
  const page = rng.int(0, scenes.length - 1);
  const scene = scenes[page] as Scene;
  const others = places.flatMap(({ amount }, at) => (at === page ? [] : [amount]));
  const torn =
    scene.facts.kind === 'receipt'
      ? tornOff(rng, scene, scene.facts, kind === 'sum' || kind === 'difference' ? undefined : Math.min(...others))
      : withoutRows(scene, new Set(places[page]?.name.map(({ row }) => row)));
  const [named] = places[page]?.name ?? [];
  const name = named && scene.rows[named.row]?.cells[named.cell];
  // A name that is spelt nearly alike would be taken for it, read badly.
  if (!torn || (name && torn.rows.some(({ cells }) => cells.some((cell) => alike(cell, name, 0.3))))) return undefined;
  return { ...compared, scenes: scenes.map((one, at) => (at === page ? torn : one)), truth: CANNOT_TELL, others: [] };
}

/**
 * A receipt that was torn off among its goods: neither a total nor what it can be worked out from is left.
 * @param below goods that come to as much would tell which receipt is the larger one, whatever was on the rest
 */
function tornOff(rng: Random, scene: Scene, { items }: ReceiptFacts, below: number | undefined): Scene | undefined {
  const kept: number[] = [];
  let sum = 0;
  items.forEach(({ amount }, count) => {
    if (count > 0 && (below === undefined || sum < below)) kept.push(count);
    sum += amount;
  });
  if (kept.length === 0) return undefined;
  const next = items[rng.pick(kept)];
  if (!next) return undefined;
  const from = Math.min(next.nameAt.row, next.valueAt.row);
  const torn = { ...scene, rows: scene.rows.slice(0, from) };
  return torn.rows.filter(({ cells }) => cells.length > 0).length < 3 ? undefined : torn;
}
