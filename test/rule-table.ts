/** Tables of rules: each line a mark (+ right, - wrong, ? left to a judge), a truth and an answer, with ` | ` between them. */
import { expect, test } from 'vitest';
import { verifyByRule } from '../workers/data/verify/rule.ts';

const SAYS = { '+': 'right', '-': 'wrong', '?': 'undecided' } as const;

export function table(
  name: string,
  lines: string,
  more: { choices?: readonly string[]; tolerance?: number } = {},
): void {
  const rows = lines
    .trim()
    .split('\n')
    .map((line) => line.trim().split(' | '));
  test.each(rows)(`${name}: %s %s | %s`, (mark, truth = '', answer = '') => {
    const { tolerance = 0, choices } = more;
    const { says, rule, why } = verifyByRule({ choices, truth, answer, tolerance });
    expect({ says, rule, why }).toMatchObject({ says: SAYS[mark as keyof typeof SAYS] });
  });
}
