/** Systems of linear equations, by exact elimination. */
import { type Fraction, fraction, isZero, negative, over, minus as subtract, times, ZERO } from './fraction.ts';
import {
  coefficientsIn,
  constant,
  numberIn,
  type Polynomial,
  scaled,
  sumOf,
  termOfPolynomial,
  variable,
  withValue,
} from './polynomial.ts';
import type { Term } from './term.ts';

/** Each unknown's value, in terms of those that are free; undefined: there is none. */
export type LinearSolution = ReadonlyMap<string, Term> | undefined;

/**
 * @param equations polynomials that are to be 0, of degree 1 at most in the unknowns, with numbers alone before these
 * @param unknowns the first are solved for first, so that the last stay free
 * @returns undefined when they contradict each other
 */
export function solveLinear(equations: readonly Polynomial[], unknowns: readonly string[]): LinearSolution {
  const rows = equations.map((equation) => [
    ...unknowns.map((name) => numberIn(coefficientsIn(equation, name)[1] ?? new Map()) ?? ZERO),
    negative(numberIn(unknowns.reduce((rest, name) => withValue(rest, name, ZERO), equation)) ?? ZERO),
  ]);
  const pivots = eliminate(rows, unknowns.length);
  const used = pivots.length;
  if (rows.slice(used).some((row) => !isZero(row.at(-1)!))) return undefined;
  const solution = new Map<string, Term>();
  for (const [r, column] of pivots.entries()) {
    const row = rows[r]!;
    let value: Polynomial = constant(row.at(-1)!);
    for (const [i, name] of unknowns.entries())
      if (i !== column) value = sumOf(value, scaled(variable(name), negative(row[i]!)));
    solution.set(unknowns[column]!, termOfPolynomial(value));
  }
  return solution;
}

/** To reduced rows, in place. @returns the column of each row's leading 1 */
function eliminate(rows: Fraction[][], columns: number): number[] {
  const pivots: number[] = [];
  for (let column = 0; column < columns && pivots.length < rows.length; column++) {
    const at = rows.findIndex((row, i) => i >= pivots.length && !isZero(row[column]!));
    if (at < 0) continue;
    const to = pivots.length;
    [rows[to], rows[at]] = [rows[at]!, rows[to]!];
    const factor = over(fraction(1), rows[to]![column]!);
    const lead = rows[to]!.map((value) => times(value, factor));
    rows[to] = lead;
    for (const [i, row] of rows.entries()) {
      const by = row[column]!;
      if (i !== to && !isZero(by)) rows[i] = row.map((value, j) => subtract(value, times(by, lead[j]!)));
    }
    pivots.push(column);
  }
  return pivots;
}
