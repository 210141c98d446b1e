/** Rows that no question came of: counted by reason, the first ones listed with their lines. */

const LISTED = 20;

export interface BadRow {
  readonly line: number;
  readonly reason: string;
}

export function badRows(): {
  add(line: number, reason: string): void;
  readonly first: readonly BadRow[];
  /** `bad`, and `bad:<reason>` without what differs from row to row. */
  counts(): Record<string, number>;
} {
  const first: BadRow[] = [];
  const counts = new Map<string, number>();
  return {
    first,
    add(line, reason) {
      if (first.length < LISTED) first.push({ line, reason: reason.slice(0, 300) });
      const kind = kindOf(reason);
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
    },
    counts() {
      let all = 0;
      for (const count of counts.values()) all += count;
      if (all === 0) return {};
      return { bad: all, ...Object.fromEntries([...counts].sort().map(([kind, count]) => [`bad:${kind}`, count])) };
    },
  };
}

const kindOf = (reason: string): string =>
  reason
    .replace(/"(?:[^"\\]|\\.)*"/g, '"…"')
    .replace(/\d[\d,.]*/g, '#')
    .slice(0, 80);

/** For an error: the first ones in words. */
export const toldRows = (rows: readonly BadRow[]): string =>
  rows
    .slice(0, 3)
    .map(({ line, reason }) => `line ${line}: ${reason}`)
    .join('; ');
