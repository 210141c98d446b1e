import { endingDecimals } from './fraction.ts';
import { decimalText, type Root } from './root.ts';
import { namesIn, type Term, written } from './term.ts';
import { valueAt } from './value.ts';

/** What the model is told. */
export interface SolveOutcome {
  /** In words: `x = 2 or x = 3`. */
  readonly result: string;
  /** The values of the unknowns, one object for each solution: exact where they are. */
  readonly solutions?: readonly Readonly<Record<string, string>>[];
  /** The same in decimals, where they are no whole numbers. */
  readonly decimals?: readonly Readonly<Record<string, number>>[];
  /** What the words of the query were read as, where it has more of them than an equation needs. */
  readonly readAs?: string;
  /** What one should know of how it was found. */
  readonly note?: string;
}

export type Solution = ReadonlyMap<string, Root>;

/** A fraction longer than this says less than its decimals. */
const LONGEST_FRACTION = 12;

/** Short form: `8`, `2.4`, `1/3`, `(1 + sqrt(5))/2`; decimals where nothing exact is short. */
export function exactText(root: Root, decimals: boolean): string {
  const { term } = root;
  if (!term) return decimalText(root.value);
  if (term.is !== 'number') {
    const text = written(term);
    return text.length > 60 && namesIn(term).length === 0 ? decimalText(root.value) : text;
  }
  if (decimals && endingDecimals(term.value)) return endingDecimals(term.value)!;
  const text = written(term);
  return text.length > LONGEST_FRACTION && term.value.d > 1n ? decimalText(root.value) : text;
}

/** With its decimals behind it: `x = 1/3 ≈ 0.33333333`. */
export function rootText(name: string, root: Root, decimals: boolean): string {
  const exact = exactText(root, decimals);
  const approximate = decimalText(root.value);
  if (!root.term) return `${name} ≈ ${approximate}`;
  if (Number.isNaN(root.value) || exact === approximate || root.any) {
    const rounded = root.term.is === 'number' && root.term.value.d > 1n && !endingDecimals(root.term.value, 7);
    return `${name} ${exact === approximate && rounded ? '≈' : '='} ${exact}`;
  }
  if (root.term.is === 'number' && root.term.value.d === 1n) return `${name} = ${exact}`;
  if (exact.includes('.')) return `${name} = ${exact}`;
  const ends = root.term.is === 'number' && endingDecimals(root.term.value, 6);
  return `${name} = ${exact} ${ends ? `= ${ends}` : `≈ ${approximate}`}`;
}

/** All solutions of a question. */
export function solutionsOutcome(solutions: readonly Solution[], decimals: boolean, note?: string): SolveOutcome {
  const texts = solutions.map((solution) =>
    [...solution].map(([name, root]) => rootText(name, root, decimals)).join(', '),
  );
  const several = solutions.length > 1 && (solutions[0]?.size ?? 0) > 1;
  const result = texts.map((text) => (several ? `(${text})` : text)).join(' or ');
  const exact = solutions.map((solution) =>
    Object.fromEntries([...solution].map(([name, root]) => [name, exactText(root, decimals)])),
  );
  const values = solutions.map((solution) =>
    Object.fromEntries([...solution].map(([name, root]) => [name, Number(decimalText(root.value))])),
  );
  const plain = values.every((solution) =>
    Object.values(solution).every((value) => Number.isInteger(value) || Number.isNaN(value)),
  );
  return { result, solutions: exact, ...(!plain && { decimals: values }), ...(note && { note }) };
}

export const rootFrom = (term: Term): Root => ({
  term,
  value: namesIn(term).length ? Number.NaN : valueAt(term, new Map()),
});
