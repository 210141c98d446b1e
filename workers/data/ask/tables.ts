/** Questions about tables: one cell, the row of a value, the most and the least, averages with and without a row. */
import type { Random } from '../random.ts';
import type { Place, TableFacts } from '../scene/scene.ts';
import { inventName } from '../words/invent.ts';
import { type Ask, type Family, resultText, rounded, type Turn } from './ask.ts';
import { askGroup } from './groups.ts';
import { inOrder, phrase, type Split, spoken } from './phrase.ts';
import { answerAs } from './price-parts.ts';
import { meaningOf } from './table-meanings.ts';
import * as say from './table-words.ts';

const make = (
  family: Family,
  kind: string,
  p: { text: string; skeleton: string },
  truth: string,
  turns: readonly Turn[],
): Ask => ({ family, kind, ...p, truth, turns, needsPicture: true });

type Record_ = TableFacts['records'][number];

export function askTable(rng: Random, facts: TableFacts, split: Split): Ask | undefined {
  const { records, columns } = facts;
  if (records.length < 2) return undefined;
  const numeric = columns.flatMap((c, i) => (c.numeric ? [i] : []));
  const named = facts.nameColumn;
  const others = columns.flatMap((_, i) => (i === named ? [] : [i]));
  const anyColumn = rng.pick(others);
  // From the name on where the asked column stands behind it, else from the asked column to the name.
  const across = (row: number, k: number): readonly Place[] => [
    { row, cell: Math.min(named, k) },
    { row, cell: Math.max(named, k) },
  ];
  const header = (k: number): readonly Place[] => across(facts.headerRow, k);
  const rowTo = (r: Record_, k: number): readonly Place[] => across(r.row, k);
  // With one value column there is nothing to choose, and the header need not be quoted.
  const head = (k: number): (readonly Place[])[] => (columns.length > 2 ? [header(k)] : []);
  const says = (r: Record_): string => spoken(rng, r.cells[named] as string);
  const title = (k: number): string => (columns[k]?.name ?? '').toLowerCase();
  const truthOf = (r: Record_, k: number): string =>
    columns[k]?.numeric && answerAs(r.cells[k] as string) === 'amount' ? String(r.amounts[k]) : (r.cells[k] as string);
  const at = (r: Record_, k: number): Place => ({ row: r.row, cell: k });
  const slots = (k: number, r?: Record_): Record<string, string> => ({
    column: title(k),
    noun: facts.noun,
    nouns: facts.noun === 'person' ? 'people' : `${facts.noun.replace(/y$/, 'ie')}s`,
    ...(r ? { name: says(r) } : {}),
  });
  const record = rng.pick(records);
  /** Half of the time without the column's title, where its meaning has words of its own. */
  const words = (
    k: number,
    part: 'cell' | 'back' | 'most' | 'least' | 'differ',
    plain: readonly string[],
  ): readonly string[] => (rng.chance(0.5) ? meaningOf(columns, k)?.[part] : undefined) ?? plain;

  const lookUp = (): Ask => {
    const k = anyColumn;
    const plain = columns[k]?.numeric ? [...say.cell, ...say.cellAmount] : say.cell;
    const p = phrase(rng, words(k, 'cell', plain), slots(k, record), split);
    const as = columns[k]?.numeric ? answerAs(record.cells[k] as string) : 'text';
    return make('look-up', 'look-up/table', p, truthOf(record, k), [
      { evidence: [...head(k), rowTo(record, k)], next: { answer: at(record, k), as } },
    ]);
  };
  const reverse = (): Ask | undefined => {
    const k = anyColumn;
    const value = record.cells[k] as string;
    if (records.filter((r) => r.cells[k] === value).length > 1) return undefined;
    const p = phrase(
      rng,
      words(k, 'back', say.back),
      { ...slots(k), value: columns[k]?.numeric && rng.chance(0.4) ? String(record.amounts[k]) : value },
      split,
    );
    return make('reverse', 'reverse/table', p, record.cells[named] as string, [
      { evidence: [...head(k), rowTo(record, k)], next: { answer: at(record, named), as: 'text' } },
    ]);
  };
  const summarised = (): Ask | undefined => {
    const { summary } = facts;
    if (!summary) return undefined;
    const k = anyColumn;
    const agg = summary.what === 'total' ? rng.pick(['total', 'overall', 'sum of']) : rng.pick(['average', 'mean']);
    const p = phrase(rng, say.sum, { ...slots(k), agg }, split);
    return make('look-up', 'look-up/summary', p, String(summary.amounts[k]), [
      { evidence: [...head(k), across(summary.row, k)], next: { answer: { row: summary.row, cell: k }, as: 'amount' } },
    ]);
  };
  const absent = (): Ask => {
    const names = records.map((r) => (r.cells[named] as string).toLowerCase());
    let name: string;
    do name = inventName(rng);
    while (names.some((n) => n.includes(name.toLowerCase()) || name.toLowerCase().includes(n)));
    const p = phrase(rng, say.cell, { ...slots(anyColumn), name: spoken(rng, name) }, split);
    return make('unanswerable', 'unanswerable/table', p, '<unknown>', [{ evidence: [], next: 'unknown' }]);
  };
  const absentColumn = (): Ask | undefined => {
    const have = columns.map((c) => c.name.toLowerCase());
    const column = rng.pick([
      'shoe size',
      'birthday',
      'phone',
      'colour',
      'zip code',
      'discount',
      'warranty',
      'rank',
      'status',
      'grade',
    ]);
    if (have.includes(column)) return undefined;
    const p = phrase(rng, say.cell, { column, noun: facts.noun, name: says(record) }, split);
    return make('unanswerable', 'unanswerable/column', p, '<unknown>', [{ evidence: [], next: 'unknown' }]);
  };
  if (numeric.length === 0) return rng.chance(0.7) ? lookUp() : reverse();
  const k = rng.pick(numeric);
  const all = head(k).concat(records.map((r) => rowTo(r, k)));
  const amounts = records.map((r) => r.amounts[k] as number);
  const operands = records.map((r) => at(r, k));
  const extreme = (): Ask | undefined => {
    if (records.length > 9) return undefined;
    const max = rng.chance(0.55);
    const result = max ? Math.max(...amounts) : Math.min(...amounts);
    const best = records.filter((r) => r.amounts[k] === result);
    if (best.length !== 1) return undefined;
    const r = best[0] as Record_;
    const first: Turn = {
      evidence: all,
      next: { calculate: (v) => `${max ? 'max' : 'min'}(${v.join(', ')})`, operands, result },
    };
    const wording = {
      ...slots(k),
      most: rng.pick(
        max ? ['highest', 'largest', 'biggest', 'greatest', 'top'] : ['lowest', 'smallest', 'least', 'minimum'],
      ),
    };
    const rest = others.filter((i) => i !== k);
    const roll = rng.next();
    if (roll < 0.3 && rest.length > 0) {
      const o = rng.pick(rest);
      const p = phrase(rng, say.mostOther, { ...wording, other: title(o) }, split);
      return make('extremes', 'extremes/other-column', p, truthOf(r, o), [
        first,
        {
          evidence: [header(o), rowTo(r, o)],
          next: { answer: at(r, o), as: columns[o]?.numeric ? answerAs(r.cells[o] as string) : 'text' },
        },
      ]);
    }
    if (roll < 0.7)
      return make(
        'extremes',
        'extremes/name',
        phrase(rng, words(k, max ? 'most' : 'least', say.most), wording, split),
        r.cells[named] as string,
        [first, { evidence: [rowTo(r, k)], next: { answer: at(r, named), as: 'text' } }],
      );
    return make('extremes', 'extremes/value', phrase(rng, say.mostValue, wording, split), truthOf(r, k), [
      first,
      { evidence: [rowTo(r, k)], next: { answer: at(r, k), as: answerAs(r.cells[k] as string) } },
    ]);
  };
  const belowAverage = (): Ask | undefined => {
    if (records.length > 9) return undefined;
    const mean = amounts.reduce((s, a) => s + a, 0) / amounts.length;
    const low = records.filter((r) => (r.amounts[k] as number) < mean);
    if (low.length !== 1) return undefined;
    const r = low[0] as Record_;
    const result = Math.min(...amounts);
    return make('extremes', 'extremes/below', phrase(rng, say.below, slots(k), split), r.cells[named] as string, [
      { evidence: all, next: { calculate: (v) => `min(${v.join(', ')})`, operands, result } },
      { evidence: [rowTo(r, k)], next: { answer: at(r, named), as: 'text' } },
    ]);
  };
  const aggregate = (): Ask | undefined => {
    if (facts.summary) return summarised();
    if (records.length > 8) return undefined;
    const roll = rng.next();
    const skip = roll < 0.4 && records.length > 2 ? record : undefined;
    const used = records.filter((r) => r !== skip);
    const total = used.reduce((s, r) => s + (r.amounts[k] as number), 0);
    const mean = skip !== undefined || roll < 0.7;
    const result = mean ? rounded(total / used.length) : total;
    const p = skip
      ? phrase(rng, say.without, slots(k, skip), split)
      : phrase(rng, say.sum, { ...slots(k), agg: rng.pick(mean ? ['average', 'mean'] : ['sum', 'total']) }, split);
    const expression = mean
      ? (v: readonly string[]) => `round(mean(${v.join(', ')}), 2)`
      : (v: readonly string[]) => v.join('+');
    return make(
      'extremes',
      skip ? 'extremes/average-without' : mean ? 'extremes/average' : 'extremes/sum',
      p,
      resultText(result),
      [
        {
          evidence: head(k).concat(used.map((r) => rowTo(r, k))),
          next: { calculate: expression, operands: used.map((r) => at(r, k)), result },
        },
        { evidence: [], next: { answer: 'result' } },
      ],
    );
  };
  const pair = (): Ask | undefined => {
    const [a, b] = rng.sample(records, 2) as [Record_, Record_];
    const plus = rng.chance(0.4);
    const [high, low] = (a.amounts[k] as number) >= (b.amounts[k] as number) ? [a, b] : [b, a];
    if (!plus && high.amounts[k] === low.amounts[k]) return undefined;
    const p = phrase(
      rng,
      plus ? say.together : words(k, 'differ', say.differ),
      { ...slots(k), name1: says(a), name2: says(b), high: says(high), low: says(low) },
      split,
    );
    const used = inOrder(p.skeleton, { name1: a, name2: b, high, low });
    const result = plus
      ? (a.amounts[k] as number) + (b.amounts[k] as number)
      : (high.amounts[k] as number) - (low.amounts[k] as number);
    return make('sums', plus ? 'sums/table' : 'sums/difference-table', p, resultText(result), [
      {
        evidence: head(k).concat(used.map((r) => rowTo(r, k))),
        next: {
          calculate: (v) => (plus ? v.join('+') : `abs(${v.join('-')})`),
          operands: used.map((r) => at(r, k)),
          result,
        },
      },
      { evidence: [], next: { answer: 'result' } },
    ]);
  };
  return rng.weighted([
    [lookUp, 5],
    [reverse, 3],
    [absent, 1.5],
    [absentColumn, 0.7],
    [extreme, 4],
    [belowAverage, 0.5],
    [aggregate, 1.6],
    [pair, 1.3],
    [() => askGroup(rng, facts, split, across), 2.5],
  ] as const)();
}
