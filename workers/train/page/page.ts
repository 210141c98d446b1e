/** One self-contained HTML page for a training: curves, held-out figures, result tables, and what it was made from. */
import { html } from '../../data/report/html.ts';
import { page } from '../../data/report/page.ts';
import { CURVE_STYLE } from './curve.ts';
import { readTrainingLog } from './log.ts';
import { courses, evaluations, headline, origin, type ResultTable, results } from './sections.ts';

export interface TrainingPageParts {
  /** As it was given to the trainer; shown as JSON. */
  readonly recipe?: unknown;
  /** Text of log.jsonl, or its lines. */
  readonly log: string | Iterable<string>;
  readonly tables?: readonly ResultTable[];
  /** Counts, hashes and seeds of the data: any JSON. */
  readonly manifest?: unknown;
  /** Left out: the recipe's name. */
  readonly title?: string | undefined;
}

/** @returns the page's text: no script, and nothing from elsewhere */
export function trainingPage({ recipe, log, tables = [], manifest, title }: TrainingPageParts): string {
  const read = readTrainingLog(log);
  const named = typeof recipe === 'object' && recipe !== null && 'name' in recipe ? String(recipe.name) : 'nano';
  const name = title ?? named;
  return page(
    `${name}: training`,
    html`<p class="note">Cota training</p><h1>${name}</h1>${headline(read)}`,
    [courses(read), evaluations(read), results(tables), origin(read, recipe, manifest)],
    CURVE_STYLE,
  );
}
