/**
 * `npm run bench -- data-juicer [N] --python=PATH [--from=FOLDER] [--rounds=3]`: the filter's steps that data-juicer has
 * too, on the same rows, in turn, with two processes each: length, exact duplicates, and near-duplicates by MinHash of word
 * 5-grams with 128 permutations at 0.9. One chain in twenty has a copy, half of them with other words here and there.
 *
 * Not the same: ours reads and writes whole chains with their facts and reasons, counts tokens of a vocabulary, checks
 * their format, and compares word by word what MinHash suspects; theirs reads and writes one text a row, counts
 * characters and words, and takes for a duplicate whatever shares one band (of a number that it chooses for the threshold).
 * Its words end at blanks, ours at signs too, so that a pair just at our threshold may be below its own; copies found are
 * counted by our measure.
 *
 * data-juicer is not part of this project and wants numpy and PyTorch:
 * `python3 -m venv --system-site-packages DIR && DIR/bin/pip install py-data-juicer aiohttp`.
 */
import { spawn } from 'node:child_process';
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { ShardReport } from '../../shared/data/job.ts';
import { recipe as recipeSchema } from '../../shared/data/recipe.ts';
import { readChains } from '../../workers/data/factory/chain-files.ts';
import { comparedText } from '../../workers/data/filter/chain-text.ts';
import { sampleChain } from '../sample-chains.ts';
import { foundOf, goneOf, plantCopies } from './planted.ts';
import { foundChains, givenChains, importKey, openBenchStore, runStages } from './stage-pool.ts';

const option = (name: string): string | undefined =>
  process.argv.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3);
const n = Number(process.argv.slice(3).find((arg) => /^\d+$/.test(arg)) ?? 100_000);
const python = option('python') ?? '';
const from = option('from');
const rounds = Number(option('rounds') ?? 3);
const tool = join(dirname(python), 'dj-process');
const PROCESSES = 2;
const THRESHOLD = 0.9;
const COPIED = 0.05;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

interface Cost {
  /** From the start of the processes to their end, and CPU seconds of all of them. */
  readonly wall: number;
  readonly cpu: number;
  /** Seconds of the steps alone, without starting, reading and writing where a program tells them apart. */
  readonly steps: number;
  readonly kept: number;
}

if (python === '' || !existsSync(tool)) {
  say(
    `needs data-juicer: --python=DIR/bin/python of a virtual environment in which dj-process is (${tool} is not there).`,
  );
  say('python3 -m venv --system-site-packages DIR && DIR/bin/pip install py-data-juicer aiohttp');
  process.exit(2);
}

const recipe = recipeSchema.parse({
  name: 'bench-juicer',
  seed: 1,
  sources: [{ name: 'given', chains: 'given' }],
  filter: {
    max_tokens: 8192,
    min_tokens: 5,
    useful_steps: false,
    checker: false,
    duplicates: { exact: true, text: THRESHOLD },
  },
});

async function ours(root: string, given: readonly ShardReport[]): Promise<Cost & { applied: readonly ShardReport[] }> {
  const start = performance.now();
  let steps = 0;
  let cpu = 0;
  let kept = 0;
  let applied: readonly ShardReport[] = [];
  const stages = ['filter.scan', 'filter.decide', 'filter.apply'];
  for await (const time of runStages(stages, recipe, root, PROCESSES, given)) {
    steps += time.seconds;
    cpu = time.cpuSoFar;
    if (time.name !== 'filter.apply') continue;
    kept = time.counts.kept ?? 0;
    applied = time.reports;
  }
  return { wall: (performance.now() - start) / 1000, cpu, steps, kept, applied };
}

/** Waits for the program and everything that it started, and says what all of them took. */
const RUN = `import resource, subprocess, sys
code = subprocess.run(sys.argv[1:]).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(f"\\ncpu {used.ru_utime + used.ru_stime:.2f}")
sys.exit(code)`;

