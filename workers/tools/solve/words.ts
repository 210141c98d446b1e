/** Which words of a question are maths, and which only stand around it. */
import { isEquationUnit } from './equation-units.ts';
import { CONSTANTS } from './term.ts';
import { isFunction, type Token } from './tokens.ts';

/** Words that stand around equations and are no names in them. */
const AROUND = new Set(
  (
    'an are was what whats solve solving solved find calculate compute determine evaluate value values of off ' +
    'equation equations system following the given that then if when where let have has solution solutions answer ' +
    'which such to how much many please can you we unknown unknowns variable variables all exact possible this these ' +
    'those with respect using by in simplify expand factor show step steps its problem inequality inequalities set ' +
    'expression both sides roots zeros satisfy satisfies satisfying make makes true question use there be from image ' +
    'for it at on do does so number numbers real result results get give me my us tell first second one two simple ' +
    'linear quadratic cubic simultaneous algebraically numerically also need needs want know known need work out ' +
    'integer integers positive negative nonnegative over under differentiate derivative integrate integral limit as ' +
    'domain range each other where every total is was were will would should could let lets suppose assume'
  ).split(' '),
);
const OPERATORS = new Map(Object.entries({ plus: '+', minus: '-', times: '*', of: '*' }));
const RELATIONS = new Map(Object.entries({ equals: '=', equal: '=', is: '=', gives: '=' }));

/** Words for signs that take several of them, done on the text. */
export function wordsAsSigns(text: string): string {
  return text
    .replace(/\bthe square root of\b|\bsquare root of\b/gi, ' sqrt ')
    .replace(/\bthe cube root of\b|\bcube root of\b/gi, ' cbrt ')
    .replace(/\b(?:is\s+)?(?:greater|larger|more) than or equal to\b|\bis at least\b/gi, ' >= ')
    .replace(/\b(?:is\s+)?(?:less|smaller) than or equal to\b|\bis at most\b/gi, ' <= ')
    .replace(/\bis (?:greater|larger|more) than\b/gi, ' > ')
    .replace(/\bis (?:less|smaller) than\b/gi, ' < ')
    .replace(/\b(?:is not|does not|not) equal to\b|\bdoes not equal\b/gi, ' != ')
    .replace(/\b(?:is\s+)?equal(?:s)? to\b|\bis the same as\b/gi, ' = ')
    .replace(
      /\b(?:the )?(sum|product|difference|quotient) (?:of|between) ([a-z]\d?|\d+) and ([a-z]\d?|\d+)\b/gi,
      joinedByWord,
    )
    .replace(/\b(two|three|four|five|six|seven|eight|nine|ten)(?= times\b)/gi, (word) =>
      String(COUNTS.indexOf(word.toLowerCase()) + 2),
    )
    .replace(/\btwice\b(?: as much as)?/gi, ' 2 * ')
    .replace(/\bhalf (?:of )?(?=[a-z]\b|\d)/gi, ' 1/2 * ')
    .replace(/(\b[\w.]+) more than ([\w.]+)/gi, '($2 + $1)')
    .replace(/(\b[\w.]+) less than ([\w.]+)/gi, '($2 - $1)')
    .replace(/\b(?:multiplied by|times)\b/gi, ' * ')
    .replace(/\bdivided by\b/gi, ' / ')
    .replace(/\b(?:raised )?to the power(?: of)?\b/gi, ' ^ ')
    .replace(/(?<=[\w)]\s*)\bsquared\b/gi, '^2 ')
    .replace(/(?<=[\w)]\s*)\bcubed\b/gi, '^3 ')
    .replace(/(?<=\d\s*)\bpercent\b/gi, '% ');
}

const COUNTS = ['two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];

const joinedByWord = (_: string, word: string, a: string, b: string): string =>
  `(${a} ${{ s: '+', p: '*', d: '-', q: '/' }[word[0]!.toLowerCase()]} ${b})`;

const isWord = (token: Token | undefined): boolean =>
  token?.kind === 'name' &&
  /^[A-Za-z]{2,}$/.test(token.text) &&
  token.text !== 'inf' &&
  !isFunction(token.text) &&
  !CONSTANTS.has(token.text);
const isAround = (token: Token | undefined): boolean => isWord(token) && AROUND.has(token!.text.toLowerCase());
const endsValue = (token: Token | undefined): boolean =>
  token !== undefined && (token.kind === 'number' || token.kind === 'name' || /^[)|!%°]$/.test(token.text));
