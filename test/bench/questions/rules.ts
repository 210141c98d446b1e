/** Answers by rule, without reading the question or with the least reading: what a model must beat. */
const amounts = (row: string): string[] =>
  [...row.matchAll(/\d[\d.,]*\d|\d/g)].map((m) => m[0]).filter((t) => /[.,]\d{1,3}$/.test(t));

/** The number that a text is, without currency, or undefined where it is more than a number. */
function numberOf(text: string): number | undefined {
  const bare = text
    .toLowerCase()
    .replace(/(rm|usd|eur|chf|rs|kr|[€£$₹*])/g, '')
    .replace(/[.\s]+$/, '')
    .trim();
  if (!/^-?[\d.,\s]+$/.test(bare)) return undefined;
  const joined = bare.replace(/\s/g, '');
  const point = /^-?\d{1,3}(,\d{3})+(\.\d+)?$/.test(joined) ? joined.replace(/,/g, '') : joined.replace(',', '.');
  const value = Number(point);
  return Number.isNaN(value) ? undefined : value;
}

const value = (text: string): number => numberOf(text) ?? 0;

type Rule = (question: string, rows: readonly string[]) => string | undefined;

const totals = (rows: readonly string[]): string[] =>
  rows.flatMap((row, i) =>
    /t[o0]ta[l1i]/i.test(row) ? (amounts(row).at(-1) ?? amounts(rows[i + 1] ?? '').at(-1) ?? []) : [],
  );
const all = (rows: readonly string[]): string[] => rows.flatMap(amounts);
const largest = (texts: readonly string[]): string | undefined => [...texts].sort((a, b) => value(b) - value(a))[0];

/** The amount on the row that shares most words with the question; the first such row. */
const overlap: Rule = (question, rows) => {
  const words = new Set(question.toLowerCase().match(/[a-z0-9]{3,}/g) ?? []);
  let best = 0;
  let found: string | undefined;
  rows.forEach((row, i) => {
    const shared = (row.toLowerCase().match(/[a-z0-9]{3,}/g) ?? []).filter((w) => words.has(w)).length;
    const amount = amounts(row).at(-1) ?? amounts(rows[i + 1] ?? '').at(-1);
    if (shared > best && amount !== undefined) {
      best = shared;
      found = amount;
    }
  });
  return found;
};

export const RULES: Readonly<Record<string, Rule>> = {
  'first total': (_, rows) => totals(rows)[0],
  'last total': (_, rows) => totals(rows).at(-1),
  'largest total': (_, rows) => largest(totals(rows)),
  'first amount': (_, rows) => all(rows)[0],
  'last amount': (_, rows) => all(rows).at(-1),
  'largest amount': (_, rows) => largest(all(rows)),
  'most frequent amount': (_, rows) => {
    const counts = new Map<string, number>();
    for (const a of all(rows)) counts.set(a, (counts.get(a) ?? 0) + 1);
    return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0];
  },
  'word overlap': overlap,
  // The best of both kinds: a total where the question says so, else the row that looks like the question.
  'overlap, last total': (question, rows) =>
    /total|pay|cost|owe|due/i.test(question)
      ? (totals(rows).at(-1) ?? overlap(question, rows))
      : overlap(question, rows),
};
