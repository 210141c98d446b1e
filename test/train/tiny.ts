/** A training small enough for a test: shards of made-up tokens, a recipe, and the trainer as a child process. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { random } from '../../workers/data/random.ts';

const TRAINER = join(import.meta.dirname, '../../workers/train/python/train.py');
const SIZE = 64;
const END = 2;
const TURN = 3;
const FIRST = 8;

/** Whether this machine's python3 has torch, found without loading it. */
export const hasTorch = (python = 'python3'): boolean =>
  spawnSync(python, [
    '-c',
    'import importlib.util as u, sys; sys.exit(not (u.find_spec("torch") and u.find_spec("numpy")))',
  ]).status === 0;

/** Random tokens said twice: shards `<data>/<name>.*` and the vocabulary. Own tokens weigh 1, the first of a turn 2.5. */
export function writeTinyData(data: string, names: Readonly<Record<string, number>>): void {
  mkdirSync(data, { recursive: true });
  const tokens = Array.from({ length: SIZE }, (_, n) => `<${n}>`);
  const hash = createHash('sha256').update(JSON.stringify(tokens)).digest('hex').slice(0, 16);
  writeFileSync(join(data, 'vocabulary.json'), JSON.stringify({ hash, size: SIZE, tokens }));
  for (const [name, examples] of Object.entries(names)) {
    const chance = random(5, name);
    const ids: number[] = [];
    const weights: number[] = [];
    const index = [0];
    for (let n = 0; n < examples; n++) {
      const said = Array.from({ length: chance.int(4, 70) }, () => chance.int(FIRST, SIZE - 1));
      ids.push(1, ...said, TURN, ...said, END);
      weights.push(...new Array<number>(said.length + 2).fill(0), ...said.map((_, i) => (i === 0 ? 10 : 4)), 4);
      index.push(ids.length);
    }
    writeFileSync(join(data, `${name}.ids`), Buffer.from(Uint16Array.from(ids).buffer));
    writeFileSync(join(data, `${name}.weights`), Uint8Array.from(weights));
    writeFileSync(join(data, `${name}.index`), Buffer.from(Uint32Array.from(index).buffer));
    const facts = { examples, tokens: ids.length, vocabulary: hash, weight_scale: 4, marks: { end: [END] } };
    writeFileSync(join(data, `${name}.json`), JSON.stringify(facts));
  }
}

/** Two stages, so that resuming meets a stage's beginning, its end and its gate. @param tokens of both together */
export const tinyRecipe = (tokens: number, more: Readonly<Record<string, unknown>> = {}): object => ({
  seed: 3,
  model: {
    hidden_size: 32,
    intermediate_size: 64,
    num_hidden_layers: 2,
    num_attention_heads: 4,
    num_key_value_heads: 2,
  },
  optimiser: 'muon',
  lr: 0.003,
  warmup_steps: 10,
  batch_tokens: 1024,
  longest: 140,
  compile: false,
  log_every: 1,
  checkpoint_steps: 10,
  stages: [
    {
      name: 'short',
      tokens: Math.round(tokens * 0.4),
      judge_every: Math.round(tokens * 0.15),
      mix: [{ shards: ['a'], share: 1 }],
      gate: { held: 1 },
    },
    {
      name: 'both',
      tokens: Math.round(tokens * 0.6),
      judge_every: Math.round(tokens * 0.25),
      rate: [1, 0.1],
      mix: [
        { shards: ['a'], share: 0.3 },
        { shards: ['b', 'c'], share: 0.7 },
      ],
      watch: ['held'],
    },
  ],
  ...more,
});

export interface Told {
  readonly event: string;
  readonly n: number;
  readonly step: number;
  readonly loss?: number;
  readonly norm?: number;
  readonly path?: string;
  readonly [field: string]: unknown;
}

export interface Ended {
  readonly events: readonly Told[];
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Last line of stderr. */
  readonly words: string;
}

/** @param onEvent may kill the trainer */
export async function train(
  parts: { recipe: string; data: string; out: string; python?: string; arguments?: readonly string[] },
  onEvent: (event: Told, child: ChildProcess) => void = () => undefined,
): Promise<Ended> {
  const { recipe, data, out, python = 'python3', arguments: more = [] } = parts;
  const child = spawn(python, [TRAINER, '--recipe', recipe, '--data', data, '--out', out, ...more], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let words = '';
  createInterface({ input: child.stderr }).on('line', (line) => {
    words = line;
  });
  const ended = new Promise<Pick<Ended, 'code' | 'signal'>>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal }));
  });
  const events: Told[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const event = JSON.parse(line) as Told;
    events.push(event);
    onEvent(event, child);
  }
  return { events, ...(await ended), words };
}

export const readLog = (out: string): Told[] =>
  readFileSync(join(out, 'log.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Told);
