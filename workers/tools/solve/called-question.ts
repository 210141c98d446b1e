/** Questions as programs write them: `solve(x^2 - 4, x)`, `diff(sin(x), x)`, `integrate(x^2, (x, 0, 1))`. */
import { boundOf, expressionIn, nameFor } from './expression.ts';
import type { Question } from './question.ts';

/** `solve(x^2 - 4, x)`, as sympy writes it: the name and its arguments. */
function callOf(text: string): { name: string; args: string[] } | undefined {
  const found = /^(?:print\()?\s*([A-Za-z]+)\s*\((.*)\)\s*$/s.exec(text);
  if (!found) return undefined;
  const args: string[] = [];
  let [depth, from] = [0, 0];
  const inside = found[2]!;
  for (let i = 0; i <= inside.length; i++) {
    const char = inside[i];
    if (char === '(' || char === '[') depth++;
    if (char === ')' || char === ']') depth--;
    if (depth < 0) return undefined;
    if (depth === 0 && (char === ',' || char === undefined)) {
      args.push(inside.slice(from, i).trim());
      from = i + 1;
    }
  }
  return { name: found[1]!.toLowerCase(), args };
}

/**
 * @param solving reads the equations of a `solve(...)`
 * @returns undefined when the text is no such call
 */
export function calledQuestion(text: string, solving: (equations: string) => Question): Question | undefined {
  const { name, args = [] } = callOf(text) ?? {};
  const [first = '', second, third, fourth] = args;
  switch (name) {
    case 'diff':
    case 'derivative':
    case 'd': {
      const of = expressionIn(first);
      return { task: 'differentiate', of, by: nameFor(of, second), times: third ? wholeOf(third) : 1 };
    }
    case 'integrate':
    case 'integral':
    case 'int': {
      const of = expressionIn(first);
      const bounds = second?.startsWith('(') ? second.slice(1, -1).split(',') : [second, third, fourth];
      const [by, from, to] = bounds.map((bound) => bound?.trim());
      return {
        task: 'integrate',
        of,
        by: nameFor(of, by),
        ...(from && to && { from: expressionIn(from), to: expressionIn(to) }),
      };
    }
    case 'limit':
    case 'lim': {
      if (!third) return undefined;
      const of = expressionIn(first);
      return { task: 'limit', of, by: nameFor(of, second), to: boundOf(third), side: 0 };
    }
    case 'factor':
    case 'expand':
    case 'simplify':
      return args.length === 1 ? { task: name, of: expressionIn(first) } : undefined;
    case 'solve':
    case 'solveset':
    case 'nsolve':
      return solvedCall(args, solving);
    default:
      return undefined;
  }
}

function solvedCall(args: readonly string[], solving: (equations: string) => Question): Question {
  const [first = '', ...rest] = args;
  const list = /^[[(](.*)[\])]$/s.exec(first)?.[1] ?? first;
  const equations = splitTop(list).map((equation) => {
    const eq = /^Eq\((.*)\)$/s.exec(equation.trim());
    const [left, right] = eq ? splitTop(eq[1]!) : [];
    const plain = eq ? `${left} = ${right ?? '0'}` : equation;
    return /[<>=]/.test(plain) ? plain : `${plain} = 0`;
  });
  const asked = rest.join(',').match(/[A-Za-z](?:_?\d+|_[a-z])?/g) ?? [];
  const question = solving(equations.join(' ; '));
  return question.task === 'solve' && asked.length ? { ...question, asked } : question;
}

/** The parts between commas that stand in no bracket. */
export function splitTop(text: string): string[] {
  const args = callOf(`f(${text})`)?.args ?? [];
  // Brackets that do not close leave nothing.
  return args.length > 0 ? args : [text];
}

const wholeOf = (text: string): number => Math.min(10, Math.max(1, Number.parseInt(text, 10) || 1));
