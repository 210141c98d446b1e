import { calculateExpression } from '../calculate/calculate-expression.ts';
import { differentiated, integrated, limited, rewritten } from './calculus.ts';
import { holdsAll } from './check.ts';
import { unread, unsolved } from './fault.ts';
import { intervalText, piecesText, solveInequalities } from './inequality.ts';
import { type Equation, solveMany } from './many-equations.ts';
import { solveOne } from './one-equation.ts';
import type { Statement } from './parse.ts';
import type { SolveOutcome } from './present.ts';
import { type Question, readQuestion } from './question.ts';
import type { SymbolicAnswers } from './symbolic.ts';
import { namesIn, numberTerm, type Term, written } from './term.ts';
import { isFunction } from './tokens.ts';
import { quantityOf } from './units.ts';

const NATURAL_LOG = 'log is the natural logarithm here; write log10(x) for that to base 10';

/**
 * Answers a question about equations, inequalities, derivatives, integrals, limits, other forms, quantities or numbers.
 * @param answers what nerdamer has answered so far
 * @throws Fault with words for the model; NeedsSymbolic
 */
export function answer(query: string, answers: SymbolicAnswers): SolveOutcome {
  const quantity = quantityOf(query);
  if (quantity) return quantity;
  const question = readQuestion(query);
  const outcome = answered(question, query, answers);
  const natural = /\blog\s*\(?\s*[a-z(]/i.test(query) && !/\blog\s*\([^()]*,/.test(query);
  return natural && !outcome.note ? { ...outcome, note: NATURAL_LOG } : outcome;
}

function answered(question: Question, query: string, answers: SymbolicAnswers): SolveOutcome {
  switch (question.task) {
    case 'differentiate':
      return { result: differentiated(question, answers) };
    case 'integrate':
      return { result: integrated(question, answers) };
    case 'limit':
      return { result: limited(question, answers) };
    case 'solve':
      return { ...solved(question, query, answers), ...readAs(question, query) };
    default:
      return { result: rewritten(question, answers) };
  }
}

/** Words may mean more than was read: whoever asked can see what was. */
function readAs({ statements }: Solving, query: string): { readAs?: string } {
  const words = query.replace(/\\[a-z]+/gi, ' ').match(/[a-z]{3,}/gi) ?? [];
  const telling = words.filter((word) => !isFunction(word) && !PLAIN_WORDS.test(word));
  return statements.length > 0 && telling.length > 0 ? { readAs: statements.map(statementText).join(', ') } : {};
}

/** They ask, and change nothing. */
const PLAIN_WORDS =
  /^(?:solve|for|find|what|and|the|value|equations?|systems?|when|given|cases|begin|end|print|frac)$/i;

type Solving = Extract<Question, { task: 'solve' }>;

function solved(question: Solving, query: string, answers: SymbolicAnswers): SolveOutcome {
  const { statements, expression } = question;
  if (statements.length === 0) return ofExpression(question, expression!, query, answers);
  const named = statements.filter(({ sides }) => namesIn(...sides).length > 0);
  const plain = statements.filter(({ sides }) => namesIn(...sides).length === 0);
  if (plain.length > 0 && !holdsAll(plain, new Map())) {
    return { result: named.length > 0 ? `no solution: ${statementText(plain[0]!)} is false` : 'false' };
  }
  if (named.length === 0) return { result: 'true' };
  const isEquation = ({ relations }: Statement) => relations.every((relation) => relation === '=');
  const equations = named.filter(isEquation).flatMap(pairs);
  const conditions = named.filter((statement) => !isEquation(statement));
  const decimals = /\d\.\d/.test(query) || /\d,\d{1,2}(?!\d)/.test(query);
  const { asked, only } = question;
  if (equations.length === 0) return ofInequalities(conditions);
  const names = namesIn(...equations.flat());
  const missing = asked.filter((name) => !names.includes(name));
  if (missing.length > 0 && missing.length === asked.length)
    throw unread(`${missing.join(', ')} stands in no equation: the names in them are ${names.join(', ')}`);
  const [equation, ...more] = equations;
  if (more.length > 0 || !equation) return solveMany(equations, { asked, conditions, only, decimals });
  const unknown = unknownOf(equation, asked, names);
  if (conditions.some(({ sides }) => namesIn(...sides).some((name) => name !== unknown)))
    throw unsolved('a condition names what no equation determines: give as many equations as unknowns');
  const outcome = solveOne(equation[0], equation[1], { unknown, conditions, only, decimals }, answers);
  if (names.length === 1 || asked.length > 0) return outcome;
  return {
    ...outcome,
    note: `one equation for ${names.length} unknowns: solved for ${unknown}; name another by "solve for ..."`,
  };
}

const pairs = ({ sides }: Statement): Equation[] => sides.slice(1).map((side, i): Equation => [sides[i]!, side]);

const statementText = ({ sides, relations }: Statement): string =>
  sides.map((side, i) => `${written(side)}${relations[i] ? ` ${relations[i]} ` : ''}`).join('');

/** What is asked for; else y of a line, x, or the first name. */
function unknownOf([left, right]: Equation, asked: readonly string[], names: readonly string[]): string {
  const known = asked.find((name) => names.includes(name));
  if (known) return known;
  if (left.is === 'name' && names.length > 1 && !namesIn(right).includes(left.name)) return left.name;
  return names.find((name) => name === 'y' && names.includes('x')) ?? names.find((name) => name === 'x') ?? names[0]!;
}

function ofInequalities(conditions: readonly Statement[]): SolveOutcome {
  const names = namesIn(...conditions.flatMap(({ sides }) => sides));
  const [name, ...others] = names;
  if (others.length > 0 || name === undefined)
    throw unsolved(
      `inequalities are solved in one unknown; these hold ${names.join(' and ')}: give one of them a value`,
    );
  const pieces = solveInequalities(conditions, name);
  if (pieces.length === 0) return { result: 'no solution' };
  const all = pieces.length === 1 && !pieces[0]!.from && !pieces[0]!.to;
  return { result: `${piecesText(pieces, name)}${all ? ' (always true)' : `; as intervals: ${intervalText(pieces)}`}` };
}

/** Without any relation: a plain calculation, the roots of something, or its shortest form. */
function ofExpression(
  question: Solving,
  { text, of }: { text: string; of: Term },
  query: string,
  answers: SymbolicAnswers,
): SolveOutcome {
  const names = namesIn(of);
  if (names.length === 0) {
    const value = calculateExpression(text.replace(/^[^\d(\-+.√a-z\\[]+/i, ''));
    return { result: typeof value === 'object' ? JSON.stringify(value) : String(value) };
  }
  const asksRoots =
    question.asked.some((name) => names.includes(name)) || /\b(?:roots?|zeros?|zeroes|solve|solutions?)\b/i.test(query);
  const [name, ...others] = names;
  if (!asksRoots || !name) return { result: rewritten({ task: 'simplify', of }, answers) };
  const unknown =
    question.asked.find((one) => names.includes(one)) ??
    (others.length ? (names.find((one) => one === 'x') ?? name) : name);
  const decimals = /\d\.\d/.test(query);
  const outcome = solveOne(of, numberTerm(0), { unknown, conditions: [], only: question.only, decimals }, answers);
  return { ...outcome, note: outcome.note ?? `read as ${written(of)} = 0` };
}
