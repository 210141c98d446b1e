/** Chains about the same scenes, once with the reader really run and once with the noise: do they see the same errors? */

import { CANNOT_TELL } from '../../shared/data/chain.ts';
import { align } from '../../workers/data/observe/align.ts';
import { type Rates, type Tally, tallyOf } from '../../workers/data/observe/measure.ts';
import { countsOf, rate, standardError, sum } from '../../workers/data/observe/pages.ts';
import { SCENES, type TextFamily } from '../../workers/data/program/texts/families.ts';
import { sceneFor, templateOf, WEARS } from '../../workers/data/program/texts/splits.ts';
import { textWorld } from '../../workers/data/program/texts/world.ts';
import type { SceneRequest, WorldChain } from '../../workers/data/program/world.ts';
import { random } from '../../workers/data/random.ts';
import type { Scene } from '../../workers/data/scene/scene.ts';
import { openDrawing } from './made-chains.ts';

const SEED = 77;
const FAMILIES = { 'look-up': 1, receipt: 1, sums: 1, reading: 1 } as const satisfies Partial<
  Record<TextFamily, number>
>;
/** Scenes for the noise by itself, for each one that is really read: the noise costs nothing, and its rates should be sure. */
const MORE = 10;
const SHOWN: readonly (keyof Rates)[] = [
  'letters',
  'digits',
  'marks',
  'dollars',
  'decimals',
  'spacesLost',
  'torn',
  'cellsMissed',
  'junkRows',
];

const request = (index: number): SceneRequest => ({
  seed: SEED,
  index,
  split: 'train',
  families: FAMILIES,
  observe: 'noise',
  multipleChoice: 0.3,
  unanswerable: 0,
  wanted: 4,
});

/** The scene that the world makes for a number, drawn as it draws it. @throws Error where the chains are of another */
function sceneOf(index: number, chain: WorldChain): Scene {
  const rng = random(SEED, `texts-train-${index}`);
  const wear = rng.weighted(WEARS.train);
  const family = rng.weighted(Object.entries(FAMILIES) as [keyof typeof FAMILIES, number][]);
  const scene = sceneFor(rng, 'train', rng.weighted(SCENES[family]));
  if (!scene || chain.facts?.wear !== wear || chain.facts.template !== templateOf(scene))
    throw new Error('the world of texts draws its scenes in another order than this benchmark');
  return scene;
}

class Seen {
  scenes = 0;
  empty = 0;
  chains = 0;
  looked = 0;
  untold = 0;
  readonly pages: Tally[] = [];

  add(index: number, made: readonly WorldChain[]): void {
    this.scenes++;
    const [first] = made;
    if (!first) {
      this.empty++;
      return;
    }
    this.chains += made.length;
    for (const { turns, answer } of made) {
      if (turns.some(({ actions }) => actions.some(({ name }) => name === 'ZoomIn' || name === 'Crop'))) this.looked++;
      if (answer === CANNOT_TELL) this.untold++;
    }
    const read = made.flatMap(({ turns }) => turns).find(({ actions }) => actions[0]?.name === 'OCR')?.observations[0];
    if (!read?.ok) return;
    const scene = sceneOf(index, first);
    this.pages.push(tallyOf([{ scene, read: align(scene, String(read.result.text).split('\n')) }]));
  }
}

/** @param count scenes that are really drawn and read, a few seconds each */
export async function madeChains(count: number): Promise<void> {
  const drawing = await openDrawing();
  const [tool, noise, more] = [new Seen(), new Seen(), new Seen()];
  try {
    for (let index = 0; index < count * MORE; index++) {
      const made = await textWorld.make(request(index));
      more.add(index, made);
      if (index >= count) continue;
      noise.add(index, made);
      const { keep, act } = drawing;
      tool.add(index, await textWorld.make({ ...request(index), observe: 'tool', keep, act }));
    }
  } finally {
    await drawing.close();
  }
  const columns = [tool, noise, more];
  const line = (name: string, values: readonly string[]): void =>
    console.log(`${name.padEnd(28)}${values.map((value) => value.padStart(16)).join('')}`);
  const percent = (value: number): string => `${(100 * value).toFixed(2)} %`;
  console.log('\nChains made of the same scenes');
  line('', ['tool', 'noise', 'noise, more']);
  line(
    'scenes',
    columns.map(({ scenes }) => String(scenes)),
  );
  line(
    'of which gave no chain',
    columns.map(({ empty, scenes }) => percent(empty / scenes)),
  );
  line(
    'chains a scene',
    columns.map(({ chains, scenes }) => (chains / scenes).toFixed(2)),
  );
  line(
    'chains with a closer look',
    columns.map(({ looked, chains }) => percent(looked / chains)),
  );
  line(
    'chains that cannot tell',
    columns.map(({ untold, chains }) => percent(untold / chains)),
  );
  for (const name of SHOWN)
    line(
      name,
      columns.map(({ pages }) => {
        const counts = countsOf(pages, name);
        const error = standardError(random(SEED, name), counts);
        return `${percent(rate(sum(counts)))} ± ${(100 * error).toFixed(2)}`;
      }),
    );
}
