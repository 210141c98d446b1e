/**
 * Writes the look-up curriculum: `node workers/data/nano/make-lookup.ts [out] [seed]`. The same seed gives the same bytes.
 * Shards lookup-4, lookup-8, lookup-16, lookup-30 (most rows), skills-* (questions of many kinds about one reading),
 * repeat, and held-out eval-* with their own seed: as names and values are drawn at random, none of those was trained on.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type NanoExample, TOKENS, VOCABULARY_SIZE } from '../../../shared/nano/format.ts';
import { type Random, random } from '../random.ts';
import { type LookupShape, lookupExample, repeatExample } from './lookup.ts';
import { vocabularyHash, writeShard } from './shards.ts';
import { skillChains } from './skills.ts';
import { LONGEST, together } from './together.ts';

const out = process.argv[2] ?? '.cota/data/lookup';
const seed = Number(process.argv[3] ?? 1);
function until(tokens: number, make: () => NanoExample): NanoExample[] {
  const examples: NanoExample[] = [];
  for (let count = 0; count < tokens; ) {
    const example = make();
    if (example.ids.length > LONGEST) continue;
    examples.push(example);
    count += example.ids.length;
  }
  return examples;
}

function shard(name: string, tokens: number, make: (random: Random) => NanoExample): void {
  const chance = random(seed, name);
  const { examples, tokens: written } = writeShard(
    join(out, name),
    until(tokens, () => make(chance)),
  );
  console.log(`${name}: ${examples} examples, ${written} tokens`);
}

const lookup = (shape: LookupShape) => (random: Random) => lookupExample(random, shape);

/** Several questions of different kinds about one reading. */
function drills(random: Random): NanoExample {
  for (;;) {
    const [first] = together(skillChains(random, 6), LONGEST);
    if (first) return first;
  }
}

mkdirSync(out, { recursive: true });
writeFileSync(
  join(out, 'vocabulary.json'),
  JSON.stringify({ hash: vocabularyHash, size: VOCABULARY_SIZE, tokens: TOKENS }),
);
shard('repeat', 600_000, (random) => repeatExample(random, 200));
shard('lookup-4', 1_200_000, lookup({ rows: [2, 4], questions: 4, harder: 0.1 }));
shard('lookup-8', 2_500_000, lookup({ rows: [2, 8], questions: 4, harder: 0.2 }));
shard('lookup-16', 3_000_000, lookup({ rows: [2, 16], questions: 5, harder: 0.3 }));
shard('lookup-30', 12_000_000, lookup({ rows: [2, 30], questions: 4, harder: 0.35 }));
for (let part = 0; part < 3; part++) shard(`skills-${part}`, 6_000_000, drills);
for (const rows of [8, 20, 30])
  shard(`eval-${rows}`, rows * 4_500, lookup({ rows: [rows, rows], questions: 1, harder: 0 }));
shard('eval-harder', 60_000, lookup({ rows: [8, 16], questions: 1, harder: 1 }));
