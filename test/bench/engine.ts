/**
 * `npm run bench -- engine [FOLDER] [ROUNDS] [CHAINS] [THREADS]`: the ONNX engine beside @huggingface/transformers
 * generating from the same files, in turn, at 1, 4, 16 and 64 runs in flight; a run is two turns of a recorded one, the
 * second over what OCR read. Both greedy, each with a session of THREADS threads (1); tokens are compared. "Times by CPU"
 * counts the CPU seconds of this process, which a busy machine disturbs less. Then 8-bit weights beside floats: speed,
 * CHAINS validation chains, copy probes.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { VOCABULARY_HASH } from '../../shared/nano/format.ts';
import { accuracy } from './engine/accuracy.ts';
import { copies } from './engine/copies.ts';
import { openOurs } from './engine/ours.ts';
import { workload } from './engine/runs.ts';
import { openTheirs } from './engine/theirs.ts';
import { median, table } from './meter.ts';

const folder = process.argv[3] ?? join(import.meta.dirname, '../../models/cota-nano');
const rounds = Number(process.argv[4] ?? 3);
/** Validation chains that floats and 8-bit weights are asked. */
const chains = Number(process.argv[5] ?? 1_000);
const threads = Number(process.argv[6] ?? 1);
/** Runs in flight, and how many runs one round has. */
const FLIGHTS: readonly (readonly [number, number])[] = [
  [1, 6],
  [4, 16],
  [16, 48],
  [64, 64],
];
const MB = 2 ** 20;
const config = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')) as {
  cota_vocabulary?: string;
  vocab_size: number;
};
const { runs, end, about } = await workload(config, 64);
const print = (text: string) => process.stdout.write(`${text}\n`);
const tokensOf = (said: readonly (readonly (readonly number[])[])[]) => said.flat(2).length;
/** Wall time and CPU time of all threads of this process, seconds. */
interface Spent {
  readonly wall: number;
  readonly cpu: number;
}
const measure = async <T>(work: () => Promise<T>): Promise<[Spent, T]> => {
  const cpu = process.cpuUsage();
  const began = performance.now();
  const result = await work();
  const { user, system } = process.cpuUsage(cpu);
  return [{ wall: (performance.now() - began) / 1000, cpu: (user + system) / 1e6 }, result];
};

print(`${folder}: ${about}; ${rounds} rounds, medians, sessions of ${threads} thread${threads === 1 ? '' : 's'}`);
const before = process.memoryUsage().rss;
const ours = await openOurs(folder, 'fp32', end, threads);
await ours.say(runs, 64, 'warm');
const rss = process.memoryUsage().rss - before;
const theirs = await openTheirs(folder, 'fp32', end, threads);
await theirs.say(runs.slice(0, 2));

async function oneByOne(some: typeof runs): Promise<number[][][]> {
  const all: number[][][] = [];
  for (const run of some) all.push(...(await theirs.say([run])));
  return all;
}

async function inBatches(some: typeof runs, size: number): Promise<number[][][]> {
  const all: number[][][] = [];
  for (let at = 0; at < some.length; at += size) all.push(...(await theirs.say(some.slice(at, at + size))));
  return all;
}

