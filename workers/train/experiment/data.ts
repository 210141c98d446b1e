/** Data of the experiment: chains, the same for all arms, as shards of each arm; questions held out. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHAIN_VERSION, type Chain, type Split } from '../../../shared/data/chain.ts';
import { checkChain } from '../../data/check/check-chain.ts';
import { textWorld } from '../../data/program/texts/world.ts';
import { random } from '../../data/random.ts';
import { drill } from '../nano/drills/drill.ts';
import { sayable } from '../nano/sayable.ts';
import { sequences } from '../nano/sequences.ts';
import { shardWriter, writeVocabulary } from '../nano/shards.ts';
import { ARITHMETIC, ARMS, ofArm, PRIMARY, wholeChain } from './arms.ts';

/** Everything is made from this one, so that whoever repeats it has the same bytes. */
const SEED = 20_261;
const SHARD = 20_000;

/** Chains of a split, scene by scene, endless; arithmetic ones as often as the others. */
async function* scenes(split: Split, seed: number): AsyncGenerator<Chain[]> {
  for (let index = 0; ; index++) {
    const made = await textWorld.make({
      ...{ seed, index, split, observe: 'noise', multipleChoice: 0, unanswerable: 0.12, wanted: 6 },
      families: Object.fromEntries([...PRIMARY, ...ARITHMETIC].map((family) => [family, 1])),
    });
    const chains = made.map(
      (one, nth): Chain => ({
        ...{ version: CHAIN_VERSION, id: `${split}/${index}-${nth}`, source: 'experiment', origin: 'program' },
        ...{ ...one, licence: 'CC0-1.0' },
      }),
    );
    yield chains.filter((chain) => checkChain(chain).ok);
  }
}

/** Shards of the shared pre-training: look-ups, half of the pages with quotes and half without. */
function writeDrills(out: string): void {
  const shapes = [
    { name: 'copies', examples: 5_000, rows: [2, 4], copies: 0.6 },
    { name: 'simple-4', examples: 10_000, rows: [2, 4], copies: 0, simple: true },
    { name: 'simple-10', examples: 10_000, rows: [3, 10], copies: 0, simple: true },
    { name: 'rows-8', examples: 8_000, rows: [2, 8], copies: 0 },
    { name: 'rows-30', examples: 8_000, rows: [3, 30], copies: 0 },
    { name: 'eval-8', examples: 200, rows: [6, 8], copies: 0 },
    { name: 'eval-30', examples: 200, rows: [20, 30], copies: 0 },
  ] as const;
  for (const { name, examples, ...shape } of shapes) {
    const rng = random(SEED, `drills ${name}`);
    const writer = shardWriter(join(out, 'drills'), name, SHARD);
    for (let made = 0; made < examples; ) {
      const asked = drill(rng, { questions: 6, regions: 0, lookUps: true, ...shape });
      const brief = rng.chance(0.5);
      const shown = asked.map((chain) => (brief ? ofArm('direct', chain) : chain));
      for (const one of sequences(rng, shown, undefined, 1)) {
        writer.add(one);
        made++;
      }
    }
    writer.end();
  }
}

/** @param want chains for training. @returns tokens of each arm's shards */
async function writeArms(out: string, want: number): Promise<Record<string, number>> {
  const writers = Object.fromEntries(ARMS.map((arm) => [arm, shardWriter(join(out, arm), 'train', SHARD)]));
  let taken = 0;
  for await (const scene of scenes('train', SEED)) {
    if (taken >= want) break;
    const whole = scene.flatMap((chain) => {
      const nano = wholeChain(chain, random(SEED, chain.id));
      return nano && sayable(nano) ? [nano] : [];
    });
    const kept = whole.slice(0, want - taken);
    taken += kept.length;
    for (const arm of ARMS) {
      // The same chance for all arms: questions of a scene stand in the same order, with the same marks.
      const rng = random(SEED, `sequences ${taken}`);
      for (const one of sequences(
        rng,
        kept.map((chain) => ofArm(arm, chain)),
        undefined,
        1,
      ))
        writers[arm]?.add(one);
    }
  }
  return Object.fromEntries(ARMS.map((arm) => [arm, writers[arm]?.end().tokens ?? 0]));
}

/** Questions of a split until there are enough of the primary families, from enough scenes. */
async function questions(split: Split, primary: number, fewestScenes: number): Promise<Chain[]> {
  const found: Chain[] = [];
  const seen = new Set<string>();
  let asked = 0;
  for await (const scene of scenes(split, SEED + 1)) {
    if (asked >= primary && seen.size >= fewestScenes) break;
    for (const chain of scene) {
      if (!wholeChain(chain, random(SEED, chain.id))) continue;
      found.push(chain);
      if (!PRIMARY.includes(chain.facts?.family ?? '')) continue;
      asked++;
      seen.add(chain.facts?.scene ?? '');
    }
  }
  return found;
}

export interface Size {
  readonly chains: number;
  readonly primary: number;
  readonly scenes: number;
}

/** Writes all of it, once. @returns tokens of each arm's shards */
export async function writeData(out: string, size: Size): Promise<Readonly<Record<string, number>>> {
  const done = join(out, 'tokens.json');
  if (existsSync(done)) return JSON.parse(readFileSync(done, 'utf8')) as Record<string, number>;
  mkdirSync(out, { recursive: true });
  writeVocabulary(out);
  writeDrills(out);
  const tokens = await writeArms(out, size.chains);
  for (const [split, share] of [
    ['validation', 0.25],
    ['holdout', 1],
  ] as const) {
    const asked = await questions(split, Math.ceil(size.primary * share), Math.ceil(size.scenes * share));
    writeFileSync(join(out, `${split}.jsonl`), asked.map((chain) => JSON.stringify(chain)).join('\n'));
  }
  writeFileSync(done, JSON.stringify(tokens));
  return tokens;
}

export function readQuestions(out: string, split: 'validation' | 'holdout'): Chain[] {
  return readFileSync(join(out, `${split}.jsonl`), 'utf8')
    .split('\n')
    .map((line) => JSON.parse(line) as Chain);
}
