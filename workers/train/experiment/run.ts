/**
 * `npm run experiment [-- --out DIR --size small --mixtures]`: docs/experiment.md, from data to figures. What is done stays done: an
 * interrupted run goes on where it was, a training from its last checkpoint.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ARMS, type Arm, MIXTURES } from './arms.ts';
import { askAll } from './ask.ts';
import { readQuestions, type Size, writeData } from './data.ts';
import { type Answered, GROUPS, shareOf } from './score.ts';

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: '.cota/experiment' },
    size: { type: 'string', default: 'full' },
    seeds: { type: 'string', default: '1,2,3' },
    processes: { type: 'string', default: '2' },
    mixtures: { type: 'boolean', default: false },
  },
});
const out = values.out;
const small = values.size === 'small';
const size: Size = small ? { chains: 600, primary: 120, scenes: 30 } : { chains: 12_000, primary: 2_000, scenes: 500 };
const PRE_TOKENS = small ? 30_000 : 6_000_000;
const TRY_TOKENS = small ? 15_000 : 1_000_000;
const RATES = [0.001, 0.002] as const;
const seeds = values.seeds.split(',').map(Number);

const MODEL = {
  ...{ hidden_size: 128, intermediate_size: 344, num_hidden_layers: 5, num_attention_heads: 4 },
  rope_theta: 1e7,
};
const PYTHON = join(import.meta.dirname, '../python');

const say = (words: string): void => void process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${words}\n`);

function command(program: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
    child.on('error', reject);
    child.on('exit', (code, signal) =>
      code === 0 ? resolve() : reject(new Error(`${program} ${args[0]} ended with ${code ?? signal}`)),
    );
  });
}

interface Stage {
  readonly name: string;
  readonly tokens: number;
  readonly mix: readonly { readonly shards: readonly string[]; readonly share: number }[];
  readonly rate?: readonly [number, number];
}

/** Trains in a folder of its own, unless that is done. @returns the folder of its checkpoint in the ONNX layout */
async function train(name: string, seed: number, lr: number, stages: readonly Stage[], init?: string): Promise<string> {
  const folder = join(out, 'runs', name);
  const onnx = join(folder, 'onnx-folder');
  if (existsSync(join(folder, 'exported'))) return folder;
  mkdirSync(folder, { recursive: true });
  const recipe = {
    ...{ seed, model: MODEL, optimiser: 'muon', lr, weight_decay: 0.05, warmup_steps: 50, batch_tokens: 3072 },
    ...{
      look_back: [1, 1, 2],
      longest: 1280,
      checkpoint_s: 120,
      stages: stages.map((stage) => ({ judge_every: 10 ** 9, ...stage })),
    },
  };
  writeFileSync(join(folder, 'recipe.json'), JSON.stringify(recipe));
  const started = existsSync(join(folder, 'checkpoints'));
  say(
    `${name}: ${stages.map(({ tokens }) => tokens.toLocaleString('en')).join(' + ')} tokens${started ? ', going on' : ''}`,
  );
  await command('python3', [
    join(PYTHON, 'train.py'),
    ...['--recipe', join(folder, 'recipe.json'), '--data', join(out, 'data'), '--out', folder],
    ...['--processes', values.processes, ...(started || !init ? ['--resume'] : ['--init', init])],
  ]);
  const checkpoint = lastCheckpoint(folder);
  await command('python3', [
    join(PYTHON, 'export.py'),
    checkpoint,
    '--vocabulary',
    join(out, 'data/vocabulary.json'),
    '--out',
    onnx,
  ]);
  writeFileSync(join(folder, 'exported'), checkpoint);
  return folder;
}

function lastCheckpoint(folder: string): string {
  const names = readdirSync(join(folder, 'checkpoints')).filter((name) => name.endsWith('.pt'));
  const last = names.sort().at(-1);
  if (last === undefined) throw new Error(`${folder} has no checkpoint`);
  return join(folder, 'checkpoints', last);
}

/** Answers of a training in one form, asked once. */
async function answersOf(folder: string, form: Arm, split: 'validation' | 'holdout'): Promise<Answered[]> {
  const file = join(folder, `answers-${split}-${form}.json`);
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Answered[];
  const questions = readQuestions(join(out, 'data'), split);
  const answers = await askAll(join(folder, 'onnx-folder'), form, questions, () => undefined);
  writeFileSync(file, JSON.stringify(answers));
  return answers;
}

