/** What is known of an export as a whole once its shards are done. */
import type { Split } from '../../../shared/data/chain.ts';
import type { DataFile, ShardReport } from '../../../shared/data/job.ts';
import type { ExportFormat } from '../../../shared/data/recipe/export.ts';
import type { Recipe } from '../../../shared/data/recipe.ts';
import { exportNotes } from './notes.ts';

export interface ExportFacts {
  readonly recipe: Recipe;
  readonly format: ExportFormat;
  readonly calls: 'native' | 'text';
  readonly rows: number;
  /** Rows by split, in the order train, validation, holdout; by licence and by source, most first. */
  readonly splits: readonly (readonly [Split, number])[];
  readonly licences: readonly (readonly [string, number])[];
  readonly sources: readonly (readonly [string, number])[];
  readonly undrawn: number;
  readonly files: readonly DataFile[];
  /** Archives with the pictures; none where rows hold them. */
  readonly archives: readonly DataFile[];
}

/** @param reports of the stage `export` */
export function factsOf(
  recipe: Recipe,
  format: ExportFormat,
  reports: readonly ShardReport[],
  calls: 'native' | 'text',
): ExportFacts {
  const splits = new Map<string, number>();
  const licences = new Map<string, number>();
  const sources = new Map<string, number>();
  const add = (to: Map<string, number>, counts: Readonly<Record<string, number>>): void => {
    for (const [name, count] of Object.entries(counts)) to.set(name, (to.get(name) ?? 0) + count);
  };
  const files: DataFile[] = [];
  const archives: DataFile[] = [];
  let undrawn = 0;
  for (const report of reports) {
    if (report.notes === undefined) {
      archives.push(...report.files);
      continue;
    }
    const notes = exportNotes.parse(report.notes);
    if (notes.format !== format) continue;
    add(splits, notes.splits);
    add(licences, notes.licences);
    add(sources, notes.sources);
    undrawn += notes.undrawn;
    files.push(...report.files);
  }
  const mostFirst = (counts: Map<string, number>) => [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  const order: readonly Split[] = ['train', 'validation', 'holdout'];
  const inSplits = order.flatMap((name): [Split, number][] => {
    const count = splits.get(name);
    return count === undefined ? [] : [[name, count]];
  });
  return {
    recipe,
    format,
    calls,
    rows: inSplits.reduce((sum, [, count]) => sum + count, 0),
    splits: inSplits,
    licences: mostFirst(licences),
    sources: mostFirst(sources),
    undrawn,
    files,
    archives: format === 'openai' || format === 'parquet' ? [] : archives,
  };
}
