import type { ModelEntry } from './models.ts';

/**
 * Version of the texts that each dialect shows to a model. Runs pin it when they are created, and whoever changes a
 * dialect's words raises it here: a rolling deploy then shows which runs saw which words.
 */
const promptVersions: Readonly<Record<ModelEntry['dialect'], string>> = { taco: 'taco-1', nano: 'nano-1' };

export function promptVersionOf(dialect: ModelEntry['dialect']): string {
  return promptVersions[dialect];
}