async function theirs(
  root: string,
  texts: string,
  round: number,
): Promise<Cost & { bands: string; stay: Set<string> }> {
  const folder = join(root, `juicer-${round}`);
  mkdirSync(folder);
  const out = join(folder, 'out.jsonl');
  const config = join(folder, 'juicer.yaml');
  writeFileSync(
    config,
    `dataset_path: ${texts}
export_path: ${out}
work_dir: ${folder}
np: ${PROCESSES}
open_tracer: false
process:
  - text_length_filter: { min_len: 10, max_len: 100000 }
  - words_num_filter: { lang: en, tokenization: false, min_num: 5, max_num: 10000 }
  - document_deduplicator: { lowercase: true }
  - document_minhash_deduplicator: { tokenization: space, window_size: 5, lowercase: true, jaccard_threshold: ${THRESHOLD}, num_permutations: 128 }
`,
  );
  const start = performance.now();
  let said = '';
  const code = await new Promise<number | null>((done, fail) => {
    const child = spawn(python, ['-c', RUN, tool, '--config', config], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      // It installs what it misses while it runs: nothing is fetched here, so nothing of that is in the time. A cache of
      // its own each time, or the second run would only look up the first.
      env: {
        ...process.env,
        HF_HUB_OFFLINE: '1',
        UV_OFFLINE: '1',
        PIP_NO_INDEX: '1',
        HF_DATASETS_CACHE: join(folder, 'cache'),
        DATA_JUICER_CACHE_HOME: join(folder, 'juicer-cache'),
      },
    });
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        said += chunk.toString();
      });
    child.on('error', fail);
    child.on('exit', done);
  });
  const wall = (performance.now() - start) / 1000;
  if (code !== 0) throw new Error(`dj-process ended with ${code}: ${said.slice(-2000)}`);
  const stay = new Set<string>();
  for await (const row of createInterface({ input: createReadStream(out) }))
    stay.add((JSON.parse(row) as { id: string }).id);
  rmSync(folder, { recursive: true, force: true });
  const number = (pattern: RegExp): number => Number(pattern.exec(said)?.[1] ?? Number.NaN);
  const bands = /Clustering:[^\n\r]*\/(\d+) \[/.exec(said)?.[1] ?? '?';
  const [cpu, steps] = [number(/\ncpu ([\d.]+)/), number(/All OPs are done in ([\d.]+)s/)];
  return { wall, cpu, steps, kept: stay.size, bands, stay };
}

const line = (name: string, { wall, cpu, steps, kept }: Cost): string =>
  [
    name.padEnd(14),
    wall.toFixed(1).padStart(8),
    steps.toFixed(1).padStart(8),
    cpu.toFixed(1).padStart(8),
    String(kept).padStart(8),
  ].join(' ');

const root = mkdtempSync(join(tmpdir(), 'cota-juicer-'));
const objects = await openBenchStore(root);
try {
  const given =
    from === undefined ? await givenChains(root, n, (i) => sampleChain(i)) : await foundChains(root, from, n);
  const planted = await plantCopies(objects, given, COPIED, THRESHOLD, importKey(given.length));
  given.push(planted.report);
  const texts = join(root, 'texts.jsonl');
  const file = createWriteStream(texts);
  let rows = 0;
  for (const { key } of given.flatMap(({ files }) => files))
    for await (const chain of readChains(objects, { key })) {
      const row = `${JSON.stringify({ id: chain.id, text: comparedText(chain) })}\n`;
      if (!file.write(row)) await new Promise<void>((resolve) => file.once('drain', () => resolve()));
      rows++;
    }
  await new Promise<void>((resolve) => file.end(() => resolve()));

  say(`${rows} rows, ${planted.pairs.length} of them copies, ${PROCESSES} processes each, ${rounds} rounds in turn`);
  say('                   wall    steps    CPU s     kept');
  const costs: (readonly [Cost, Cost])[] = [];
  for (let round = 1; round <= rounds; round++) {
    const own = await ours(root, given);
    say(line(`cota ${round}`, own));
    const other = await theirs(root, texts, round);
    say(line(`data-juicer ${round}`, other));
    costs.push([own, other]);
    if (round < rounds) continue;
    say('cota:');
    for (const found of foundOf(planted, await goneOf(objects, own.applied))) say(`  ${found}`);
    say(`data-juicer, which chose ${other.bands} bands:`);
    const ids = planted.pairs.flatMap(({ original, copy }) => [original, copy]);
    const gone = new Map(ids.filter((id) => !other.stay.has(id)).map((id) => [id, 'near-duplicate'] as const));
    for (const found of foundOf(planted, gone)) say(`  ${found}`);
  }
  const ratio = (of: (cost: Cost) => number): string => {
    const each = costs.map(([own, other]) => of(other) / of(own)).sort((a, b) => a - b);
    return `${(each[each.length >> 1] as number).toFixed(1)} (${each.map((one) => one.toFixed(1)).join(', ')})`;
  };
  say(`data-juicer to cota, median of the rounds: wall ${ratio(({ wall }) => wall)}`);
  say(`  steps alone ${ratio(({ steps }) => steps)}; CPU ${ratio(({ cpu }) => cpu)}`);
} finally {
  await objects.close();
  rmSync(root, { recursive: true, force: true });
}
