/** Chains of one scene: the scene, its questions, what was read of it, and the chains that follow. */

import type { Ask } from '../ask/ask.ts';
import { askScene } from '../ask/make.ts';
import type { Split } from '../ask/phrase.ts';
import { askPlain } from '../ask/plain.ts';
import { NOISE, readWithNoise } from '../observe/noise.ts';
import type { Observed } from '../observe/observed.ts';
import { type Random, random } from '../random.ts';
import { makeScene, type SceneKind } from '../scene/make.ts';
import type { Scene } from '../scene/scene.ts';
import { type Realised, realise, type TruthAt } from './chain.ts';

export interface MadeChain extends Realised {
  readonly ask: Ask;
  readonly template: string;
  /** Name of the scene: chains of one scene never cross splits. */
  readonly scene: string;
}

/** What the facts of a scene say of each place. */
export function truthOf(scene: Scene): TruthAt {
  const amounts = new Map<string, number>();
  const put = (at: { row: number; cell: number }, amount: number): void =>
    void amounts.set(`${at.row}:${at.cell}`, amount);
  const { facts } = scene;
  if (facts.kind === 'prices') for (const e of facts.entries) put(e.valueAt, e.amount);
  if (facts.kind === 'receipt') {
    for (const e of facts.items) put(e.valueAt, e.amount);
    for (const f of Object.values(facts.fields)) if (f.amount !== undefined) put(f.valueAt, f.amount);
  }
  if (facts.kind === 'table')
    for (const r of facts.records)
      r.amounts.forEach((amount, cell) => {
        if (facts.columns[cell]?.numeric) put({ row: r.row, cell }, amount);
      });
  if (facts.kind === 'table' && facts.summary) {
    const { row, amounts: sums } = facts.summary;
    sums.forEach((amount, cell) => {
      if (facts.columns[cell]?.numeric) put({ row, cell }, amount);
    });
  }
  if (facts.kind === 'list') for (const e of facts.entries) if (e.markAt) put(e.markAt, Number(e.mark));
  return (place) => {
    const amount = amounts.get(`${place.row}:${place.cell}`);
    return { text: scene.rows[place.row]?.cells[place.cell] ?? '', ...(amount === undefined ? {} : { amount }) };
  };
}

/** Questions about one scene whose reading is given; those that the reading does not bear out are left out. */
export function chainsOf(
  rng: Random,
  scene: Scene,
  name: string,
  observed: Observed,
  size: { width: number; height: number },
  split: Split,
  wanted: number,
): MadeChain[] {
  const truthAt = truthOf(scene);
  const made: MadeChain[] = [];
  const asked = new Set<string>();
  for (let tries = 0; made.length < wanted && tries < wanted * 3; tries++) {
    const ask = askScene(rng, scene, split);
    if (!ask) break;
    // Not the same thing twice in other words, unless it is what most people ask.
    const same = `${ask.kind} ${ask.truth}`;
    if (asked.has(same) && tries < wanted * 2) continue;
    asked.add(same);
    const done = realise(rng, ask, observed, truthAt, size);
    if (done) made.push({ ...done, ask, template: scene.template, scene: name });
  }
  return made;
}

/** The chains of scene number `index`: a pure function of its arguments. */
export function generateScene(seed: number, index: number, split: Split, kind?: SceneKind): MadeChain[] {
  const name = `${split}-${index}`;
  const rng = random(seed, name);
  const size = { width: rng.int(3, 20) * 100, height: rng.int(3, 22) * 100 };
  if (!kind && rng.chance(0.03)) {
    const ask = askPlain(rng, split);
    const done = realise(rng, ask, undefined, () => ({ text: '' }), size);
    return done ? [{ ...done, ask, template: 'none', scene: name }] : [];
  }
  const scene = makeScene(rng, split, kind);
  // Shares that come near what the real engine does to drawn and photographed pages; few are worse.
  const level = rng.weighted([
    ['none', 20],
    ['light', 45],
    ['medium', 30],
    ['heavy', 5],
  ] as const);
  const observed = readWithNoise(rng, scene, NOISE[level]);
  return chainsOf(
    rng,
    scene,
    name,
    observed,
    size,
    split,
    rng.weighted([
      [1, 1],
      [2, 3],
      [3, 4],
      [4, 3],
    ] as const),
  );
}
