/**
 * Right answers of an exported model on whole chains, by family: a greedy run with the recorded readings, where every
 * token is the model's own.
 * `node workers/train/evaluate.ts CHAINS.jsonl [--model models/cota-nano] [--limit 300] [--constraint none|scaffold|spans] [--branches 1] [--show]`
 */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import type { NanoChain } from '../../shared/nano/format.ts';
import { isRight } from '../data/nano/score.ts';
import { openOnnxBackend } from '../model/backends/onnx.ts';
import type { Constraint } from '../model/backends/speakable.ts';
import { answerQuestion } from './answer.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    model: { type: 'string', default: 'models/cota-nano' },
    limit: { type: 'string', default: '300' },
    constraint: { type: 'string', default: 'scaffold' },
    branches: { type: 'string', default: '1' },
    show: { type: 'boolean', default: false },
  },
});
const file = positionals[0];
if (!file) throw new Error('name a file of chains, as workers/data/nano/main.ts --chains writes it');

const backend = await openOnnxBackend({
  folder: values.model,
  provider: 'cpu',
  threads: 1,
  cacheBytes: 2 ** 26,
  constraint: values.constraint as Constraint,
  branches: Number(values.branches),
});
const tally = new Map<string, { right: number; n: number }>();
let asked = 0;
for await (const line of createInterface({ input: createReadStream(file) })) {
  if (asked++ >= Number(values.limit)) break;
  const chain = JSON.parse(line) as NanoChain & { family: string; answer: string };
  const readings = chain.observations.flatMap((observation) => ('rows' in observation ? [observation.rows] : []));
  const { answer, text } = await answerQuestion(backend, chain.prompt, (image) => readings[image] ?? readings[0] ?? []);
  const right = isRight(answer, chain.answer);
  for (const key of [chain.family, 'all']) {
    const entry = tally.get(key) ?? { right: 0, n: 0 };
    tally.set(key, { right: entry.right + Number(right), n: entry.n + 1 });
  }
  if (values.show && !right) console.log(`--- wanted ${chain.answer}, got ${answer} (${chain.family})\n${text}`);
}
for (const [family, { right, n }] of [...tally].sort()) {
  console.log(
    `${family.padEnd(16)} ${String(right).padStart(4)} of ${String(n).padStart(4)}  ${((100 * right) / n).toFixed(1)} %`,
  );
}
await backend.close();
