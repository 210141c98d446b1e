/** The lines of an input file whose custom_id stands in an error file, as they were. */
import { readLines } from '../files/jsonl.ts';
import { createSeen } from './seen.ts';

export async function* failedLinesOf(
  input: AsyncIterable<Uint8Array>,
  errors: AsyncIterable<Uint8Array>,
  options: { readonly maxLineBytes: number },
): AsyncGenerator<Buffer> {
  const failed = createSeen();
  // A result is longer than the request that it answers.
  for await (const line of readLines(errors, { maxLineBytes: options.maxLineBytes * 8 })) {
    const customId = customIdOf(line.text);
    if (customId !== undefined) failed.before(customId, line.number);
  }
  for await (const line of readLines(input, options)) {
    const customId = customIdOf(line.text);
    if (customId !== undefined && failed.has(customId)) yield Buffer.from(`${line.text}\n`);
  }
}

function customIdOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  try {
    const { custom_id: customId } = JSON.parse(text) as { custom_id?: unknown };
    return typeof customId === 'string' ? customId : undefined;
  } catch {
    return undefined;
  }
}
