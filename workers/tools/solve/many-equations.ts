import { holds, holdsAll, samplesFor } from './check.ts';
import { solvedFor } from './equation.ts';
import { unsolved } from './fault.ts';
import { fraction } from './fraction.ts';
import { solveLinear } from './linear.ts';
import type { Statement } from './parse.ts';
import { degreeOver, namesOf, type Polynomial } from './polynomial.ts';
import { rootFrom, type Solution, type SolveOutcome, solutionsOutcome } from './present.ts';
import { Atoms, rationalOf, simplified } from './rational.ts';
import type { Root } from './root.ts';
import { solvePolynomials } from './system.ts';
import { namesIn, numberTerm, replaced, subtract, type Term } from './term.ts';
import { valueAt } from './value.ts';

export type Equation = readonly [left: Term, right: Term];

export interface WantedMany {
  /** Names that the question asks for; empty = all. */
  readonly asked: readonly string[];
  readonly conditions: readonly Statement[];
  readonly only?: 'positive' | 'negative' | 'whole' | undefined;
  readonly decimals: boolean;
}

const MOST_SOLUTIONS = 24;
const MOST_STEPS = 400;

/** Solves equations that hold together. */
export function solveMany(equations: readonly Equation[], wanted: WantedMany): SolveOutcome {
  const names = namesIn(...equations.flat());
  const { asked, conditions, only } = wanted;
  // With as many equations as names all are unknown; with fewer, only what is asked for.
  const unknowns =
    names.length <= equations.length || asked.length === 0
      ? [...names].sort()
      : asked.filter((name) => names.includes(name));
  const found = foundFor(equations, unknowns, names);
  if (found === undefined)
    throw unsolved(
      'no way to solve this system is known here: solve one equation for one unknown, and put that into the others',
    );
  if ('linear' in found) return found.linear;
  const good = distinct(found.solutions.filter((solution) => fulfils(solution, equations, names)));
  const kept = good.filter((solution) => isWanted(solution, conditions, only)).slice(0, MOST_SOLUTIONS);
  if (kept.length > 0) return solutionsOutcome(ordered(kept, asked), wanted.decimals);
  if (good.length > 0) return { result: 'no solution fulfils the conditions', solutions: [] };
  if (found.solutions.length > 0 && !found.complete)
    throw unsolved('no solution stood the test by substitution: solve the equations one by one');
  return { result: found.complete ? 'no real solution' : 'no solution was found', solutions: [] };
}

type Found =
  | { readonly linear: SolveOutcome }
  | { readonly solutions: readonly Solution[]; readonly complete: boolean };

function foundFor(
  equations: readonly Equation[],
  unknowns: readonly string[],
  names: readonly string[],
): Found | undefined {
  const atoms = new Atoms();
  const tops = equations.map(([left, right]) => rationalOf(subtract(left, right), atoms).top);
  const numeric = tops.every((top) => namesOf(top).every((name) => unknowns.includes(name)));
  if (numeric && tops.every((top) => degreeOver(top, new Set(unknowns)) <= 1))
    return linearFor(equations, tops, unknowns);
  const candidates = numeric && names.length <= equations.length ? solvePolynomials(tops, unknowns) : undefined;
  if (candidates) return { solutions: candidates, complete: true };
  const budget = { steps: MOST_STEPS };
  const solutions = substituted(equations, unknowns, budget);
  return solutions && { solutions, complete: false };
}

function linearFor(equations: readonly Equation[], tops: readonly Polynomial[], unknowns: readonly string[]): Found {
  const values = solveLinear(tops, unknowns);
  if (!values) return { linear: { result: 'no solution (the equations contradict each other)', solutions: [] } };
  const free = unknowns.filter((name) => !values.has(name));
  const solution = new Map([...values].map(([name, term]): [string, Root] => [name, rootOf(term)]));
  if (free.length === 0) return { solutions: [solution], complete: true };
  for (const sample of samplesFor(free)) {
    const at = new Map([
      ...sample,
      ...[...values].map(([name, term]): [string, number] => [name, valueAt(term, sample)]),
    ]);
    if (!equations.every(([left, right]) => holds(left, '=', right, at)))
      throw unsolved('the solution did not stand the test by substitution');
  }
  const outcome = solutionsOutcome([solution], false);
  return { linear: { ...outcome, result: `infinitely many solutions: ${outcome.result}, for any ${free.join(', ')}` } };
}

