import { isEquationUnit } from './equation-units.ts';
import { unread } from './fault.ts';
import { FUNCTIONS } from './value.ts';

export interface Token {
  readonly kind: 'number' | 'name' | 'sign' | 'relation' | 'end';
  readonly text: string;
  /** Whether white space stands before it. */
  readonly spaced: boolean;
}

const NUMBER = /(?:\d+(?:_\d+)*(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+(?![\w.]))?/y;
const NAME = /[A-Za-z](?:[A-Za-z]*(?:_[A-Za-z0-9]+|\d+)?)/y;
const RELATION = /<=|>=|=<|=>|==|!=|<>|=|<|>/y;
const SIGN = /[-+*/^()|!%°,]/y;
const SPACE = /\s*/y;

/** Other names of functions. */
const SAME_FUNCTION = new Map(
  Object.entries({
    ln: 'log',
    loge: 'log',
    lg: 'log10',
    lb: 'log2',
    arcsin: 'asin',
    arccos: 'acos',
    arctan: 'atan',
    Abs: 'abs',
    sgn: 'sign',
    cosec: 'csc',
    tg: 'tan',
    ctg: 'cot',
    nthRoot: 'root',
    squareroot: 'sqrt',
    Sqrt: 'sqrt',
    Sin: 'sin',
    Cos: 'cos',
    Tan: 'tan',
    Log: 'log',
    Exp: 'exp',
  }),
);
/** Two letters are a product, save these. */
const WHOLE = /^(?:pi|mu|nu|xi)$/;
export const isFunction = (name: string): boolean => FUNCTIONS.has(name) || SAME_FUNCTION.has(name);
export const functionOf = (name: string): string => SAME_FUNCTION.get(name) ?? name;

/**
 * Cuts a statement into tokens. Names are letters, with a number or an index at their end; nothing else gets past here.
 * @throws Fault at a character that has no meaning in an equation
 */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) at = pattern.lastIndex;
    return found;
  };
  for (;;) {
    const spaced = match(SPACE) !== '';
    if (at >= text.length) return tokens;
    const start = at;
    const number = match(NUMBER);
    if (number !== undefined) {
      tokens.push({ kind: 'number', text: number.replaceAll('_', ''), spaced });
      continue;
    }
    const name = match(NAME);
    if (name !== undefined) {
      tokens.push(...named(name, spaced, tokens.at(-1)));
      continue;
    }
    const relation = match(RELATION);
    const sign = relation === undefined ? match(SIGN) : undefined;
    if (relation !== undefined) tokens.push({ kind: 'relation', text: sameRelation(relation), spaced });
    else if (sign !== undefined) tokens.push({ kind: 'sign', text: sign, spaced });
    else
      throw unread(
        `${JSON.stringify([...text.slice(start)][0])} has no meaning here: write equations such as "2x + 3 = 11", separated by commas`,
      );
  }
}

function sameRelation(text: string): string {
  if (text === '==') return '=';
  if (text === '=<') return '<=';
  if (text === '=>') return '>=';
  return text === '<>' ? '!=' : text;
}

/** English words of two letters, which are a product only where they stand as a factor: u + at, 2as. */
const SHORT_WORD = /^(?:of|if|is|in|to|at|on|it|as|by|an|or|we|do|so|be|me|my|no|us|for)$/i;

function named(name: string, spaced: boolean, previous: Token | undefined): Token[] {
  const whole: Token = { kind: 'name', text: name, spaced };
  // log_2(8), log2(8) and log10(8) are functions of that base.
  if (/^log_?\w+$/.test(name)) return [whole];
  const product = /^[A-Za-z]{2}$/.test(name) ? !WHOLE.test(name) : /^(?:[xyz]{3}|abc)$/.test(name);
  const joined = previous?.kind === 'relation' || (previous?.kind === 'sign' && /^[-+*/]$/.test(previous.text));
  const counted = previous?.kind === 'number' && spaced && isEquationUnit(name);
  const word = SHORT_WORD.test(name) && !joined && !(previous?.kind === 'number' && !spaced);
  if (isFunction(name) || !product || word || counted) return [whole];
  return [...name].map((text, i) => ({ kind: 'name', text, spaced: i === 0 && spaced }));
}
