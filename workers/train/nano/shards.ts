import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  FIRST_MARK,
  ID,
  MARKS,
  type NanoExample,
  TOKENS,
  VOCABULARY_HASH,
  VOCABULARY_SIZE,
} from '../../../shared/nano/format.ts';
import { WEIGHT_SCALE } from './sequences.ts';

/** What is judged apart: which rows a turn quotes. A turn ends with `<end>`; a question behind its rows is none. */
const JUDGED = {
  end: { ids: [ID.end] },
  choosing: { ids: Array.from({ length: MARKS }, (_, mark) => FIRST_MARK + mark) },
};

export interface ShardSummary {
  readonly examples: number;
  readonly tokens: number;
}

/**
 * Writes examples as one shard that Python maps into memory without ever tokenising:
 * `<path>.ids` uint16 little endian, `<path>.weights` one byte per token (in `weight_scale`-ths), `<path>.index` uint32
 * little endian start of each example and the end of the last (examples + 1 numbers), `<path>.json` {examples, tokens,
 * vocabulary, weight_scale, marks}.
 * @throws Error for an example that is empty or whose ids and weights differ in length
 */
export function writeShard(path: string, examples: readonly NanoExample[]): ShardSummary {
  const tokens = examples.reduce((sum, example) => sum + example.ids.length, 0);
  const ids = new Uint16Array(tokens);
  const weights = new Uint8Array(tokens);
  const index = new Uint32Array(examples.length + 1);
  let at = 0;
  for (const [nth, example] of examples.entries()) {
    if (example.ids.length === 0 || example.ids.length !== example.weights.length)
      throw new Error(`example ${nth} has ${example.ids.length} ids and ${example.weights.length} weights`);
    index[nth] = at;
    ids.set(example.ids, at);
    weights.set(example.weights, at);
    at += example.ids.length;
  }
  index[examples.length] = at;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.ids`, ids);
  writeFileSync(`${path}.weights`, weights);
  writeFileSync(`${path}.index`, index);
  const summary = { examples: examples.length, tokens };
  writeFileSync(
    `${path}.json`,
    `${JSON.stringify({ ...summary, vocabulary: VOCABULARY_HASH, weight_scale: WEIGHT_SCALE, marks: JUDGED })}\n`,
  );
  return summary;
}

/** Collects examples and writes a shard whenever `size` of them are there. */
export function shardWriter(
  out: string,
  name: string,
  size: number,
): { add(example: NanoExample): void; end(): ShardSummary } {
  let open: NanoExample[] = [];
  let number = 0;
  const sum = { examples: 0, tokens: 0 };
  const flush = (): void => {
    if (open.length === 0) return;
    const { examples, tokens } = writeShard(join(out, `${name}-${String(number++).padStart(4, '0')}`), open);
    sum.examples += examples;
    sum.tokens += tokens;
    open = [];
  };
  return {
    add(example) {
      open.push(example);
      if (open.length >= size) flush();
    },
    end() {
      flush();
      return sum;
    },
  };
}

/** What the shards' ids mean, for trainer and export. */
export function writeVocabulary(out: string): void {
  mkdirSync(out, { recursive: true });
  writeFileSync(
    join(out, 'vocabulary.json'),
    `${JSON.stringify({ hash: VOCABULARY_HASH, size: VOCABULARY_SIZE, tokens: TOKENS })}\n`,
  );
}
