/**
 * Chains over long pages: `node workers/data/nano/stretch.ts --tokens N --out DIR [--seed S]`. Real receipts and boards
 * carry many rows that nobody asks for (addresses, notices, codes, other people's items); the scenes are shorter than
 * those. Rows of other scenes are put above and below what was read, so that the right row must be found on a full page.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { NanoChain, NanoExample } from '../../../shared/nano/format.ts';
import { type Random, random } from '../random.ts';
import { generateScene, type MadeChain } from './generate.ts';
import { writeShard } from './shards.ts';
import { together } from './together.ts';

/** Words that would make a strange row an answer too. */
const ANSWERS = /total|amount|sum|due|pay|tax|gst|vat|cash|change|round|balance|tender|net|disc|date|time|no\b|tel|ph/i;

/** Families whose answer does not hang on what else the page holds or on the order of its rows. */
const STRETCHED = new Map([
  ['receipt/total', 1],
  ['receipt/item', 0.5],
  ['receipt/tax', 0.6],
  ['receipt/change', 0.6],
  ['receipt/cash', 0.6],
  ['receipt/subtotal', 0.6],
  ['receipt/rounding', 0.5],
  ['sums/share', 0.6],
  ['sums/difference-receipt', 0.6],
  ['sums/receipt', 0.6],
  ['sums/2', 0.5],
  ['sums/difference', 0.5],
  ['sums/fill', 0.5],
  ['look-up/menu', 0.4],
  ['look-up/board', 0.5],
  ['look-up/nutrition', 0.5],
  ['look-up/table', 0.6],
  ['reverse/table', 0.5],
  ['reverse/menu', 0.5],
]);

/** Rows of a page without amounts, or with words only, that say nothing of any field. */
function idleRows(chain: NanoChain): string[] {
  return chain.observations.flatMap((observation) =>
    'rows' in observation
      ? observation.rows.filter((row) => !ANSWERS.test(row) && !/\d[.,]\d/.test(row) && row.length > 3)
      : [],
  );
}

/** The chains of one scene on a fuller page; those of kinds that do not bear it are left out. */
function stretch(rng: Random, made: readonly MadeChain[], idle: readonly string[]): NanoChain[] {
  const chains = made.filter((m) => m.answer !== '<unknown>' && rng.chance(STRETCHED.get(m.ask.kind) ?? 0));
  if (chains.length === 0 || idle.length < 50) return [];
  const asked = chains.map((m) => m.chain.prompt.question.toLowerCase()).join(' ');
  const more = () =>
    Array.from({ length: rng.int(0, rng.pick([2, 14])) }, () => rng.pick(idle)).filter(
      (row) => !row.split(/\s+/).some((word) => word.length > 2 && asked.includes(word.toLowerCase())),
    );
  const above = more();
  const below = more();
  return chains.map(({ chain }) => ({
    ...chain,
    observations: chain.observations.map((observation) =>
      'rows' in observation ? { ...observation, rows: [...above, ...observation.rows, ...below] } : observation,
    ),
  }));
}

function main(): void {
  const { values } = parseArgs({
    options: { tokens: { type: 'string' }, out: { type: 'string' }, seed: { type: 'string', default: '5' } },
  });
  const wanted = Number(values.tokens);
  if (!values.out || !(wanted > 0)) {
    console.error('node workers/data/nano/stretch.ts --tokens N --out DIR [--seed S]');
    process.exitCode = 2;
    return;
  }
  const seed = Number(values.seed);
  const rng = random(seed, 'stretch');
  const idle: string[] = [];
  const examples: NanoExample[] = [];
  let tokens = 0;
  for (let index = 0; tokens < wanted; index++) {
    const scene = generateScene(seed * 7919, index, 'train');
    for (const example of together(stretch(rng, scene, idle))) {
      examples.push(example);
      tokens += example.ids.length;
    }
    idle.push(...scene.flatMap((made) => idleRows(made.chain)));
    if (idle.length > 3000) idle.splice(0, idle.length - 3000);
  }
  const written = writeShard(join(values.out, 'long-0000'), examples);
  console.log(
    `${written.examples} sequences, ${written.tokens} tokens, ${Math.round(written.tokens / written.examples)} each`,
  );
}

if (import.meta.main) main();