const only = (arm: Arm): Stage['mix'] => [{ shards: [`${arm}/train-*`], share: 1 }];
const primary = GROUPS.primary as (one: Answered) => boolean;

say('data');
const tokens = await writeData(join(out, 'data'), size);
say(`tokens of an epoch: ${JSON.stringify(tokens)}`);

/** The shared pre-training of a seed: copying, then finding a row from either side, then all look-ups. */
const preTrained = (seed: number): Promise<string> =>
  train(`pre-${seed}`, seed, 0.003, [
    {
      ...{ name: 'a-copy', tokens: Math.ceil(PRE_TOKENS * 0.1) },
      mix: [{ shards: ['drills/copies-*'], share: 1 }],
    },
    {
      ...{ name: 'b-simple', tokens: Math.ceil(PRE_TOKENS * 0.5) },
      mix: [
        { shards: ['drills/copies-*'], share: 0.1 },
        { shards: ['drills/simple-4-*'], share: 0.5 },
        { shards: ['drills/simple-10-*'], share: 0.4 },
      ],
    },
    {
      ...{ name: 'c-rows', tokens: Math.ceil(PRE_TOKENS * 0.4), rate: [1, 0.1] },
      mix: [
        { shards: ['drills/simple-10-*'], share: 0.3 },
        { shards: ['drills/rows-8-*'], share: 0.4 },
        { shards: ['drills/rows-30-*'], share: 0.3 },
      ],
    },
  ]);

const [first = 1] = seeds;
const start = lastCheckpoint(await preTrained(first));
const rates = {} as Record<Arm, number>;
for (const arm of ARMS) {
  const tried: { lr: number; share: number }[] = [];
  for (const lr of RATES) {
    const stage: Stage = { name: 'try', tokens: TRY_TOKENS, mix: only(arm), rate: [1, 0.01] };
    const folder = await train(`try-${arm}-${lr}`, first, lr, [stage], start);
    tried.push({ lr, share: shareOf(await answersOf(folder, arm, 'validation'), primary, 'right') });
  }
  rates[arm] = (tried.sort((a, b) => b.share - a.share)[0] as { lr: number }).lr;
  say(`${arm}: ${tried.map(({ lr, share }) => `${lr} ${(100 * share).toFixed(1)} %`).join(', ')}: takes ${rates[arm]}`);
}
writeFileSync(join(out, 'rates.json'), JSON.stringify(rates));

/** What was asked of one training while the next one goes on. */
let asked = Promise.resolve();
const askBeside = (folder: string, form: Arm): void => {
  asked = asked.then(() => tell(folder, form));
  asked.catch(() => undefined);
};

for (const seed of seeds) {
  const init = lastCheckpoint(await preTrained(seed));
  for (const arm of ARMS) {
    const stage: Stage = { name: 'chains', tokens: 2 * (tokens[arm] ?? 0), mix: only(arm), rate: [1, 0.01] };
    askBeside(await train(`${arm}-${seed}`, seed, rates[arm], [stage], init), arm);
  }
  const longer: Stage = { name: 'chains', tokens: 2 * (tokens.cota ?? 0), mix: only('direct'), rate: [1, 0.01] };
  askBeside(await train(`direct-longer-${seed}`, seed, rates.direct, [longer], init), 'direct');
}

if (values.mixtures)
  for (const seed of seeds)
    for (const [name, arms] of Object.entries(MIXTURES)) {
      const init = lastCheckpoint(await preTrained(seed));
      const mix = arms.map((arm) => ({ shards: [`${arm}/train-*`], share: tokens[arm] ?? 0 }));
      const stage: Stage = { name: 'chains', tokens: 2 * (tokens.cota ?? 0), mix, rate: [1, 0.01] };
      const folder = await train(`${name}-${seed}`, seed, rates.cota, [stage], init);
      askBeside(folder, 'cota');
      if (arms.includes('direct')) askBeside(folder, 'direct');
    }

async function tell(folder: string, form: Arm): Promise<void> {
  const answers = await answersOf(folder, form, 'holdout');
  say(`${folder}: primary ${(100 * shareOf(answers, primary, 'right')).toFixed(1)} %`);
}
await asked;
say(`done: node ${join(import.meta.dirname, 'report.ts')} ${out}`);
