/**
 * The shortcut audit: what rules that ignore the question, or the picture, would get right in each family:
 * `node workers/data/nano/audit.ts [--examples 10000] [--seed 9]`. A rule that beats chance by more than 15 points means
 * that the family can be answered without doing what it is there to teach.
 */
import { parseArgs } from 'node:util';
import { generateScene, type MadeChain } from './generate.ts';
import { isRight } from './score.ts';

type Rule = (numbers: readonly string[]) => string | undefined;
const NUMBER_RULES: Readonly<Record<string, Rule>> = {
  first: (n) => n[0],
  last: (n) => n.at(-1),
  largest: (n) => [...n].sort((a, b) => Number(b) - Number(a))[0],
  smallest: (n) => [...n].sort((a, b) => Number(a) - Number(b))[0],
  'most frequent': (n) => {
    const counts = new Map<string, number>();
    for (const x of n) counts.set(x, (counts.get(x) ?? 0) + 1);
    return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0];
  },
};

export interface AuditLine {
  readonly kind: string;
  readonly chains: number;
  /** Share in per cent of a guess among the different numbers that were read. */
  readonly chance: number;
  /** Per cent right by rule. `question only` answers each skeleton with its commonest answer. */
  readonly rules: Readonly<Record<string, number>>;
  readonly worst: number;
}

const rowsOf = (made: MadeChain): readonly string[] =>
  made.chain.observations.flatMap((o) => ('rows' in o ? o.rows : []));
const numbersOf = (rows: readonly string[]): string[] =>
  rows.flatMap((row) =>
    [...row.matchAll(/\d+(?:[.,]\d+)*/g)].map((m) => m[0].replace(/,(?=\d{1,2}$)/, '.').replace(/,/g, '')),
  );

/** Audits the chains by kind; kinds with fewer than `least` chains are left out. */
export function audit(chains: readonly MadeChain[], least = 60): AuditLine[] {
  const kinds = new Map<string, MadeChain[]>();
  for (const made of chains) {
    if (made.answer === '<unknown>' || made.ask.family === 'no-tool') continue;
    const list = kinds.get(made.ask.kind) ?? [];
    list.push(made);
    kinds.set(made.ask.kind, list);
  }
  const lines: AuditLine[] = [];
  for (const [kind, list] of kinds) {
    if (list.length < least) continue;
    const rules: Record<string, number> = {};
    let chance = 0;
    const bySkeleton = new Map<string, Map<string, number>>();
    for (const made of list) {
      const rows = rowsOf(made);
      const numbers = numbersOf(rows);
      chance += 1 / Math.max(1, new Set(numbers).size);
      for (const [name, rule] of Object.entries(NUMBER_RULES))
        rules[name] = (rules[name] ?? 0) + Number(isRight(rule(numbers), made.ask.truth));
      const counts = bySkeleton.get(made.ask.skeleton) ?? new Map<string, number>();
      counts.set(made.ask.truth, (counts.get(made.ask.truth) ?? 0) + 1);
      bySkeleton.set(made.ask.skeleton, counts);
    }
    // Leave one out: an answer counts only where another chain with the same question has it.
    let questionOnly = 0;
    for (const counts of bySkeleton.values()) {
      const most = Math.max(...counts.values());
      if (most > 1) questionOnly += most;
    }
    rules['question only'] = questionOnly;
    const percent = Object.fromEntries(Object.entries(rules).map(([name, n]) => [name, (100 * n) / list.length]));
    const chancePercent = (100 * chance) / list.length;
    lines.push({
      kind,
      chains: list.length,
      chance: chancePercent,
      rules: percent,
      worst: Math.max(...Object.values(percent)) - chancePercent,
    });
  }
  return lines.sort((a, b) => b.worst - a.worst);
}

function main(): void {
  const { values } = parseArgs({
    options: { examples: { type: 'string', default: '10000' }, seed: { type: 'string', default: '9' } },
  });
  const chains: MadeChain[] = [];
  for (let index = 0; chains.length < Number(values.examples); index++)
    chains.push(...generateScene(Number(values.seed), index, 'train'));
  const lines = audit(chains);
  const names = Object.keys(lines[0]?.rules ?? {});
  console.log(
    `${'kind'.padEnd(26)}${'chains'.padStart(7)}${'chance'.padStart(8)}${names.map((n) => n.padStart(15)).join('')}${'over chance'.padStart(13)}`,
  );
  for (const line of lines) {
    console.log(
      `${line.kind.padEnd(26)}${String(line.chains).padStart(7)}${line.chance.toFixed(0).padStart(8)}${names.map((n) => (line.rules[n] ?? 0).toFixed(0).padStart(15)).join('')}${line.worst.toFixed(0).padStart(13)}${line.worst > 15 ? '  !' : ''}`,
    );
  }
  const skeletons = new Map<string, number>();
  for (const made of chains) skeletons.set(made.ask.skeleton, (skeletons.get(made.ask.skeleton) ?? 0) + 1);
  const families = new Map<string, Set<string>>();
  for (const made of chains)
    families.set(made.ask.family, (families.get(made.ask.family) ?? new Set()).add(made.ask.skeleton));
  console.log(
    `${skeletons.size} question skeletons, the commonest ${((100 * Math.max(...skeletons.values())) / chains.length).toFixed(2)} % of chains`,
  );
  for (const [family, set] of families) console.log(`  ${family.padEnd(14)} ${set.size} skeletons`);
}

if (import.meta.main) main();
