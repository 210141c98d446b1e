/** What is wrong with a file of settings, in lines for whoever wrote it. */
import type { z } from 'zod';

/**
 * @param issues what zod has to say of the document
 * @returns one line for each fault, two spaces and where it is before it: `  engines.ocr: ...`
 */
export function faultLines(issues: readonly z.core.$ZodIssue[]): string {
  return issues
    .flatMap((issue) => faultsOf(issue))
    .map((fault) => `  ${fault}`)
    .join('\n');
}

function faultsOf(issue: z.core.$ZodIssue): readonly string[] {
  const at = issue.path.join('.');
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => `${[...issue.path, key].join('.')}: there is no such field`);
  const words = issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? issue.message) : issue.message;
  const where = at === '' ? 'the whole' : at;
  // zod says "Invalid input: expected string, received undefined".
  if (/received undefined$/.test(words)) return [`${where}: is missing`];
  return [`${where}: ${words.replace(/^Invalid (input|option|string): /, '')}`];
}
