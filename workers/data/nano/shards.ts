import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type NanoExample, TOKENS } from '../../../shared/nano/format.ts';

/** Changes when an id changes its meaning: a shard and a checkpoint that disagree must not meet. */
export const vocabularyHash = createHash('sha256').update(JSON.stringify(TOKENS)).digest('hex').slice(0, 16);

/**
 * Writes examples as one shard that Python maps into memory without ever tokenising:
 * `<path>.ids` uint16 little endian, `<path>.weights` one byte per token, `<path>.index` uint32 little endian start of
 * each example and the end of the last (examples + 1 numbers), `<path>.json` {examples, tokens, vocabulary}.
 * Throws on an example whose ids and weights differ in length or that is empty.
 */
export function writeShard(path: string, examples: readonly NanoExample[]): { examples: number; tokens: number } {
  const tokens = examples.reduce((sum, example) => sum + example.ids.length, 0);
  const ids = Buffer.alloc(tokens * 2);
  const weights = Buffer.alloc(tokens);
  const index = Buffer.alloc((examples.length + 1) * 4);
  let at = 0;
  for (const [nth, example] of examples.entries()) {
    if (example.ids.length === 0 || example.ids.length !== example.weights.length) {
      throw new Error(`example ${nth} has ${example.ids.length} ids and ${example.weights.length} weights`);
    }
    index.writeUInt32LE(at, nth * 4);
    for (const [offset, id] of example.ids.entries()) {
      ids.writeUInt16LE(id, (at + offset) * 2);
      weights.writeUInt8(example.weights[offset]!, at + offset);
    }
    at += example.ids.length;
  }
  index.writeUInt32LE(at, examples.length * 4);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.ids`, ids);
  writeFileSync(`${path}.weights`, weights);
  writeFileSync(`${path}.index`, index);
  const summary = { examples: examples.length, tokens };
  writeFileSync(`${path}.json`, `${JSON.stringify({ ...summary, vocabulary: vocabularyHash })}\n`);
  return summary;
}
