/**
 * Version of the texts that each dialect shows to a model. It is part of a model's version, so whoever changes a
 * dialect's words raises it here: a run in a rolling deploy then stays with workers that know its words.
 */
const promptVersions = { taco: 'taco-1', nano: 'nano-2' } as const;

export function promptVersionOf(dialect: keyof typeof promptVersions): string {
  return promptVersions[dialect];
}

/** Those of all dialects: what tells two workers apart that serve the same weights. */
export const allPromptVersions = (): string => Object.values(promptVersions).join('+');
