/** Counts over chains, a chain at a time. */
import { type Chain, toolCalls } from '../../../shared/data/chain.ts';
import { dialogue } from '../filter/chain-text.ts';
import { skillOf, toolSequence } from '../filter/skill.ts';
import { countTokens } from '../filter/tokens.ts';

export type Counts = Map<string, number>;

/** Action sequences that are told apart; a dataset of wild chains must not fill memory with them. */
const MOST_NAMES = 20_000;

const add = (counts: Counts, name: string): void => {
  if (counts.size >= MOST_NAMES && !counts.has(name)) return;
  counts.set(name, (counts.get(name) ?? 0) + 1);
};

export class Tally {
  chains = 0;
  readonly outcomes: Counts = new Map();
  /** Source -> outcome -> chains. */
  readonly sources = new Map<string, Counts>();
  readonly splits: Counts = new Map();
  readonly families: Counts = new Map();
  readonly skills: Counts = new Map();
  readonly forms: Counts = new Map();
  readonly observed: Counts = new Map();
  /** `checker: right`. */
  readonly verdicts: Counts = new Map();
  readonly tools: Counts = new Map();
  readonly sequences: Counts = new Map();
  /** Tool calls of a chain -> chains. */
  readonly calls = new Map<number, number>();
  /** Tokens of each chain's dialogue, o200k_base. */
  readonly tokens: number[] = [];
  readonly images = new Map<number, number>();

  /** @param whole false: outcomes and verdicts only, which is much faster */
  add(chain: Chain, whole: boolean): void {
    this.chains++;
    add(this.outcomes, chain.outcome);
    const source = this.sources.get(chain.source) ?? new Map();
    this.sources.set(chain.source, source);
    add(source, chain.outcome);
    const { verdict, facts } = chain;
    add(
      this.verdicts,
      verdict === undefined || verdict.by === 'none'
        ? 'nobody'
        : `${verdict.by}: ${verdict.correct ? 'right' : 'wrong'}`,
    );
    if (!whole) return;
    add(this.splits, chain.split);
    if (facts) {
      add(this.families, facts.family);
      add(this.observed, facts.observed);
    }
    add(this.skills, skillOf(chain));
    add(this.forms, facts?.unanswerable ? 'cannot be told' : chain.choices ? 'multiple choice' : 'short answer');
    const called = toolCalls(chain).map(({ name }) => name);
    for (const name of new Set(called)) add(this.tools, name);
    add(this.sequences, toolSequence(chain).replaceAll('>', ' → ') || '(no tool)');
    this.calls.set(called.length, (this.calls.get(called.length) ?? 0) + 1);
    this.images.set(chain.images.length, (this.images.get(chain.images.length) ?? 0) + 1);
    this.tokens.push(countTokens(dialogue(chain)));
  }
}

/** Names with their counts, most first; what is beyond `most` as one. */
export function ranked(counts: Counts, most = 12): { readonly name: string; readonly value: number }[] {
  const all = [...counts]
    .map(([name, value]) => ({ name, value }))
    .sort((a, b) => b.value - a.value || (a.name < b.name ? -1 : 1));
  if (all.length <= most + 1) return all;
  const rest = all.slice(most);
  return [
    ...all.slice(0, most),
    { name: `${rest.length} others`, value: rest.reduce((sum, { value }) => sum + value, 0) },
  ];
}

/** Columns of equal width over numbers, of a round width that makes at most `most` of them; the last takes what is beyond. */
export function histogram(values: readonly number[], most = 12): { readonly name: string; readonly value: number }[] {
  if (values.length === 0) return [];
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  // The longest hundredth is put together, or one endless chain would press all others into one column.
  const top = at(0.99);
  const steps = [1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 2500, 5000, 10_000, 20_000, 50_000, 100_000];
  const low = sorted[0] ?? 0;
  const step = steps.find((one) => Math.floor(top / one) - Math.floor(low / one) < most) ?? 1_000_000;
  const first = Math.floor(low / step);
  const count = Math.floor(top / step) - first + 1;
  const columns = Array.from({ length: count }, () => 0);
  for (const value of values) {
    const i = Math.min(count - 1, Math.floor(value / step) - first);
    columns[i] = (columns[i] ?? 0) + 1;
  }
  return columns.map((value, i) => ({ name: `${(first + i) * step}${i === count - 1 ? '+' : ''}`, value }));
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
