import { bad } from './fault.ts';
import type { Token } from './tokens.ts';

/** 1,200 and 1,200,000.50; also the Indian 1,00,000. A number does not begin with 0 and go on in thousands. */
const THOUSANDS = /^[1-9]\d{0,2}(?:,\d{3})+(?:\.\d*)?$|^[1-9]\d?(?:,\d{2})+,\d{3}(?:\.\d*)?$/;
/** 1.200,50 and 1.200.000. */
const POINT_THOUSANDS = /^[1-9]\d{0,2}(?:(?:\.\d{3})+,\d+|(?:\.\d{3}){2,})$/;
/** 5,90 and 0,125: one comma that cannot stand before thousands. */
const DECIMAL_COMMA = /^(?:\d+,(?:\d{1,2}|\d{4,})|0,\d+)$/;
const PLAIN = /^(?:0[xX][\da-fA-F]+|(?:\d+(?:_\d+)*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)$/;

/**
 * Decides what the commas in numbers are. Inside a call or a list they part its items: `max(1,200)` has two. Elsewhere
 * they part thousands (`1,200 + 300`) or decimals (`5,90 + 7,90`), where only one of these can be meant.
 * @throws Fault when either could be meant
 */
export function settleNumbers(tokens: readonly Token[]): Token[] {
  const settled: Token[] = [];
  const brackets: ('items' | 'group')[] = [];
  let decimalComma: string | undefined;
  let thousands: string | undefined;
  for (const [i, token] of tokens.entries()) {
    if (token.text === '[') brackets.push('items');
    // Brackets inside of a call or list stay on the safe side: sum((1,200)) has two items.
    const group = brackets.at(-1) !== 'items' && tokens[i - 1]?.kind !== 'name';
    if (token.text === '(') brackets.push(group ? 'group' : 'items');
    if (token.text === ')' || token.text === ']') brackets.pop();
    if (token.kind !== 'number') {
      settled.push(token);
    } else if (brackets.at(-1) === 'items' && token.text.includes(',')) {
      settled.push(...items(token, tokens[i + 1], tokens[i - 1]));
    } else {
      if (DECIMAL_COMMA.test(token.text)) decimalComma = token.text;
      else if (/^\d{1,3},\d{3}$/.test(token.text)) thousands = token.text;
      settled.push({ ...token, text: digitsOf(token.text) });
    }
  }
  if (decimalComma && thousands)
    throw bad(
      `the comma in ${decimalComma} is a decimal comma, so ${thousands} may mean two things: write numbers as 1234.56`,
    );
  return settled;
}

function items(token: Token, next: Token | undefined, previous: Token | undefined): Token[] {
  const spacedComma = (next?.text === ',' && next.after) || (previous?.text === ',' && previous.after);
  if (spacedComma && THOUSANDS.test(token.text))
    throw bad(`${token.text} may be one number or several here: write thousands without commas, as 1200`);
  return token.text.split(',').flatMap((text, i) => {
    const number: Token = { ...token, text: digitsOf(text) };
    return i ? [{ kind: 'sign', text: ',', before: false, after: false }, number] : [number];
  });
}

function digitsOf(text: string): string {
  if (PLAIN.test(text)) return text.replaceAll('_', '');
  if (THOUSANDS.test(text)) return text.replaceAll(',', '');
  if (POINT_THOUSANDS.test(text)) return text.replaceAll('.', '').replace(',', '.');
  if (DECIMAL_COMMA.test(text)) return text.replace(',', '.');
  throw bad(`${text} is no number: write it as 1234.56, and lists in brackets, as [1, 2, 3]`);
}
