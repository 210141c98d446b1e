import { fraction, isZero } from './fraction.ts';
import { ANY, inverted } from './invert.ts';
import { coefficientsIn, namesOf, type Polynomial, termOfPolynomial, univariate } from './polynomial.ts';
import { Atoms, rationalOf, simplified } from './rational.ts';
import { type Root, rationalRoot } from './root.ts';
import { rootsOf } from './roots.ts';
import { scanned } from './scan.ts';
import { add, callTerm, divide, minusTerm, multiply, namesIn, numberTerm, power, subtract, type Term } from './term.ts';
import { valueAt } from './value.ts';

/** What is known of the solutions of one equation in one unknown, before they are put to the test. */
export type Solved =
  | { readonly all: true }
  | {
      readonly roots: readonly Root[];
      /** Complex solutions, as text. */
      readonly complex: readonly string[];
      /** False: found by searching, so there may be others. */
      readonly complete: boolean;
    };

/** How often functions are undone, one inside the other. */
const DEEPEST = 8;

/**
 * Solves left = right for a name; other names are parameters.
 * @returns undefined when no way is known here
 */
export function solvedFor(left: Term, right: Term, unknown: string, depth = 0): Solved | undefined {
  const atoms = new Atoms();
  const { top } = rationalOf(subtract(left, right), atoms);
  const about = namesOf(top).filter((name) => atoms.holds(name, unknown));
  const [only] = about;
  if (top.size === 0) return { all: true };
  if (only === undefined) return { roots: [], complex: [], complete: true };
  const solved = about.length === 1 ? solvedIn(top, only, atoms) : undefined;
  if (solved && only === unknown) return solved;
  if (solved && depth < DEEPEST) {
    const back = undone(atoms.termOf(only), solved, unknown, depth);
    if (back) return back;
  }
  if (namesIn(left, right).some((name) => name !== unknown)) return undefined;
  const { roots } = scanned(left, right, unknown);
  return roots.length > 0 ? { roots, complex: [], complete: false } : undefined;
}

/** A polynomial in one name, whose other names are numbers or parameters. */
function solvedIn(top: Polynomial, name: string, atoms: Atoms): Solved | undefined {
  const numbers = univariate(top, name);
  if (numbers) {
    const { real, complex } = rootsOf(numbers);
    return { roots: real, complex, complete: true };
  }
  const coefficients = coefficientsIn(top, name).map((part) =>
    simplified(termOfPolynomial(part, atoms.termOf), new Atoms()),
  );
  const degree = coefficients.length - 1;
  const terms = degree === 1 ? [minusOver(coefficients[0]!, coefficients[1]!)] : higher(coefficients);
  return terms && { roots: terms.map(rootOfTerm), complex: [], complete: true };
}

const minusOver = (a: Term, b: Term): Term => simplified(divide(minusTerm(a), b), new Atoms());

function higher(coefficients: readonly Term[]): Term[] | undefined {
  const degree = coefficients.length - 1;
  const [c, b, a] = coefficients as [Term, Term, Term];
  const isNothing = (term: Term) => term.is === 'number' && isZero(term.value);
  if (coefficients.slice(1, -1).every(isNothing)) {
    const of = minusOver(c, coefficients.at(-1)!);
    const root = degree === 2 ? callTerm('sqrt', of) : power(of, numberTerm(fraction(1, degree)));
    return degree % 2 ? [root] : [minusTerm(root), root];
  }
  if (degree !== 2) return undefined;
  if (isNothing(c)) return [numberTerm(0), minusOver(b, a)];
  const square = simplified(subtract(power(b, numberTerm(2)), multiply(numberTerm(4), multiply(a, c))), new Atoms());
  const root = callTerm('sqrt', square);
  const below = simplified(multiply(numberTerm(2), a), new Atoms());
  const both = [subtract, add].map((join) => divide(join(simplified(minusTerm(b), new Atoms()), root), below));
  // With letters in it the formula is known best as it stands.
  if (namesIn(square).length > 0) return both;
  const short = both.map((term) => simplified(term, new Atoms()));
  return isNothing(square) ? short.slice(1) : short;
}

function rootOfTerm(term: Term): Root {
  if (term.is === 'number') return rationalRoot(term.value);
  const names = namesIn(term);
  return { value: names.length ? Number.NaN : valueAt(term, new Map()), term };
}

/** From the value of a function to that of what stands in it. */
function undone(outer: Term, solved: Solved, unknown: string, depth: number): Solved | undefined {
  if ('all' in solved) return solved;
  const roots: Root[] = [];
  let { complete } = solved;
  for (const root of solved.roots) {
    const value = root.term ?? numberOf(root.value);
    const insides = inverted(outer, value, unknown);
    if (!insides) return undefined;
    for (const { of, is, any } of insides) {
      const inner = solvedFor(of, is, unknown, depth + 1);
      if (!inner || 'all' in inner) return undefined;
      complete &&= inner.complete && root.term !== undefined;
      for (const found of inner.roots)
        roots.push(
          root.term
            ? { ...found, ...(any && { any: ANY }) }
            : { value: found.value, ...(any && found.term && { term: found.term, any: ANY }) },
        );
    }
  }
  return { roots: unique(roots), complex: [], complete };
}

/** A double as an exact number, for what is only known so far. */
function numberOf(value: number): Term {
  const digits = BigInt(Math.round(value * 2 ** 40));
  return numberTerm(fraction(digits, 2n ** 40n));
}

function unique(roots: readonly Root[]): Root[] {
  return roots
    .filter(
      (root, i) =>
        Number.isNaN(root.value) ||
        !roots.slice(0, i).some(({ value }) => Math.abs(value - root.value) < 1e-12 * Math.max(1, Math.abs(value))),
    )
    .sort((a, b) => a.value - b.value || 0);
}
