/**
 * Makes training shards for cota-nano: `node workers/data/nano/main.ts --examples N --seed S --out DIR`.
 * The same numbers give the same bytes.
 */
import { createWriteStream, existsSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { encodeChain, type NanoExample } from '../../../shared/nano/format.ts';
import type { Split } from '../ask/phrase.ts';
import { align } from '../observe/align.ts';
import { random } from '../random.ts';
import { chainsOf, generateScene, type MadeChain } from './generate.ts';
import { readings } from './real.ts';
import { writeShard } from './shards.ts';
import { LONGEST, together } from './together.ts';

const usage = `node workers/data/nano/main.ts --examples N --out DIR [--seed S] [--split train|validation] [--shard N] [--chains]
  Training chains about one picture share a sequence, validation chains stand alone.
  --examples  chains to make            --seed    whole number, 1 unless given
  --out       folder for the shards     --shard   sequences per shard, 10000 unless given
  --chains    write chains.jsonl too: question, turns, observations, truth, family
  --real      a file that real.ts wrote: chains over real OCR output, --examples at most, shards named real-*
  --questions questions per real picture, 6 unless given`;

export function* chains(seed: number, split: Split, from = 0): Generator<{ made: MadeChain; example: NanoExample }> {
  for (let index = from; ; index++) {
    for (const made of generateScene(seed, index, split)) {
      const example = encodeChain(made.chain);
      if (example.ids.length <= LONGEST) yield { made, example };
    }
  }
}

/** Chains of one picture after another. */
function* pictures(seed: number, split: Split): Generator<MadeChain[]> {
  for (let index = 0; ; index++) yield generateScene(seed, index, split);
}

/** Chains over what the real engine read, reading after reading; each is asked `questions` different things. */
function* realPictures(file: string, seed: number, questions: number): Generator<MadeChain[]> {
  for (const reading of readings(file)) {
    const { scene } = reading;
    const name = `${reading.split}-real-${reading.seed}-${reading.index}`;
    yield chainsOf(random(seed, name), scene, name, align(scene, reading.rows), reading, reading.split, questions);
  }
}

function main(): void {
  const { values } = parseArgs({
    options: {
      examples: { type: 'string' },
      seed: { type: 'string', default: '1' },
      out: { type: 'string' },
      split: { type: 'string', default: 'train' },
      shard: { type: 'string', default: '10000' },
      chains: { type: 'boolean', default: false },
      real: { type: 'string' },
      questions: { type: 'string', default: '6' },
    },
  });
  const wanted = Number(values.examples);
  const size = Number(values.shard);
  const seed = Number(values.seed);
  if (
    !values.out ||
    !Number.isInteger(wanted) ||
    wanted < 1 ||
    !Number.isInteger(seed) ||
    !Number.isInteger(size) ||
    size < 1 ||
    (values.split !== 'train' && values.split !== 'validation')
  ) {
    console.error(usage);
    process.exitCode = 2;
    return;
  }
  const trouble =
    existsSync(values.out) && !statSync(values.out).isDirectory()
      ? `${values.out} is a file; name a folder for --out`
      : values.real && readings(values.real).length === 0
        ? `${values.real} holds no readings; make them with workers/data/nano/real.ts`
        : undefined;
  if (trouble) {
    console.error(trouble);
    process.exitCode = 2;
    return;
  }
  mkdirSync(values.out, { recursive: true });
  const name = values.real ? `real-${values.split}` : values.split;
  const text = values.chains ? createWriteStream(join(values.out, `${name}.jsonl`)) : undefined;
  const started = Date.now();
  let pending: NanoExample[] = [];
  let count = 0;
  let tokens = 0;
  let shard = 0;
  const families = new Map<string, number>();
  const flush = (): void => {
    tokens += writeShard(join(values.out as string, `${name}-${String(shard++).padStart(4, '0')}`), pending).tokens;
    pending = [];
    const seconds = (Date.now() - started) / 1000;
    console.log(`${count}/${wanted} chains, ${tokens} tokens, ${Math.round(count / seconds)} chains/s`);
  };
  const source = values.real ? realPictures(values.real, seed, Number(values.questions)) : pictures(seed, values.split);
  for (const all of source) {
    const chains = all.filter((made) => encodeChain(made.chain).ids.length <= LONGEST).slice(0, wanted - count);
    const alone = values.split === 'validation';
    pending.push(
      ...(alone ? chains.map((made) => encodeChain(made.chain)) : together(chains.map((made) => made.chain))),
    );
    for (const made of chains) {
      count++;
      const family = made.answer === '<unknown>' ? 'unanswerable' : made.ask.family;
      families.set(family, (families.get(family) ?? 0) + 1);
      text?.write(
        `${JSON.stringify({ scene: made.scene, template: made.template, family, kind: made.ask.kind, skeleton: made.ask.skeleton, truth: made.ask.truth, answer: made.answer, ...made.chain })}\n`,
      );
    }
    if (pending.length >= size) flush();
    if (count >= wanted) break;
  }
  if (pending.length > 0) flush();
  text?.end();
  for (const [family, n] of [...families].sort((a, b) => b[1] - a[1]))
    console.log(`${family.padEnd(14)} ${((100 * n) / count).toFixed(1)} %`);
  console.log(`${(tokens / count).toFixed(0)} tokens a chain`);
}

if (import.meta.main) main();
