/** Tokenizers of pulled networks, by @huggingface/transformers, which is optional: only these engines need it. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { ToolStatus } from '../tool.ts';

const VERSION = '4.3.1';

export interface Tokenizer {
  /** Token ids with those that begin and end a text; not shortened. */
  encode(text: string): number[];
}

/** @returns what to install where the package is missing. Quick: the package is looked for, not loaded. */
export function tokenizersStatus(): ToolStatus {
  try {
    createRequire(import.meta.url).resolve('@huggingface/transformers');
    return { ready: true };
  } catch {
    return {
      ready: false,
      reason: 'This tool is not installed here. Do without it.',
      remedy: `npm install @huggingface/transformers@${VERSION}`,
    };
  }
}

/**
 * Reads tokenizer.json and tokenizer_config.json. Never touches the network, whatever is missing.
 * @param root folder of all weights
 * @param repo `org/name` beneath it
 * @throws Error that names the file that is missing
 */
export async function loadTokenizer(root: string, repo: string): Promise<Tokenizer> {
  for (const name of ['tokenizer.json', 'tokenizer_config.json']) {
    const path = join(root, repo, name);
    if (!existsSync(path)) throw new Error(`${path} is missing`);
  }
  // Half a second, so it is loaded by the process that works, once it has work.
  const { AutoTokenizer, env } = await import('@huggingface/transformers');
  env.allowRemoteModels = false;
  env.allowLocalModels = true;
  env.localModelPath = root;
  env.useFSCache = false;
  env.cacheDir = join(root, '.cache');
  const tokenizer = await AutoTokenizer.from_pretrained(repo, { local_files_only: true });
  return { encode: (text) => tokenizer.encode(text) };
}