const rootOf = (term: Term): Root =>
  term.is === 'number' ? { ...rootFrom(term), surd: { p: term.value, q: fraction(0), r: 1n } } : rootFrom(term);

/** Solves one equation for one unknown and puts that into the others, until none is left. */
function substituted(
  equations: readonly Equation[],
  unknowns: readonly string[],
  budget: { steps: number },
): Solution[] | undefined {
  if (--budget.steps < 0) return undefined;
  const [first] = unknowns;
  if (first === undefined) return [new Map()];
  const inNames = (equation: Equation) => unknowns.filter((name) => namesIn(...equation).includes(name));
  const byFewest = equations
    .filter((equation) => inNames(equation).length > 0)
    .sort((a, b) => inNames(a).length - inNames(b).length);
  for (const equation of byFewest)
    for (const name of inNames(equation)) {
      const solved = solvedFor(equation[0], equation[1], name);
      if (!solved || 'all' in solved || solved.roots.some(({ any }) => any) || solved.roots.length === 0) continue;
      const rest = equations.filter((other) => other !== equation);
      const all = solved.roots.map((root) => goOn(root, name, rest, unknowns, budget));
      if (all.every((solutions) => solutions === undefined)) continue;
      return all.flatMap((solutions) => solutions ?? []);
    }
  return undefined;
}

function goOn(
  root: Root,
  name: string,
  rest: readonly Equation[],
  unknowns: readonly string[],
  budget: { steps: number },
): Solution[] | undefined {
  const term = root.term ?? numberTerm(fraction(BigInt(Math.round(root.value * 2 ** 45)), 2n ** 45n));
  const by = new Map([[name, term]]);
  const next = rest.map((equation): Equation => [replaced(equation[0], by), replaced(equation[1], by)]);
  const inner = substituted(
    next,
    unknowns.filter((other) => other !== name),
    budget,
  );
  return inner?.map((solution) => {
    const known = new Map(
      [...solution].map(([other, { term: value, value: number }]) => [
        other,
        value ?? numberTerm(fraction(BigInt(Math.round(number * 2 ** 45)), 2n ** 45n)),
      ]),
    );
    const approximate = !root.term || [...solution.values()].some((other) => !other.term);
    const value = simplified(replaced(term, known), new Atoms());
    const own = rootFrom(value);
    return new Map([
      ...solution,
      [name, approximate && namesIn(value).length === 0 ? { value: own.value } : rootOf(value)],
    ]);
  });
}

function fulfils(solution: Solution, equations: readonly Equation[], names: readonly string[]): boolean {
  const parameters = names.filter((name) => !solution.has(name));
  let held = 0;
  for (const sample of samplesFor(parameters)) {
    const values = new Map([
      ...sample,
      ...[...solution].map(([name, { term, value }]): [string, number] => [name, term ? valueAt(term, sample) : value]),
    ]);
    const sides = equations.flat().map((side) => valueAt(side, values));
    if (sides.some((side) => !Number.isFinite(side))) continue;
    if (!equations.every(([left, right]) => holds(left, '=', right, values))) return false;
    held++;
  }
  return held > 0;
}

function isWanted(solution: Solution, conditions: readonly Statement[], only: WantedMany['only']): boolean {
  const values = [...solution.values()].map(({ value }) => value);
  if (only === 'positive' && values.some((value) => value <= 0)) return false;
  if (only === 'negative' && values.some((value) => value >= 0)) return false;
  if (only === 'whole' && values.some((value) => Math.abs(value - Math.round(value)) > 1e-9)) return false;
  return holdsAll(conditions, new Map([...solution].map(([name, { value }]) => [name, value])));
}

function distinct(solutions: readonly Solution[]): Solution[] {
  const near = (a: number, b: number) =>
    Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a)) || (Number.isNaN(a) && Number.isNaN(b));
  const same = (a: Solution, b: Solution) =>
    [...a].every(
      ([name, { value, term }]) =>
        !(Number.isNaN(value) && term !== b.get(name)?.term) && near(value, b.get(name)?.value ?? 0),
    );
  return solutions.filter((solution, i) => !solutions.slice(0, i).some((other) => same(solution, other)));
}

/** The names that were asked for first, then the others in the alphabet's order. */
function ordered(solutions: readonly Solution[], asked: readonly string[]): Solution[] {
  const place = (name: string) => (asked.includes(name) ? asked.indexOf(name) : asked.length);
  return solutions.map(
    (solution) => new Map([...solution].sort(([a], [b]) => place(a) - place(b) || (a < b ? -1 : 1))),
  );
}
