/** Questions about the records of one group: the salaries of a department, the prices of one origin. */
import type { Random } from '../random.ts';
import type { Place, TableFacts } from '../scene/scene.ts';
import { type Ask, resultText, rounded } from './ask.ts';
import { phrase, type Split } from './phrase.ts';

const overGroup = [
  "[what is|what's|find|give me] the $agg $column [in|of|for] [the|] $group",
  "[what is|what's|find|give me] the $agg $column [in|of|for] the $group $header",
  'what do [all|the] $column [values|figures|] [in|of] $group [add up to|come to|make]$only',
  '$agg $column [in|of|for] $group',
  'for the $header $group[,|] what is the $agg $column',
  '[what are|how much are] the $column [values|figures|entries] of $group [together|added together|in total|combined]$only',
];

export function askGroup(
  rng: Random,
  facts: TableFacts,
  split: Split,
  across: (row: number, k: number) => readonly Place[],
): Ask | undefined {
  const numeric = facts.columns.flatMap((c, k) => (c.numeric ? [k] : []));
  const texts = facts.columns.flatMap((c, k) => (!c.numeric && k !== facts.nameColumn ? [k] : []));
  if (numeric.length === 0 || texts.length === 0) return undefined;
  const k = rng.pick(numeric);
  const g = rng.pick(texts);
  const groups = Map.groupBy(facts.records, (r) => r.cells[g] as string);
  const several = [...groups].filter(([, list]) => list.length > 1 && list.length < 7);
  if (several.length === 0 || groups.size < 2) return undefined;
  const [group, list] = rng.pick(several);
  const mean = rng.chance(0.5);
  const total = list.reduce((sum, r) => sum + (r.amounts[k] as number), 0);
  const result = mean ? rounded(total / list.length) : total;
  const slots = {
    column: (facts.columns[k]?.name ?? '').toLowerCase(),
    header: (facts.columns[g]?.name ?? '').toLowerCase(),
    group: rng.chance(0.6) ? group : group.toLowerCase(),
    agg: rng.pick(mean ? ['average', 'mean'] : ['total', 'sum of the', 'overall']),
    only: '',
  };
  // Two of the clauses can only mean a sum.
  const p = phrase(rng, mean ? overGroup.filter((t) => !t.includes('$only')) : overGroup, slots, split);
  const [from, to] = [Math.min(g, k, facts.nameColumn), Math.max(g, k, facts.nameColumn)];
  const whole = (row: number): readonly Place[] => [
    { row, cell: from },
    { row, cell: to },
  ];
  return {
    family: 'extremes',
    kind: mean ? 'extremes/group-average' : 'extremes/group-sum',
    ...p,
    truth: resultText(result),
    turns: [
      {
        evidence: [...(facts.columns.length > 2 ? [across(facts.headerRow, k)] : []), ...list.map((r) => whole(r.row))],
        next: {
          calculate: (v) => (mean ? `round(mean(${v.join(', ')}), 2)` : v.join('+')),
          operands: list.map((r) => ({ row: r.row, cell: k })),
          result,
        },
      },
      { evidence: [], next: { answer: 'result' } },
    ],
    needsPicture: true,
  };
}
