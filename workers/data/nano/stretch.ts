/**
 * Chains over long pages: `node workers/data/nano/stretch.ts --tokens N --out DIR [--seed S]`. Real receipts and boards
 * carry many rows that nobody asks for (addresses, notices, codes, other people's items); the scenes are shorter than
 * those. Rows of other scenes are put above and below what was read, so that the right row must be found on a full page.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { encodeChain, type NanoChain, type NanoExample } from '../../../shared/nano/format.ts';
import { type Random, random } from '../random.ts';
import { generateScene, type MadeChain } from './generate.ts';
import { writeShard } from './shards.ts';

/** Longest chain in tokens that training takes. */
const LONGEST = 1280;
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

/** The chain on a fuller page, or undefined when it is not of a kind that bears it. */
function stretch(rng: Random, made: MadeChain, idle: readonly string[]): NanoChain | undefined {
  if (!rng.chance(STRETCHED.get(made.ask.kind) ?? 0) || made.answer === '<unknown>' || idle.length < 50)
    return undefined;
  const named = made.chain.prompt.question.toLowerCase();
  const more = () =>
    Array.from({ length: rng.int(0, rng.pick([2, 14])) }, () => rng.pick(idle)).filter(
      (row) => !row.split(/\s+/).some((word) => word.length > 2 && named.includes(word.toLowerCase())),
    );
  const observations = made.chain.observations.map((observation) =>
    'rows' in observation ? { ...observation, rows: [...more(), ...observation.rows, ...more()] } : observation,
  );
  return { ...made.chain, observations };
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
    for (const made of generateScene(seed * 7919, index, 'train')) {
      const chain = stretch(rng, made, idle);
      idle.push(...idleRows(made.chain));
      if (idle.length > 3000) idle.splice(0, idle.length - 3000);
      if (!chain) continue;
      const example = encodeChain(chain);
      if (example.ids.length > LONGEST) continue;
      examples.push(example);
      tokens += example.ids.length;
    }
  }
  const written = writeShard(join(values.out, 'long-0000'), examples);
  console.log(
    `${written.examples} chains, ${written.tokens} tokens, ${Math.round(written.tokens / written.examples)} each`,
  );
}

if (import.meta.main) main();
