/** Schemas of rows as loaders of each format take them; what a row holds beyond them is let through. */
import { z } from 'zod';

export const turn = z.object({ role: z.string(), content: z.string() });
export const fromTurn = z.object({ from: z.enum(['human', 'gpt']), value: z.string() });
export const toolList = z.array(z.object({ type: z.literal('function'), function: z.object({ name: z.string() }) }));

/** Text between the system's two lines and what follows them, in formats that have no place of its own for it. */
export function splitSystem(text: string): { readonly system: string; readonly request: string } {
  const end = text.indexOf('\n', text.indexOf('\n') + 1);
  if (end < 0) throw new Error('the first message does not begin with the two lines of the system text');
  return { system: text.slice(0, end), request: text.slice(end + 1) };
}
