import { isNum, type Num, settleDecimals } from './engine.ts';
import { evaluate } from './evaluate.ts';
import { bad, Fault } from './fault.ts';
import { withoutLatex } from './latex.ts';
import { parse } from './parse.ts';
import { plainSpelling } from './spellings.ts';
import { tokensOf } from './tokens.ts';
import { EXACT_WHOLE, isList, tooLarge, type Value } from './value.ts';
import { settleNumbers } from './written-numbers.ts';

/** What a calculation gives, as JSON. */
export type Outcome = number | string | boolean | Outcome[];

/** Characters of an expression at most. */
const LONGEST = 2_000;
/** Digits shown of a number that does not end. */
const DIGITS = 14;
/** A number that ends within this many digits is shown whole: that is what a double can hold. */
const EXACT_DIGITS = 15;

/**
 * Calculates an expression as people, Python and LaTeX write it.
 * @returns a number (whole ones beyond 2^53 as a string with all digits), a boolean, a text or a list of these
 * @throws Fault with words for the model
 */
export function calculateExpression(expression: string): Outcome {
  if (expression.length > LONGEST) throw new Fault('too_large', `an expression may have ${LONGEST} characters`);
  const text = bare(expression);
  if (text === '') throw bad('the expression is empty');
  try {
    return shown(evaluate(parse(settleNumbers(tokensOf(plainSpelling(withoutLatex(text)))))));
  } catch (error) {
    if (!(error instanceof Fault)) settleDecimals();
    // The decimals of mathjs give up on arguments far outside of anything it can reduce, as sin(10**2000).
    if (error instanceof Error && error.message.startsWith('[DecimalError]')) throw tooLarge();
    throw error;
  }
}

/** Without what stands around an expression: `total = 3*4`, `What is 3*4?`, `3*4 = ?`, `$3*4$`. */
function bare(expression: string): string {
  return expression
    .trim()
    .replace(/^`+|`+$/g, '')
    .replace(/^\$(.*\\.*)\$$/s, '$1')
    .replace(/^(?:what is|what's|calculate|compute|evaluate|print)\b(?!\s*\():?/i, '')
    .replace(/[\s=?.;]+$/, '')
    .replace(/^\s*[A-Za-z_]\w*\s*=(?!=)/, '')
    .trim();
}

function shown(value: Value): Outcome {
  if (isList(value)) return value.map(shown);
  if (value === null) throw bad('the result is None');
  return isNum(value) ? shownNumber(value) : value;
}

function shownNumber(value: Num): number | string {
  if (value.isInteger() && value.precision(true) <= EXACT_WHOLE) {
    const whole = value.toNumber();
    return Number.isSafeInteger(whole) ? whole + 0 : value.toFixed();
  }
  const digits = value.precision() <= EXACT_DIGITS ? EXACT_DIGITS : DIGITS;
  // Cancelling leaves dust in the 64th digit: sin(pi) is 0.
  const number = value.abs().lt('1e-50') ? 0 : value.toSignificantDigits(digits).toNumber();
  if (!Number.isFinite(number)) throw tooLarge();
  return number + 0;
}
