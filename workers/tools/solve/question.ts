import { calculusOf } from './calculus-question.ts';
import { calledQuestion, splitTop } from './called-question.ts';
import { tidied } from './expression.ts';
import { unread } from './fault.ts';
import { parse, type Statement } from './parse.ts';
import { plainText } from './spelling.ts';
import type { Term } from './term.ts';
import { tokensOf } from './tokens.ts';
import { mathsIn, wordsAsSigns } from './words.ts';

/** What is asked: to solve, or one of the things that are done to an expression. */
export type Question =
  | {
      readonly task: 'solve';
      readonly statements: readonly Statement[];
      /** Names that the question itself asks for; empty = whatever is unknown. */
      readonly asked: readonly string[];
      /** An expression beside the statements, or instead of any. */
      readonly expression?: { readonly text: string; readonly of: Term };
      readonly only?: 'positive' | 'negative' | 'whole';
    }
  | { readonly task: 'factor' | 'expand' | 'simplify'; readonly of: Term }
  | {
      readonly task: 'differentiate';
      readonly of: Term;
      readonly by: string;
      readonly times: number;
      readonly at?: Term;
    }
  | { readonly task: 'integrate'; readonly of: Term; readonly by: string; readonly from?: Term; readonly to?: Term }
  | { readonly task: 'limit'; readonly of: Term; readonly by: string; readonly to: Term; readonly side: -1 | 0 | 1 };

/** Characters of a question at most. */
const LONGEST = 2_000;
const MOST_STATEMENTS = 12;
const NAME = '[A-Za-z](?:_?\\d+|_[a-z])?';
const NAMES = `${NAME}(?:\\s*(?:,|and|&|or)\\s*${NAME}(?![\\w(]))*`;
const EACH_NAME = new RegExp(`\\b${NAME}\\b`, 'g');
const END = '(?=\\s*(?:[?.;:\\n]|,?\\s*$|,|\\b(?:if|when|where|given|in|from|such|that|which|for)\\b))';
const REQUESTS = [
  /\b([a-z])\s+in terms of\s+[a-z]\b/gi,
  new RegExp(
    `\\b(?:solv(?:e|ed|ing)\\b)?\\s*\\bfor\\s+(?:the\\s+(?:unknowns?|variables?)\\s+)?[({]?(${NAMES})[)}]?${END}`,
    'gi',
  ),
  new RegExp(
    "\\b(?:find|determine|get|compute|calculate|(?:what|which)(?:'?s|\\s+is|\\s+are)?)\\s+(?:the\\s+)?(?:real\\s+|exact\\s+|possible\\s+)?" +
      `(?:values?\\s+of\\s+|values?\\s+for\\s+|solutions?\\s+for\\s+)?(${NAMES})${END}`,
    'gi',
  ),
  new RegExp(`(?<![\\w)*/+^-]\\s*)\\b(${NAME})\\s*=\\s*\\?`, 'g'),
];

/**
 * Reads a question about equations as people, Python and LaTeX write it.
 * @throws Fault with words that tell how to write it
 */
export function readQuestion(query: string): Question {
  if (query.length > LONGEST) throw unread(`a question may have ${LONGEST} characters: give only the equations`);
  const text = plainText(withoutCurrency(query)).trim();
  if (!text) throw unread('the query is empty: write an equation such as "2x + 3 = 11"');
  return calledQuestion(text, solvingOf) ?? calculusOf(text) ?? solvingOf(text);
}

const withoutCurrency = (text: string): string =>
  text
    .replace(/(?:US|A|S|C)?[$€£¥₹](?=\s*[\d.\\(a-zA-Z-])|[$€£¥₹]/g, '')
    .replace(/\b(?:RM|USD|EUR|GBP|MYR|SGD)\s?(?=\d)|(?<=\d\s?)(?:USD|EUR|GBP|MYR|SGD)\b/g, '')
    .replace(/(?<![\d.,])[1-9]\d{0,2}(?:,\d{3})+(?![\d,])/g, (number) => number.replaceAll(',', ''));

/** Words for the only solutions that are wanted. */
function wanted(text: string): 'positive' | 'negative' | 'whole' | undefined {
  const sign = /\b(positive|negative)\b/i.exec(text)?.[1]?.toLowerCase();
  if (sign) return sign as 'positive';
  return /\b(?:integers?|whole)\b/i.test(text) ? 'whole' : undefined;
}

function solvingOf(given: string): Question {
  const { text, asked } = withoutRequests(wordsAsSigns(given));
  const statements: Statement[] = [];
  let expression: { text: string; of: Term } | undefined;
  let fault: unknown;
  for (const piece of pieces(text)) {
    const bare = piece.replace(/=\s*\?*\s*$/, '');
    try {
      for (const statement of mathsIn(tokensOf(tidied(bare))).map(parse))
        if (statement.relations.length > 0) statements.push(statement);
        else expression ??= { text: bare.trim(), of: statement.sides[0]! };
    } catch (error) {
      // Words around the equations need not be maths.
      if (RELATION.test(bare)) throw error;
      fault ??= error;
    }
  }
  if (statements.length > MOST_STATEMENTS) throw unread(`at most ${MOST_STATEMENTS} equations are solved at a time`);
  if (statements.length === 0 && !expression)
    throw (
      fault ?? unread('there is no equation in it: write one such as "2x + 3 = 11", with names for what is unknown')
    );
  const only = wanted(given);
  return { task: 'solve', statements, asked, ...(expression && { expression }), ...(only && { only }) };
}

/** Takes out what the question asks for: `solve for y:`, `what is x?`, `find a and b`, `x = ?`. */
function withoutRequests(given: string): { text: string; asked: string[] } {
  const asked = new Set<string>();
  let text = given;
  for (const pattern of REQUESTS)
    text = text.replace(pattern, (_, names: string) => {
      for (const name of names.match(EACH_NAME) ?? []) asked.add(name);
      return ' ; ';
    });
  return { text, asked: [...asked] };
}

const RELATION = /[=<>]/;

/** The statements of a text. A comma inside of brackets, or one that only parts decimals, is none between statements. */
function pieces(text: string): string[] {
  const parts = text.split(/[;?\n:]|\.(?=\s|$)|\b(?:and|AND)\b|\s&\s/).flatMap((part) => {
    const split = splitTop(part);
    if (split.length === 1 || /,\s/.test(part) || split.every((piece) => RELATION.test(piece))) return split;
    return /\d,\d/.test(part) ? [part.replace(/(?<=\d),(?=\d)/g, '.')] : split;
  });
  return parts.filter((part) => part.trim());
}
