import { bad } from './fault.ts';

export type Token = {
  readonly kind: 'number' | 'name' | 'string' | 'sign' | 'end';
  /** A number's digits as JavaScript writes them; a name; a string's content; a sign. */
  readonly text: string;
  /** Whether white space stands before and after. */
  readonly before: boolean;
  readonly after: boolean;
};

const SPACE = /[\s\u00a0]*/y;
const NUMBER = /(?:0[xX][\da-fA-F]+|(?:\d(?:[\d.,_]*\d)?\.?|\.\d+)(?:[eE][+-]?\d+)?)/y;
/** A digit in front of the `x` is a product; so is one behind it. A currency may touch its amount. */
const NAME = /[xX](?=\d)|(?:RM|Rs|USD|EUR|GBP|MYR|SGD|INR|AUD|CAD|CHF)(?=\d)|[A-Za-zπτ_][\w]*(?:\.[A-Za-z_]\w*)*/y;
const STRING = /"([^"\\]*)"|'([^'\\]*)'/y;
const SIGN = /\*\*|\/\/|<=|>=|==|!=|<>|&&|\|\||[-+*/%^!<>()[\],=°$€£¥₹√²³]/y;

/** Other signs for the same thing. */
export const SAME = new Map(
  Object.entries({
    '×': '*',
    '✕': '*',
    '∙': '*',
    '·': '*',
    '⋅': '*',
    '∗': '*',
    '÷': '/',
    '∕': '/',
    '⁄': '/',
    '−': '-',
    '–': '-',
    '—': '-',
    '≤': '<=',
    '≥': '>=',
    '≠': '!=',
    '，': ',',
    '（': '(',
    '）': ')',
    '’': "'",
    '“': '"',
    '”': '"',
  }),
);

const CURRENCY_SIGN = /^[$€£¥₹]$/;
const CURRENCY_NAME = /^(?:RM|Rs|USD|EUR|GBP|MYR|SGD|INR|AUD|CAD|CHF|US|dollars?|euros?|pounds?|ringgit)$/;
const WORDS = new Map(
  Object.entries({
    plus: '+',
    minus: '-',
    times: '*',
    over: '/',
    of: '*',
    mod: 'mod',
    x: '*',
    X: '*',
  }),
);

/**
 * Cuts an expression into tokens; drops currencies; reads words and other signs as operators.
 * Numbers still hold the commas and points that they were written with: see `settleNumbers`.
 * @throws Fault at a character that has no meaning here
 */
export function tokensOf(expression: string): Token[] {
  const text = [...expression].map((char) => SAME.get(char) ?? char).join('');
  const tokens: Token[] = [];
  let at = 0;
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found) at = pattern.lastIndex;
    return found;
  };
  for (;;) {
    const before = match(SPACE)![0] !== '';
    if (at >= text.length) break;
    const [kind, found] = read(match);
    if (!kind || !found)
      throw bad(
        `${JSON.stringify(text[at])} has no meaning here: use numbers, names of functions and + - * / // % ** ( ) [ ] ,`,
      );
    const after = /[\s\u00a0]/.test(text[at] ?? '');
    tokens.push({ kind, text: kind === 'string' ? (found[1] ?? found[2] ?? '') : found[0], before, after });
  }
  return withOperators(withoutCurrency(tokens));
}

function read(match: (pattern: RegExp) => RegExpExecArray | null): [Token['kind'] | undefined, RegExpExecArray | null] {
  for (const [kind, pattern] of [
    ['number', NUMBER],
    ['name', NAME],
    ['string', STRING],
    ['sign', SIGN],
  ] as const) {
    const found = match(pattern);
    if (found) return [kind, found];
  }
  return [undefined, null];
}

function withoutCurrency(tokens: readonly Token[]): Token[] {
  const isNumber = (token: Token | undefined) => token?.kind === 'number';
  return tokens.filter((token, i) => {
    if (token.kind === 'sign') return !CURRENCY_SIGN.test(token.text);
    if (token.kind !== 'name' || !CURRENCY_NAME.test(token.text)) return true;
    const next = tokens[i + 1];
    const beforeNumber = isNumber(next) || (next?.kind === 'sign' && CURRENCY_SIGN.test(next.text));
    return !(beforeNumber || isNumber(tokens[i - 1]));
  });
}

/** Words that stand between two values as their operator. */
function withOperators(tokens: readonly Token[]): Token[] {
  return tokens.flatMap((token, i): Token[] => {
    const [previous, next] = [tokens[i - 1], tokens[i + 1]];
    if (token.text === 'by' && previous?.text === 'divided') return [];
    if (token.kind !== 'name' || !endsValue(previous)) return [token];
    if (token.text === 'percent') return [{ ...token, kind: 'sign', text: '%' }];
    if (!next) return [token];
    const sign = token.text === 'divided' && next.text === 'by' ? '/' : WORDS.get(token.text);
    return [
      sign && startsValue(token.text === 'divided' ? tokens[i + 2] : next)
        ? { ...token, kind: 'sign', text: sign }
        : token,
    ];
  });
}

function endsValue(token: Token | undefined): boolean {
  if (!token) return false;
  return token.kind === 'number' || token.kind === 'name' || /^[)\]%!°²³]$/.test(token.text);
}

/** Whether a value can begin with this token. */
export function startsValue(token: Token | undefined): boolean {
  if (!token) return false;
  if (token.kind === 'name') return !/^(?:if|else|and|or|not|in|for|of|mod)$/.test(token.text);
  return token.kind === 'number' || token.kind === 'string' || /^[-+([√]$/.test(token.text);
}
