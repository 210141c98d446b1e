/**
 * `npm run bench -- data-juicer [N] [--python=PATH]`: the filter's steps that data-juicer has too (length, exact
 * duplicates, near-duplicates by MinHash of word 5-grams with 128 permutations at 0.9), on the same texts, in turn, with
 * two processes each. Ours does more on the way: it counts tokens instead of characters, and reads and writes whole
 * chains. Its filters by words and tokens are left out, since they install PyTorch while they run.
 * data-juicer is not part of this project: `python3 -m venv DIR && DIR/bin/pip install py-data-juicer aiohttp`.
 */
import { spawn } from 'node:child_process';
import { createReadStream, createWriteStream, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { recipe as recipeSchema } from '../../shared/data/recipe.ts';
import { comparedText } from '../../workers/data/filter/chain-text.ts';
import { sampleChain } from '../sample-chains.ts';
import { givenChains, runStages } from './stage-pool.ts';

const n = Number(process.argv.slice(3).find((arg) => /^\d+$/.test(arg)) ?? 100_000);
const python = process.argv.find((arg) => arg.startsWith('--python='))?.slice('--python='.length) ?? '';
const tool = join(dirname(python), 'dj-process');
const PROCESSES = 2;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Of the first 5 % of numbers there is a second chain with another number or word in it. */
const copied = (i: number): number => (i % 20 === 19 ? i - 19 : i);
const chainAt = (i: number) => {
  const chain = sampleChain(copied(i));
  if (copied(i) === i) return chain;
  return { ...chain, id: `${chain.id}-copy`, question: i % 40 === 39 ? chain.question : `${chain.question} Please.` };
};

if (python === '' || !existsSync(tool)) {
  say(
    `needs data-juicer: --python=DIR/bin/python of a virtual environment in which dj-process is (${tool} is not there).`,
  );
  say('python3 -m venv DIR && DIR/bin/pip install py-data-juicer aiohttp');
  process.exit(2);
}

const root = mkdtempSync(join(tmpdir(), 'cota-juicer-'));
try {
  const given = await givenChains(root, n, chainAt);
  const texts = join(root, 'texts.jsonl');
  const file = createWriteStream(texts);
  for (let i = 0; i < n; i++) {
    const line = `${JSON.stringify({ id: i, text: comparedText(chainAt(i)) })}\n`;
    if (!file.write(line)) await new Promise<void>((resolve) => file.once('drain', () => resolve()));
  }
  await new Promise<void>((resolve) => file.end(() => resolve()));

  const recipe = recipeSchema.parse({
    name: 'bench-juicer',
    seed: 1,
    sources: [{ name: 'given', chains: 'given' }],
    filter: { max_tokens: 8192, min_tokens: 5, useful_steps: false, checker: false },
  });
  let ours = 0;
  let kept = 0;
  for await (const time of runStages(
    ['filter.scan', 'filter.decide', 'filter.apply'],
    recipe,
    root,
    PROCESSES,
    given,
  )) {
    ours += time.seconds;
    kept = time.counts['kept'] ?? kept;
  }

  const config = join(root, 'juicer.yaml');
  writeFileSync(
    config,
    `dataset_path: ${texts}
export_path: ${join(root, 'out.jsonl')}
np: ${PROCESSES}
open_tracer: false
process:
  - text_length_filter: { min_len: 10, max_len: 100000 }
  - document_deduplicator: { lowercase: true }
  - document_minhash_deduplicator: { tokenization: space, window_size: 5, lowercase: true, jaccard_threshold: 0.9, num_permutations: 128 }
`,
  );
  const start = performance.now();
  const code = await new Promise<number | null>((resolve) => {
    const child = spawn(tool, ['--config', config], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, HF_HUB_OFFLINE: '1', UV_OFFLINE: '1', HF_DATASETS_CACHE: join(root, 'cache') },
    });
    let last = '';
    child.stderr.on('data', (chunk: Buffer) => {
      last = (last + chunk.toString()).slice(-2000);
    });
    child.on('exit', (status) => {
      if (status !== 0) say(last);
      resolve(status);
    });
  });
  const theirs = (performance.now() - start) / 1000;
  if (code !== 0) throw new Error(`dj-process ended with ${code}`);
  let left = 0;
  for await (const _ of createInterface({ input: createReadStream(join(root, 'out.jsonl')) })) left++;
  say(`${n} rows, ${PROCESSES} processes each`);
  say(`cota         ${ours.toFixed(1).padStart(8)} s  ${Math.round(n / ours)} rows/s  kept ${kept}`);
  say(`data-juicer  ${theirs.toFixed(1).padStart(8)} s  ${Math.round(n / theirs)} rows/s  kept ${left}`);
  say(`ratio ${(theirs / ours).toFixed(1)}`);
} finally {
  rmSync(root, { recursive: true, force: true });
}