const startsValue = (token: Token | undefined): boolean =>
  token !== undefined && (token.kind === 'number' || token.kind === 'name' || /^[-+(|]$/.test(token.text));

/**
 * Tokens of the maths alone, one list for each stretch of it. Words in front of it and behind it go, also unknown ones
 * where another word or a number follows; a word that an operator joins to the rest is an unknown and stays, as in
 * `price * 3 = 12`.
 */
export function mathsIn(all: readonly Token[]): Token[][] {
  const tokens = withOperators(all);
  const runs: Token[][] = [];
  let kept: Token[] = [];
  for (const [i, token] of tokens.entries()) {
    if (kept.length === 0) {
      if (startsMaths(tokens, i)) kept.push(token);
    } else if (isAround(token)) {
      // What follows is words: `x + 2 = 5 where x is positive`. But `2 times the number x` goes on.
      if (!endsValue(kept.at(-1))) continue;
      runs.push(kept);
      kept = [];
    } else if (!isCounted(tokens, i, kept.at(-1))) kept.push(token);
  }
  return [...runs, kept].filter(({ length }) => length > 0);
}

function startsMaths(tokens: readonly Token[], i: number): boolean {
  const token = tokens[i]!;
  if (token.kind === 'number') return true;
  if (/^[-+(|]$/.test(token.text)) return isMathsAhead(tokens, i);
  if (token.kind !== 'name' || isAround(token)) return false;
  if (!isWord(token)) return !isArticleBefore(token, tokens[i + 1]);
  return isOperator(tokens[i - 1]) || isOperator(tokens[i + 1]);
}

const isCounted = (tokens: readonly Token[], i: number, before: Token | undefined): boolean =>
  isWord(tokens[i]) && before?.kind === 'number' && (isEquationUnit(tokens[i]!.text) || isNoun(tokens, i));

const isArticleBefore = (token: Token, next: Token | undefined): boolean =>
  isArticle(token) && next?.spaced === true && isWord(next);
const isArticle = (token: Token): boolean => /^[aAI]$/.test(token.text);
const isOperator = (token: Token | undefined): boolean =>
  token?.kind === 'relation' || (token?.kind === 'sign' && /^[-+*/^]$/.test(token.text));
const isMathsAhead = (tokens: readonly Token[], i: number): boolean => {
  const next = tokens.slice(i + 1).find(({ text }) => !/^[-+(|]$/.test(text));
  return next !== undefined && (next.kind === 'number' || (next.kind === 'name' && !isAround(next)));
};

/** `3 apples + x = 7 apples`: a thing that is counted, where another name is the unknown. */
function isNoun(tokens: readonly Token[], i: number): boolean {
  return (
    tokens[i]!.spaced &&
    tokens[i]!.text.length > 2 &&
    tokens.some(({ kind, text }) => kind === 'name' && /^[a-zA-Z](?:_?\d+)?$/.test(text))
  );
}

/** Words that stand between two values as their operator or relation. */
function withOperators(tokens: readonly Token[]): Token[] {
  return tokens.flatMap((token, i): Token[] => {
    if (token.kind !== 'name' || !endsValue(tokens[i - 1])) return [token];
    const next = tokens[i + 1];
    const lower = token.text.toLowerCase();
    if (!startsValue(next) || isAround(next) || isArticleBefore(next!, tokens[i + 2])) return [token];
    const previousIsWord = isWord(tokens[i - 1]) && AROUND.has(tokens[i - 1]!.text.toLowerCase());
    if (previousIsWord) return [token];
    const relation = RELATIONS.get(lower);
    if (relation) return [{ ...token, kind: 'relation', text: relation }];
    const sign = OPERATORS.get(lower);
    return sign ? [{ ...token, kind: 'sign', text: sign }] : [token];
  });
}
