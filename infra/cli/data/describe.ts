/** What a recipe will do, in words, stage by stage. */
import type { FilterRecipe } from '../../../shared/data/recipe/filter.ts';
import type { MixPart } from '../../../shared/data/recipe/mix.ts';
import type { Recipe, Source } from '../../../shared/data/recipe.ts';
import { number, plural } from '../terminal.ts';

export interface Described {
  readonly what: string;
  readonly words: string;
}

export function describeRecipe(recipe: Recipe): Described[] {
  const { sources, filter, mix, report } = recipe;
  return [
    ...sources.map((source) => ({ what: `source ${source.name}`, words: sourceWords(source, recipe.shard) })),
    ...(filter ? [{ what: 'filter', words: filterWords(filter) }] : []),
    ...(mix ? mix.parts.map((part) => ({ what: `mix ${part.name}`, words: partWords(part) })) : []),
    ...(mix
      ? [
          {
            what: 'mix',
            words: `${mix.shuffle ? 'shuffled' : 'in order'}, files of ${number(mix.shard_rows)} rows; too few rows for a part: ${mix.shortage === 'fail' ? 'the job fails' : 'what there is is taken'}`,
          },
        ]
      : []),
    ...recipe.export.map((format) => ({ what: 'export', words: format })),
    ...(report ? [{ what: 'report', words: 'a page with plots and chains to look at' }] : []),
  ];
}

function sourceWords({ program, model, runs, dataset, chains }: Source, shard: number): string {
  if (program) {
    const shards = Math.ceil(program.chains / shard);
    const from = program.annotations ? `${program.annotations.layout} annotations` : 'scenes of our own';
    return `${plural(program.chains, 'chain')} from ${from} in ${plural(shards, 'shard')}, observed by ${sharesWords(program.observe)}`;
  }
  if (model) {
    const asked = model.samples === 1 ? 'once' : `${model.samples} times`;
    const most = model.limit === undefined ? 'its questions' : `at most ${plural(model.limit, 'question')}`;
    const judge = model.judge ? `by rule, then by ${model.judge.model}` : 'by rule';
    return `${most} of ${model.file} (${model.layout}), each asked ${asked} of ${model.model}, verified ${judge}`;
  }
  if (runs) return runs.batch === undefined ? 'runs that are in the store' : `runs of ${runs.batch}`;
  return dataset === undefined ? `chains of ${chains ?? 'a file'}` : `chains of the data job ${dataset}`;
}

function sharesWords(shares: Readonly<Record<string, number | undefined>>): string {
  const some = Object.entries(shares).filter((pair): pair is [string, number] => (pair[1] ?? 0) > 0);
  const sum = some.reduce((all, [, share]) => all + share, 0);
  return some.map(([name, share]) => `${name} ${Math.round((share / sum) * 100)} %`).join(', ');
}

function filterWords(filter: FilterRecipe): string {
  return [
    `keeps ${filter.outcomes.join(', ')}`,
    `${number(filter.min_tokens)} to ${number(filter.max_tokens)} tokens`,
    ...(filter.useful_steps ? ['only useful steps'] : []),
    ...(filter.checker ? ['what the checker confirms'] : []),
    ...(filter.duplicates.exact || filter.duplicates.text > 0 ? ['no duplicates'] : []),
    ...(filter.contamination ? [`nothing of ${plural(filter.contamination.files.length, 'benchmark file')}`] : []),
  ].join(', ');
}

function partWords({ rows, origin, outcomes, sources, balance }: MixPart): string {
  const many =
    rows === undefined
      ? 'all rows'
      : typeof rows === 'number'
        ? plural(rows, 'row')
        : `${rows.ratio} times the rows of ${rows.of}`;
  return [
    many,
    ...(origin === undefined ? [] : [`made by ${origin}`]),
    ...(outcomes === undefined ? [] : [outcomes.join(' or ')]),
    ...(sources === undefined ? [] : [`of ${sources.join(', ')}`]),
    ...(balance === undefined ? [] : [`balanced by ${balance}`]),
  ].join(', ');
}