const rows = [
  ['in flight', 'engine', 'tokens/s', 'runs/s', 'CPU ms a run', 'times runs/s', 'times by CPU', 'same tokens'],
];
for (const [flight, count] of FLIGHTS) {
  const spent: Record<'ours' | 'single' | 'batch', { runs: number; tokens: number; spent: Spent }[]> = {
    ...{ ours: [], single: [], batch: [] },
  };
  const same = { single: 0, batch: 0 };
  let compared = 0;
  for (let round = 0; round < rounds; round++) {
    const [took, said] = await measure(() => ours.say(runs.slice(0, count), flight, `${flight} ${round}`));
    spent.ours.push({ runs: count, tokens: tokensOf(said), spent: took });
    // The same runs: what one says is long, what another says short.
    const some = runs.slice(0, count);
    const ways = {
      single: () => oneByOne(some),
      batch: () => inBatches(some, flight),
    };
    for (const way of ['single', 'batch'] as const) {
      const [took, other] = await measure<number[][][]>(ways[way]);
      spent[way].push({ runs: other.length, tokens: tokensOf(other), spent: took });
      same[way] += other.filter((run, n) => JSON.stringify(run) === JSON.stringify(said[n])).length;
      if (way === 'batch') compared += other.length;
    }
  }
  const rate = (way: keyof typeof spent, of: 'wall' | 'cpu') => spent[way].map((one) => one.runs / one.spent[of]);
  const times = (way: 'single' | 'batch', of: 'wall' | 'cpu') => {
    const other = rate(way, of);
    return median(rate('ours', of).map((mine, at) => mine / (other[at] ?? Number.NaN))).toFixed(2);
  };
  const figures = (way: keyof typeof spent) => [
    median(spent[way].map((one) => one.tokens / one.spent.wall)).toFixed(0),
    median(rate(way, 'wall')).toFixed(2),
    (1000 / median(rate(way, 'cpu'))).toFixed(1),
  ];
  rows.push([String(flight), 'ours', ...figures('ours'), '', '', '']);
  rows.push([
    '',
    'theirs, one by one',
    ...figures('single'),
    times('single', 'wall'),
    times('single', 'cpu'),
    `${same.single} of ${compared}`,
  ]);
  rows.push([
    '',
    'theirs, a batch',
    ...figures('batch'),
    times('batch', 'wall'),
    times('batch', 'cpu'),
    `${same.batch} of ${compared}`,
  ]);
}
print(table(rows));

// What each cache saves, and where the time goes: two passes over the same runs, the second by other sessions.
await ours.say(runs, 16, 'caches');
const first = { ...ours.stats() };
await ours.say(runs, 16, 'caches');
const last = ours.stats();
if (last) {
  const share = (a: number, b: number) => `${((100 * a) / b).toFixed(0)} %`;
  print(
    `prompt tokens ${last.promptTokens}: kept by the run itself ${share(last.ownTokens, last.promptTokens)}, by another ${share(last.sharedTokens, last.promptTokens)}`,
  );
  print(
    `asked again by the same owner: ${share(last.ownTokens + last.sharedTokens - ((first.ownTokens ?? 0) + (first.sharedTokens ?? 0)), last.promptTokens - (first.promptTokens ?? 0))} kept`,
  );
  print(`mean batch ${(last.stepTokens / last.steps).toFixed(1)}, preempted ${last.preempted}`);
}
print(
  `memory: ${(ours.engine.bytes / MB).toFixed(0)} MB for keys and values, the process grew by ${(rss / MB).toFixed(0)} MB with weights and 64 runs in flight`,
);
await theirs.close();

if (existsSync(join(folder, 'onnx/model_int8.onnx'))) {
  const small = await openOurs(folder, 'int8', end, threads);
  await small.say(runs.slice(0, 8), 8, 'warm');
  const rows = [['in flight', 'fp32 runs/s', 'int8 runs/s', 'times', 'times by CPU']];
  for (const [flight, count] of FLIGHTS) {
    const pairs: [Spent, Spent][] = [];
    for (let round = 0; round < rounds; round++) {
      const [floats] = await measure(() => ours.say(runs.slice(0, count), flight, `floats ${flight} ${round}`));
      const [integers] = await measure(() => small.say(runs.slice(0, count), flight, `integers ${flight} ${round}`));
      pairs.push([floats, integers]);
    }
    rows.push([
      String(flight),
      ...([0, 1] as const).map((at) => median(pairs.map((pair) => count / pair[at].wall)).toFixed(1)),
      ...(['wall', 'cpu'] as const).map((of) => median(pairs.map(([a, b]) => a[of] / b[of])).toFixed(2)),
    ]);
  }
  print(table(rows));
  await small.engine.close();
  await ours.engine.close();
  if (config.cota_vocabulary === VOCABULARY_HASH) {
    print(await accuracy(folder, chains));
    print(await copies(folder));
  } else print('no accuracy: the model speaks another vocabulary');
} else await ours.engine.close();
