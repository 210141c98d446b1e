/**
 * Statistics of a source. Shards count what can be added up, under `<source>/<name>`; rates are made of the sums.
 * `pass@k` of a question with n answers of which c are right is 1 - C(n-c, k) / C(n, k); agreement is the share of pairs
 * of its answers that say the same.
 */
import type { Chain } from '../../../shared/data/chain.ts';
import { plain } from '../verify/rules/text.ts';

export type Counts = Record<string, number>;

/** Adds `by` to a count of the stage, and to the source's own. */
export function counter(source: string): { readonly counts: Counts; add(name: string, by?: number): void } {
  const counts: Counts = {};
  return {
    counts,
    add(name, by = 1) {
      if (by === 0) return;
      for (const key of [name, `${source}/${name}`]) counts[key] = (counts[key] ?? 0) + by;
    },
  };
}

/** What the answers to one question add to the sums of its source. */
export function questionCounts(chains: readonly Pick<Chain, 'answer' | 'verdict'>[]): Counts {
  const n = chains.length;
  if (n === 0) return {};
  const right = chains.filter(({ verdict }) => verdict?.correct === true).length;
  const counts: Counts = { 'questions answered': 1 };
  for (let k = 1; k <= n; k++) {
    counts[`pass@${k}`] = 1 - missing(n, right, k);
    counts[`questions with ${k} answers or more`] = 1;
  }
  if (n > 1) {
    const said = chains.map(({ answer }) => plain(answer ?? ''));
    let same = 0;
    for (const [at, one] of said.entries()) for (const other of said.slice(at + 1)) if (one === other) same++;
    counts.agreement = same / ((n * (n - 1)) / 2);
    counts['questions compared'] = 1;
  }
  return counts;
}

/** Chance that k of n answers, of which c are right, hold no right one. */
function missing(n: number, c: number, k: number): number {
  let chance = 1;
  for (let at = 0; at < k; at++) chance *= Math.max(0, n - c - at) / (n - at);
  return chance;
}

export interface SourceStatistics {
  readonly source: string;
  readonly asked: number;
  readonly answered: number;
  readonly failed: Readonly<Record<string, number>>;
  readonly outcomes: Readonly<Record<string, number>>;
  /** Shares of the runs that were verified; null where there are none. */
  readonly toolRate: number | null;
  readonly accuracy: number | null;
  /** Runs of which each reply could be read. */
  readonly parseRate: number | null;
  /** Of calls of tools. */
  readonly callErrorRate: number | null;
  /** Of verdicts: by rule, by judge, by nobody. */
  readonly by: Readonly<Record<'rule' | 'judge' | 'none', number | null>>;
  readonly passAt: Readonly<Record<string, number>>;
  readonly agreement: number | null;
  readonly tokens: { readonly input: number; readonly output: number };
  readonly judgeTokens: { readonly input: number; readonly output: number };
  /** US dollars; null where the price is not known. */
  readonly cost: number | null;
}

/** @param counts of the stage, added up over its shards */
export function statisticsOf(source: string, counts: Readonly<Counts>): SourceStatistics {
  const own = (name: string): number => counts[`${source}/${name}`] ?? 0;
  const share = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);
  const named = (prefix: string): Record<string, number> =>
    Object.fromEntries(
      Object.entries(counts).flatMap(([key, value]) =>
        key.startsWith(`${source}/${prefix}`) ? [[key.slice(source.length + 1 + prefix.length), value] as const] : [],
      ),
    );
  const outcomes = Object.fromEntries(
    ['CoTA-pos', 'CoTA-neg', 'CoT-pos', 'CoT-neg', 'Direct'].map((name) => [name, own(name)]),
  );
  const verified = own('verified');
  const judged = own('verdict:judge') + own('verdict:judge cached');
  const none = own('verdict:no judge') + own('verdict:judge silent');
  const right = (outcomes['CoTA-pos'] ?? 0) + (outcomes['CoT-pos'] ?? 0);
  return {
    source,
    asked: own('asked'),
    answered: verified,
    failed: named('failed:'),
    outcomes,
    toolRate: share(own('with tools'), verified),
    accuracy: share(right, verified),
    parseRate: share(verified - own('with problems'), verified),
    callErrorRate: share(own('failed calls'), own('calls')),
    by: { rule: share(own('verdict:rule'), verified), judge: share(judged, verified), none: share(none, verified) },
    passAt: Object.fromEntries(
      Object.entries(named('pass@')).map(([k, sum]) => [
        k,
        sum / Math.max(1, own(`questions with ${k} answers or more`)),
      ]),
    ),
    agreement: share(own('agreement'), own('questions compared')),
    tokens: { input: own('tokens:input'), output: own('tokens:output') },
    judgeTokens: { input: own('judge tokens:input'), output: own('judge tokens:output') },
    cost: counts[`${source}/cost`] === undefined ? null : own('cost'),
  };
}
