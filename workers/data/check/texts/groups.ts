/** Records of a table that share what stands in a column. */
import type { Grid } from './grid.ts';
import { distance, squeeze } from './spelling.ts';

/**
 * Records of a group by its name, also those where one letter of it was misread; undefined where a cell of the column
 * is missing, or may be a name of its own.
 */
export function groupOf(
  { records }: Grid,
  named: readonly { readonly column: number; readonly record: number }[],
): number[] | undefined {
  const [first] = named;
  if (!first) return undefined;
  const names = records.map((record) => squeeze(record[first.column] ?? ''));
  if (names.includes('')) return undefined;
  const own = names[first.record] as string;
  const there = (name: string): number => names.filter((one) => one === name).length;
  const members: number[] = [];
  for (const [record, name] of names.entries()) {
    if (name === own) members.push(record);
    else if (name.length > 4 && distance(name, own, 2) <= 2) {
      if (there(name) > 1) return undefined;
      members.push(record);
    }
  }
  return members;
}
