/** Questions to whoever sits at the terminal. */
import { createInterface } from 'node:readline/promises';

/** Whether there is anybody to ask. */
export const canAsk = (): boolean => process.stdin.isTTY === true && process.stderr.isTTY === true;

/** @returns what was typed, without blanks around it; '' at the end of the input */
export async function askFor(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const ended = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
    return (await Promise.race([lines.question(question), ended])).trim();
  } finally {
    lines.close();
  }
}

export async function confirmed(question: string): Promise<boolean> {
  return /^y(es)?$/i.test(await askFor(`${question} [y/N] `));
}
