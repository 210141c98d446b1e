import { holds, holdsAll, samplesFor } from './check.ts';
import { solvedFor } from './equation.ts';
import { tooBig, unsolved } from './fault.ts';
import { ANY } from './invert.ts';
import type { Statement } from './parse.ts';
import { type SolveOutcome, solutionsOutcome } from './present.ts';
import { decimalText, type Root } from './root.ts';
import { MOST_ROOTS } from './scan.ts';
import { type SymbolicAnswers, symbolic } from './symbolic.ts';
import { has, namesIn, numberTerm, replaced, subtract, type Term, written } from './term.ts';
import { valueAt } from './value.ts';

export interface Wanted {
  readonly unknown: string;
  /** Inequalities that the solutions have to fulfil too. */
  readonly conditions: readonly Statement[];
  readonly only?: 'positive' | 'negative' | 'whole' | undefined;
  /** The question writes decimals. */
  readonly decimals: boolean;
}

const SEARCHED = 'found by a search among real numbers, so there may be more';

/** Solves one equation for one unknown, with all other names as parameters. */
export function solveOne(left: Term, right: Term, wanted: Wanted, answers: SymbolicAnswers): SolveOutcome {
  const { unknown } = wanted;
  const solved = solvedFor(left, right, unknown) ?? asked(left, right, unknown, answers);
  if (!solved)
    throw unsolved(
      `no way to solve this for ${unknown} is known here: simplify it first, or give the other letters values`,
    );
  if ('all' in solved)
    return {
      result: `true for all real ${unknown} for which both sides have a value (infinitely many solutions)`,
      solutions: [],
    };
  if (solved.roots.some(({ term, value }) => term && Math.abs(value) === Number.POSITIVE_INFINITY)) throw tooBig();
  const checked = solved.roots.filter((root) => fulfils(root, left, right, unknown));
  const repeating = checked.filter(({ any }) => any);
  if (repeating.length > 0) return periodic(checked, wanted, left, right);
  const roots = checked.filter((root) => isWanted(root.value, wanted));
  if (roots.length > 0) {
    const outcome = solutionsOutcome(
      roots.slice(0, MOST_ROOTS).map((root) => new Map([[unknown, root]])),
      wanted.decimals,
    );
    return solved.complete ? outcome : { ...outcome, note: SEARCHED };
  }
  if (checked.length > 0)
    return {
      result: `no such solution; without that condition: ${
        solutionsOutcome(
          checked.map((root) => new Map([[unknown, root]])),
          wanted.decimals,
        ).result
      }`,
      solutions: [],
    };
  if (!solved.complete && solved.roots.length > 0)
    throw unsolved('no solution stood the test by substitution: write the equation simpler');
  const complex = solved.complex.map((text) => `${unknown} = ${text}`).join(' or ');
  return { result: complex ? `no real solution; complex: ${complex}` : 'no solution', solutions: [] };
}

/** What nerdamer finds; its roots count only by what they fulfil. */
function asked(left: Term, right: Term, unknown: string, answers: SymbolicAnswers) {
  const found = symbolic('solve', subtract(left, right), answers, { by: unknown });
  const roots = found
    ?.filter((term) => !has(term, unknown))
    .map((term): Root => ({ term, value: namesIn(term).length ? Number.NaN : valueAt(term, new Map()) }));
  return roots?.length ? { roots, complex: [], complete: false } : undefined;
}

/** Puts a root in; where there are parameters, with several values of these, of which none may speak against it. */
function fulfils({ term, value, any }: Root, left: Term, right: Term, unknown: string): boolean {
  const names = namesIn(left, right).filter((name) => name !== unknown);
  if (names.length === 0 && !any) return holds(left, '=', right, new Map([[unknown, value]]));
  if (!term) return false;
  let held = 0;
  for (const sample of samplesFor(names))
    for (const n of any ? [0, 1, -1, 2] : [0]) {
      const given = new Map([...sample, [ANY, n]]);
      const x = valueAt(term, given);
      if (!Number.isFinite(x)) continue;
      const values = new Map([...sample, [unknown, x]]);
      if (!Number.isFinite(valueAt(left, values)) || !Number.isFinite(valueAt(right, values))) continue;
      if (!holds(left, '=', right, values)) return false;
      held++;
    }
  return held > 0;
}

function isWanted(x: number, { unknown, conditions, only }: Wanted): boolean {
  if (only === 'positive' && x <= 0) return false;
  if (only === 'negative' && x >= 0) return false;
  if (only === 'whole' && Math.abs(x - Math.round(x)) > 1e-9) return false;
  return holdsAll(conditions, new Map([[unknown, x]]));
}

/** Solutions that repeat: all of them as formulas, and those that are asked for, or lie within one turn, as numbers. */
function periodic(roots: readonly Root[], wanted: Wanted, left: Term, right: Term): SolveOutcome {
  const { unknown, conditions, only } = wanted;
  const bounded = conditions.length > 0 || only !== undefined;
  const found: Root[] = [];
  for (const root of roots)
    for (let n = root.any ? -300 : 0; n <= (root.any ? 300 : 0); n++) {
      const term = root.term && replaced(root.term, new Map([[ANY, numberTerm(n)]]));
      const x = term ? valueAt(term, new Map()) : root.value;
      if (!isWanted(x, wanted) || (!bounded && (x < -1e-12 || x >= 2 * Math.PI - 1e-9))) continue;
      if (!found.some(({ value }) => Math.abs(value - x) < 1e-9) && holds(left, '=', right, new Map([[unknown, x]])))
        found.push({ value: x, ...(term && { term }) });
    }
  const within = found.sort((a, b) => a.value - b.value).slice(0, MOST_ROOTS);
  const general = roots
    .map(({ term, value }) => `${unknown} = ${term ? written(term) : decimalText(value)}`)
    .join(' or ');
  const listed = within.map(({ value }) => decimalText(value)).join(', ');
  const place = bounded ? 'as asked' : `from 0 to 2*pi`;
  return {
    result:
      bounded && listed
        ? `${within.map(({ value }) => `${unknown} ≈ ${decimalText(value)}`).join(' or ')} (in general ${general}, for any whole number ${ANY})`
        : `${general}, for any whole number ${ANY}${listed ? `; ${place}: ${unknown} ≈ ${listed}` : ''}`,
    solutions: roots.map(({ term, value }) => ({ [unknown]: term ? written(term) : decimalText(value) })),
    decimals: within.map(({ value }) => ({ [unknown]: Number(decimalText(value)) })),
  };
}
