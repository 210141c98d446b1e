/**
 * `node workers/train/experiment/report.ts DIR [PICTURE.svg]`: figures of the experiment as Markdown, from the answers that
 * were kept, and as a picture.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MIXTURES } from './arms.ts';
import { chart } from './chart.ts';
import { type Answered, type Difference, difference, GROUPS, shareOf } from './score.ts';

const out = process.argv[2] ?? '.cota/experiment';
/** Title, name of a training without its seed, and the form that it was asked in. */
const PLANNED: readonly (readonly [string, string, string])[] = [
  ['direct', 'direct', 'direct'],
  ['cot', 'cot', 'cot'],
  ['actions', 'actions', 'actions'],
  ['cota', 'cota', 'cota'],
  ['direct-longer', 'direct-longer', 'direct'],
  ...Object.entries(MIXTURES).flatMap(([name, arms]) =>
    ['cota', 'direct']
      .filter((form) => arms.some((arm) => arm === form))
      .map((form) => [`${name}, asked for ${form}`, name, form] as const),
  ),
];
const COMPARED = [
  ['cota', 'direct', 'CoTA less Direct, the same examples'],
  ['cota', 'direct-longer', 'CoTA less Direct at the same tokens'],
  ['cot', 'direct', 'thoughts alone: CoT less Direct'],
  ['actions', 'direct', 'actions alone: actions less Direct'],
  ['cota', 'cot', 'CoTA less CoT'],
  ['cota', 'actions', 'CoTA less actions'],
  ...Object.keys(MIXTURES).map(
    (name) => [`${name}, asked for cota`, 'cota', `${name} less CoTA, asked for CoTA`] as const,
  ),
  ['cota+direct, asked for direct', 'direct-longer', 'cota+direct less Direct at the same tokens, asked for Direct'],
] as const;

function answersOf(name: string, form: string): Answered[][] {
  const bySeed: Answered[][] = [];
  for (let seed = 1; ; seed++) {
    const file = join(out, 'runs', `${name}-${seed}`, `answers-holdout-${form}.json`);
    if (!existsSync(file)) return bySeed;
    bySeed.push(JSON.parse(readFileSync(file, 'utf8')) as Answered[]);
  }
}

const answers = new Map(PLANNED.map(([title, name, form]) => [title, answersOf(name, form)]));
const TRAININGS = PLANNED.filter(([title]) => (answers.get(title) ?? []).length > 0);
const percent = (share: number): string => `${(100 * share).toFixed(1)}`;
const mean = (all: readonly number[]): number => all.reduce((sum, one) => sum + one, 0) / Math.max(1, all.length);
const groups = Object.keys(GROUPS);
const [some = []] = [...answers.values()].flat();
const line = (cells: readonly string[]): void => console.log(`| ${cells.join(' | ')} |`);

console.log(`${some.length} questions, ${new Set(some.map((one) => one.scene)).size} images\n`);
console.log('Right, in per cent, mean of seeds (each seed):\n');
line(['', ...TRAININGS.map(([name]) => name), 'questions']);
line(['---', ...TRAININGS.map(() => '---'), '---']);
for (const group of groups) {
  const counts = GROUPS[group] as (one: Answered) => boolean;
  const cells = TRAININGS.map(([name]) => {
    const shares = (answers.get(name) ?? []).map((one) => shareOf(one, counts, 'right'));
    const each = shares.map(percent).join(', ');
    return group === 'primary' || group === 'arithmetic' ? `${percent(mean(shares))} (${each})` : percent(mean(shares));
  });
  line([group, ...cells, String(some.filter(counts).length)]);
}
for (const [what, counts, title] of [
  ['free', GROUPS.primary, 'primary, without the mask'],
  ['refused', (one: Answered) => !one.untold, 'refused, of questions that can be told'],
] as const)
  line([
    title,
    ...TRAININGS.map(([name]) =>
      percent(mean((answers.get(name) ?? []).map((one) => shareOf(one, counts as (one: Answered) => boolean, what)))),
    ),
    '',
  ]);
line([
  'tokens said',
  ...TRAININGS.map(([name]) => mean((answers.get(name) ?? []).flat().map((one) => one.said)).toFixed(1)),
  '',
]);

console.log('\nPaired differences in points, interval by bootstrap over images, each seed:\n');
line(['', 'primary', '95 %', 'seeds', 'arithmetic', '95 %']);
line(['---', '---', '---', '---', '---', '---']);
const points = (value: number): string => `${value > 0 ? '+' : ''}${(100 * value).toFixed(1)}`;
const interval = ({ low, high }: Difference): string => `${points(low)} to ${points(high)}`;
for (const [one, other, title] of COMPARED) {
  const [ones, others] = [answers.get(one) ?? [], answers.get(other) ?? []];
  if (ones.length === 0 || ones.length !== others.length) continue;
  const primary = difference(ones, others, GROUPS.primary as (one: Answered) => boolean);
  const arithmetic = difference(ones, others, GROUPS.arithmetic as (one: Answered) => boolean);
  line([
    title,
    points(primary.mean),
    interval(primary),
    primary.seeds.map(points).join(', '),
    points(arithmetic.mean),
    interval(arithmetic),
  ]);
}

const picture = process.argv[3];
if (picture !== undefined) {
  const rows = TRAININGS.map(([name]) => {
    const bySeed = answers.get(name) ?? [];
    const shares = (group: string): number[] =>
      bySeed.map((one) => shareOf(one, GROUPS[group] as (one: Answered) => boolean, 'right'));
    return { name, primary: shares('primary'), arithmetic: shares('arithmetic') };
  });
  writeFileSync(picture, chart('Right answers on held-out questions', rows));
}
