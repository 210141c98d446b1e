/** Which words of a question are maths, and which only stand around it. */
import { isFunction, type Token } from './tokens.ts';
import { CONSTANTS } from './term.ts';

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
const OPERATORS = new Map(
  Object.entries({ plus: '+', minus: '-', times: '*', x: '', of: '*', percent: '%', squared: '^2', cubed: '^3' }),
);
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
    .replace(/\b(?:multiplied by|times)\b/gi, ' * ')
    .replace(/\bdivided by\b/gi, ' / ')
    .replace(/\b(?:raised )?to the power(?: of)?\b/gi, ' ^ ')
    .replace(/(?<=[\w)]\s*)\bsquared\b/gi, '^2 ')
    .replace(/(?<=[\w)]\s*)\bcubed\b/gi, '^3 ')
    .replace(/(?<=\d\s*)\bpercent\b/gi, '% ');
}

/** Amounts that people put units behind: in an equation only their numbers count. */
const UNITS = new Set(
  (
    'cm mm km kg mg lb lbs oz ft inch inches feet foot mile miles mph kmh hour hours hr hrs minute minutes min sec ' +
    'second seconds day days week weeks month months year years dollar dollars cent cents euro euros usd eur gbp myr ' +
    'rm meter meters metre metres gram grams liter liters litre litres gallon gallons yard yards ml degrees units unit'
  ).split(' '),
);
export const isEquationUnit = (word: string): boolean => UNITS.has(word.toLowerCase());

const isWord = (token: Token | undefined): boolean =>
  token?.kind === 'name' && /^[A-Za-z]{2,}$/.test(token.text) && token.text !== 'inf' && !isFunction(token.text) && !CONSTANTS.has(token.text);
const isAround = (token: Token | undefined): boolean => isWord(token) && AROUND.has(token!.text.toLowerCase());
const endsValue = (token: Token | undefined): boolean =>
  token !== undefined && (token.kind === 'number' || token.kind === 'name' || /^[)|!%°]$/.test(token.text));
const startsValue = (token: Token | undefined): boolean =>
  token !== undefined && (token.kind === 'number' || token.kind === 'name' || /^[-+(|]$/.test(token.text));

/**
 * Tokens of the maths alone. Words in front of it and behind it go, also unknown ones where another word or a number
 * follows; a word that an operator joins to the rest is an unknown and stays, as in `price * 3 = 12`.
 */
export function withoutWords(all: readonly Token[]): Token[] {
  const tokens = withOperators(all);
  const isMaths = (i: number): boolean => {
    const token = tokens[i]!;
    if (token.kind === 'number') return true;
    if (token.kind !== 'name' || isAround(token)) return false;
    if (!isWord(token)) return !(isArticle(token) && tokens[i + 1]?.spaced && isWord(tokens[i + 1]));
    const [before, after] = [tokens[i - 1], tokens[i + 1]];
    return isOperator(before) || isOperator(after);
  };
  const start = tokens.findIndex((token, i) => isMaths(i) || (/^[-+(|]$/.test(token.text) && isMathsAhead(tokens, i)));
  if (start < 0) return [];
  const kept: Token[] = [];
  for (let i = start; i < tokens.length; i++) {
    const token = tokens[i]!;
    if (isAround(token) && kept.length) {
      // What follows is words: `x + 2 = 5 where x is positive`.
      if (endsValue(kept.at(-1))) break;
      continue;
    }
    if (isWord(token) && kept.at(-1)?.kind === 'number' && (isEquationUnit(token.text) || isNoun(tokens, i))) continue;
    kept.push(token);
  }
  return kept;
}

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
    if (!startsValue(next) || isAround(next)) return [token];
    const previousIsWord = isWord(tokens[i - 1]) && AROUND.has(tokens[i - 1]!.text.toLowerCase());
    if (previousIsWord) return [token];
    const relation = RELATIONS.get(lower);
    if (relation) return [{ ...token, kind: 'relation', text: relation }];
    const sign = OPERATORS.get(lower);
    return sign && sign.length === 1 ? [{ ...token, kind: 'sign', text: sign }] : [token];
  });
}
