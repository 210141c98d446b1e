/**
 * Speed and memory of making chains by program, by world: `npm run bench -- make [chains]`. Nothing is written, but with
 * `--out=FOLDER`: then the stage itself makes them (make-files.ts).
 */
import { checkChain } from '../../workers/data/check/check-chain.ts';
import { WORLDS } from '../../workers/data/program/program.ts';
import type { WorldChain } from '../../workers/data/program/world.ts';
import { random } from '../../workers/data/random.ts';
import { makeFiles } from './make-files.ts';

const wanted = Number(process.argv[3] ?? 20_000);
const MB = 1024 * 1024;

interface Cost {
  readonly chains: number;
  readonly scenes: number;
  readonly seconds: number;
  readonly bytes: number;
}

/** CPU seconds of this process, which is one core but for the engine's own helpers. */
const cpu = (from?: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(from);
  return (user + system) / 1e6;
};

async function run(
  world: (typeof WORLDS)[number],
  observe: 'annotation' | 'noise',
  count: number,
  seen: (chain: WorldChain) => void,
): Promise<Cost> {
  let chains = 0;
  let scenes = 0;
  let bytes = 0;
  const families = Object.fromEntries(world.families.map((family) => [family, 1]));
  const from = process.cpuUsage();
  for (let index = 0; chains < count; index++) {
    const made = await world.make({
      seed: 3,
      index,
      split: 'train',
      families,
      observe,
      multipleChoice: 0.5,
      unanswerable: 0.12,
      wanted: random(3, `wanted ${index}`).int(3, 7),
    });
    if (made.length > 0) scenes++;
    chains += made.length;
    for (const chain of made) {
      bytes += JSON.stringify(chain).length;
      seen(chain);
    }
  }
  return { chains, scenes, seconds: cpu(from), bytes };
}

const option = (name: string): string | undefined =>
  process.argv.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3);
const out = option('out');
if (out !== undefined) {
  await makeFiles(wanted, out, Number(option('shard') ?? 5_000));
  process.exit(0);
}

console.log(
  `${'world'.padEnd(12)}${'observed'.padEnd(13)}${'chains'.padStart(9)}${'scenes'.padStart(9)}${'chains/s/core'.padStart(15)}${'checked too'.padStart(13)}${'KB each'.padStart(9)}${'MB resident'.padStart(13)}`,
);
for (const world of WORLDS)
  for (const observe of ['annotation', 'noise'] as const) {
    await run(world, observe, Math.min(500, wanted), () => undefined);
    const made: WorldChain[] = [];
    const bare = await run(world, observe, wanted, (chain) => void (made.length < 2_000 && made.push(chain)));
    const from = process.cpuUsage();
    for (const chain of made) checkChain(chain);
    const check = cpu(from) / made.length;
    const each = bare.seconds / bare.chains;
    console.log(
      `${world.name.padEnd(12)}${observe.padEnd(13)}${String(bare.chains).padStart(9)}${String(bare.scenes).padStart(9)}${(1 / each).toFixed(0).padStart(15)}${(1 / (each + check)).toFixed(0).padStart(13)}${(bare.bytes / bare.chains / 1024).toFixed(1).padStart(9)}${(process.memoryUsage().rss / MB).toFixed(0).padStart(13)}`,
    );
  }
