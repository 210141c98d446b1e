/** What nerdamer is asked, and how its answers are read. It never meets the question's own text: see `symbolicRequest`. */
import { parse } from './parse.ts';
import { bracketed, callTerm, namesIn, nameTerm, replaced, type Term } from './term.ts';
import { tokensOf } from './tokens.ts';

export interface SymbolicRequest {
  readonly task: 'diff' | 'integrate' | 'limit' | 'factor' | 'expand' | 'simplify' | 'solve';
  /** Numbers, brackets, + - * / ^, known functions and the names q0, q1, ... */
  readonly of: string;
  readonly by?: string;
  readonly to?: string;
}

/** Thrown where an answer of nerdamer's is needed to go on: with it, the same question is asked again. */
export class NeedsSymbolic extends Error {
  override readonly name = 'NeedsSymbolic';
  readonly request: SymbolicRequest;
  constructor(request: SymbolicRequest) {
    super(keyOf(request));
    this.request = request;
  }
}

/** Answers so far; null where nerdamer had none. */
export type SymbolicAnswers = ReadonlyMap<string, string | null>;

export const keyOf = ({ task, of, by = '', to = '' }: SymbolicRequest): string => [task, of, by, to].join('|');

/** Only functions that nerdamer knows by the same name. */
const ITS_FUNCTIONS =
  /^(?:sqrt|cbrt|abs|exp|log|log10|sin|cos|tan|sec|csc|cot|asin|acos|atan|sinh|cosh|tanh|asinh|acosh|atanh|erf|factorial)$/;

/**
 * @param answers those that are known
 * @returns what nerdamer makes of a term; undefined where it has no answer or none that can be read
 * @throws NeedsSymbolic when it has not been asked yet
 */
export function symbolic(
  task: SymbolicRequest['task'],
  of: Term,
  answers: SymbolicAnswers,
  { by, to }: { readonly by?: string; readonly to?: string } = {},
): Term[] | undefined {
  const names = [...new Set([...namesIn(of), ...(by ? [by] : [])])];
  const theirs = new Map(names.map((name, i) => [name, `q${i}`]));
  const term = replaced(inItsWords(of), new Map([...theirs].map(([name, its]) => [name, nameTerm(its)])));
  if (functionsIn(term).some((name) => !ITS_FUNCTIONS.test(name))) return undefined;
  const request: SymbolicRequest = { task, of: bracketed(term), ...(by && { by: theirs.get(by)! }), ...(to && { to }) };
  const answer = answers.get(keyOf(request));
  if (answer === undefined) throw new NeedsSymbolic(request);
  if (answer === null) return undefined;
  const back = new Map([...theirs].map(([name, its]) => [its, nameTerm(name)]));
  try {
    const parts = task === 'solve' ? answer.replace(/^\[|\]$/g, '').split(',') : [answer];
    return parts.filter(Boolean).map((part) => {
      const { sides } = parse(tokensOf(part));
      const [read] = sides;
      if (sides.length !== 1 || !read || namesIn(read).some((name) => !back.has(name))) throw new Error('other names');
      return replaced(read, back);
    });
  } catch {
    // It left a function of its own in it, as limit(...), or i.
    return undefined;
  }
}

function functionsIn(term: Term): string[] {
  if (term.is === 'call') return [term.name, ...term.args.flatMap(functionsIn)];
  return term.is === 'infix' ? [...functionsIn(term.left), ...functionsIn(term.right)] : [];
}

function inItsWords(term: Term): Term {
  if (term.is === 'infix') return { ...term, left: inItsWords(term.left), right: inItsWords(term.right) };
  if (term.is !== 'call') return term;
  const args = term.args.map(inItsWords);
  const [of, second] = args as [Term, Term | undefined];
  const quotient = (a: Term, b: Term): Term => ({ is: 'infix', sign: '/', left: a, right: b });
  if (term.name === 'logb' && second) return quotient(callTerm('log', of), callTerm('log', second));
  if (term.name === 'log2')
    return quotient(callTerm('log', of), callTerm('log', { is: 'number', value: { n: 2n, d: 1n } }));
  if (term.name === 'root' && second)
    return { is: 'infix', sign: '^', left: of, right: quotient({ is: 'number', value: { n: 1n, d: 1n } }, second) };
  return callTerm(term.name, ...args);
}
