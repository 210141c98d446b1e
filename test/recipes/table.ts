/** What was seen of each recipe, as a table and a line each. */
import type { Tried } from './try-recipe.ts';

const HEAD = [
  'recipe',
  'trainer',
  'architecture',
  'parameters',
  'steps',
  'first loss',
  'last loss',
  'learnt',
  'image tokens',
  'as served',
  'saved',
  'resumed at',
];

export function table(tried: readonly Tried[]): string {
  const rows = tried.map((one) => [
    one.recipe,
    one.trainer,
    one.architecture ?? '-',
    one.parameters?.toLocaleString('en') ?? '-',
    String(one.losses.length),
    one.losses[0]?.toFixed(3) ?? '-',
    one.losses.at(-1)?.toFixed(3) ?? '-',
    one.labels ? `${Math.round((100 * one.labels.learnt) / one.labels.tokens)} %` : '-',
    one.labels ? `${one.labels.image_tokens} for ${one.labels.pictures}` : '-',
    one.labels ? `${one.labels.alike} of ${one.labels.rows}` : '-',
    one.saved ? 'yes' : 'no',
    one.resumedAt === undefined ? 'no' : String(one.resumedAt),
  ]);
  const widths = HEAD.map((name, n) => Math.max(name.length, ...rows.map((row) => row[n]?.length ?? 0)));
  const lines = [HEAD, ...rows].map((row) =>
    row
      .map((cell, n) => cell.padEnd(widths[n] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const more = tried.flatMap(({ recipe, labels, fault }) => [
    ...(labels ? [`${recipe} learns, for example: ${JSON.stringify(labels.example)}`] : []),
    ...(labels?.differ ? [`${recipe}: training and serving differ: ${JSON.stringify(labels.differ)}`] : []),
    ...(fault === undefined ? [] : [`${recipe} FAILED: ${fault}`]),
  ]);
  return ['', ...lines, '', ...more].join('\n');
}
