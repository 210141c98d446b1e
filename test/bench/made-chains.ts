/** Chains for benchmarks: `N` of each family of every world, made in this process and kept nowhere. */

import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import type { Split } from '../../shared/data/chain.ts';
import { openObjectStore } from '../../shared/object-store.ts';
import { pictureKey } from '../../workers/data/factory/pictures.ts';
import { actHere } from '../../workers/data/program/act-here.ts';
import { WORLDS } from '../../workers/data/program/program.ts';
import type { SceneRequest, World, WorldChain } from '../../workers/data/program/world.ts';
import { random } from '../../workers/data/random.ts';

export interface Wish {
  readonly perFamily: number;
  readonly seed: number;
  readonly split?: Split;
  readonly observe?: 'annotation' | 'noise' | 'tool';
  /** Where pictures are drawn and read: for `tool`. */
  readonly drawing?: Drawing | undefined;
  readonly onlyWorld?: string | undefined;
}

/** Draws pictures into a folder of its own and runs tools on them in this process. */
export interface Drawing extends Required<Pick<SceneRequest, 'keep' | 'act'>> {
  close(): Promise<void>;
}

export async function openDrawing(): Promise<Drawing> {
  const root = mkdtempSync(join(tmpdir(), 'cota-drawn-'));
  const objects = await openObjectStore({ driver: 'fs', root, linkSecret: 'a secret for links of a benchmark' });
  const folder = 'images/';
  const act = actHere(objects, folder);
  return {
    act: (call) => act(call, AbortSignal.timeout(600_000)),
    async keep(bytes) {
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      const contentType = `image/${(await sharp(bytes).metadata()).format}`;
      await objects.put(`${folder}${sha256}`, bytes, { contentType });
      return { key: pictureKey(sha256), sha256, contentType };
    },
    async close() {
      await objects.close();
      rmSync(root, { recursive: true });
    },
  };
}

/** Scenes that are tried for each chain that is wanted before a family is given up. */
const PATIENCE = 20;

export async function* madeOf(
  world: World,
  family: string,
  { perFamily, seed, split = 'train', observe, drawing }: Wish,
): AsyncGenerator<WorldChain> {
  let made = 0;
  for (let index = 0; made < perFamily && index < perFamily * PATIENCE + 100; index++) {
    const rng = random(seed, `${family} ${index}`);
    const chains = await world.make({
      seed: seed + world.families.indexOf(family) * 7919,
      index,
      split,
      families: { [family]: 1 },
      observe: observe ?? (rng.chance(0.3) ? 'annotation' : 'noise'),
      multipleChoice: 0.5,
      unanswerable: 0.12,
      wanted: Math.min(5, perFamily - made),
      ...(observe === 'tool' && drawing ? { keep: drawing.keep, act: drawing.act } : {}),
    });
    for (const chain of chains) {
      if (made >= perFamily) return;
      made++;
      yield chain;
    }
  }
}

/** Every family with its chains, one family after the other. */
export async function* familiesMade(
  wish: Wish,
): AsyncGenerator<{ world: World; family: string; chains: WorldChain[] }> {
  for (const world of WORLDS) {
    if (wish.onlyWorld !== undefined && world.name !== wish.onlyWorld) continue;
    for (const family of world.families) {
      const chains: WorldChain[] = [];
      for await (const chain of madeOf(world, family, wish)) chains.push(chain);
      yield { world, family, chains };
    }
  }
}
