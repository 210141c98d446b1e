/**
 * The answers that an observation bears out, worked out from its rows and the question, without a look at the chain.
 * Where the checker cannot read the question it says so: an opinion is no confirmation.
 */
import { calculated } from '../arithmetic.ts';
import { countOf, intentOf } from './question.ts';
import { nearest, numbersIn, squeeze } from './text.ts';

export type Derived = { readonly answers: readonly (number | string)[] } | 'cannot read';

interface Line {
  readonly cells: readonly string[];
  readonly text: string;
}

/** Rows whose name the question says, in the order of saying; a word of it that no other row has counts too. */
function namedRows(
  question: string,
  lines: readonly Line[],
): { line: number; at: number; cell: number; length: number }[] {
  const said = squeeze(question);
  const found: { line: number; at: number; cell: number; length: number }[] = [];
  lines.forEach(({ cells }, line) => {
    cells.forEach((text, cell) => {
      // Without a list number before it and a price behind it; figures of the name itself stay.
      const name = squeeze(text.replace(/^\d+[.)]\s*/, '').replace(/\S{0,3}\s*\d+[.,]\d{2,3}\s*\S{0,2}$/, ''));
      if (name.length < 3 || !/[a-z]{2}/.test(name)) return;
      const { edits, end } = nearest(name, said);
      if (edits <= Math.floor(name.length * 0.2))
        found.push({ line, at: end - name.length, cell, length: name.length - edits });
    });
  });
  // A shorter name inside a longer one that is said at the same place is not meant.
  return found
    .filter(
      (f) =>
        !found.some(
          (o) => o !== f && o.length > f.length && o.at <= f.at + 1 && o.at + o.length >= f.at + f.length - 1,
        ),
    )
    .sort((a, b) => a.at - b.at);
}

/**
 * The one number that goes with a name: in the cells behind it up to the next words, at the end of its own cell, or alone
 * in the next row. Undefined where there is none or more than one: then it is not clear which is meant.
 */
function valueBeside(lines: readonly Line[], line: number, cell: number): number | undefined {
  const cells = lines[line]?.cells ?? [];
  const behind: string[] = [];
  for (const text of cells.slice(cell + 1)) {
    if (/\p{L}{3}/u.test(text)) break;
    behind.push(text);
  }
  if (behind.length > 0) {
    const numbers = behind.flatMap(numbersIn);
    return behind.length === 1 && numbers.length === 1 && !/\d \d/.test(behind[0] as string) ? numbers[0] : undefined;
  }
  if (cells.length > cell + 1) return undefined;
  const tail = /(?<![\d.,])(\d+[.,]\d{2,3})\s*\S{0,2}$/.exec(cells[cell] ?? '')?.[1];
  if (tail !== undefined) return numbersIn(tail)[0];
  if (/\d/.test((cells[cell] ?? '').slice(-4))) return undefined;
  const below = lines[line + 1];
  return below?.cells.length === 1 && !/\p{L}{2}|\d \d/u.test(below.text) && numbersIn(below.text).length === 1
    ? numbersIn(below.text)[0]
    : undefined;
}

const TOTAL = /t[o0]ta[l1i]|payable|to ?pay|amount ?due|balance ?due|nett?\b|^sum\b|amount\b/i;

/** The amount payable: the last total row before the payment, after rounding. */
function payable(lines: readonly Line[]): number[] {
  const stop = lines.findIndex(
    ({ text }, i) =>
      i > 3 &&
      /^(cash|paid|tender|visa|master|card|debit|credit|amount (paid|tend)|payment)/i.test(text.trim()) &&
      /\d/.test(text + (lines[i + 1]?.text ?? '')),
  );
  const body = stop > 0 ? lines.slice(0, stop) : lines;
  const values: number[] = [];
  body.forEach(({ text }, i) => {
    if (!TOTAL.test(text) || /sub|excl|before|qty|item|disc|saved|points|code/i.test(text)) return;
    const value = numbersIn(text).at(-1) ?? numbersIn(lines[i + 1]?.text ?? '').at(-1);
    if (value !== undefined) values.push(value);
  });
  return values;
}

/** Answers for a question about these rows. */
export function derive(question: string, rows: readonly string[]): Derived {
  const lines = rows.map((row): Line => ({ cells: row.split('\t'), text: row }));
  const receipt =
    rows.filter((r) => /t[o0]ta[l1]|cash|change|receipt|invoice|rounding|gst|vat|\btel\b/i.test(r)).length >= 3;
  const intent = intentOf(question, receipt);
  const named = namedRows(question, lines);
  const values = named.map((n) => valueBeside(lines, n.line, n.cell)).filter((v) => v !== undefined);
  const table = lines.some(({ cells }) => cells.length >= 3 && !/\d/.test(cells.join('')));
  switch (intent.kind) {
    case 'field':
      return intent.field === 'total' && named.length === 0 && payable(lines).length > 0
        ? { answers: payable(lines) }
        : 'cannot read';
    case 'how-many':
      return values.length === 1
        ? { answers: [2, 1, 3].map((d) => Number((intent.money / (values[0] as number)).toFixed(d))) }
        : 'cannot read';
    case 'units':
      return values.length === 1
        ? { answers: [Number(((values[0] as number) * intent.count).toFixed(2))] }
        : 'cannot read';
    case 'change':
      return values.length === 1 && !/\b(and|plus)\b/i.test(question)
        ? { answers: [intent.from - (values[0] as number)] }
        : 'cannot read';
    case 'percent-off':
      return values.length === 1
        ? { answers: [((values[0] as number) * (100 - intent.percent)) / 100] }
        : 'cannot read';
    case 'difference':
      return values.length === 2 && !table
        ? { answers: [Math.abs((values[0] as number) - (values[1] as number))] }
        : 'cannot read';
    case 'equation': {
      const sole =
        /=\s*\S*$/.test(lines.at(-1)?.text ?? '') && lines.length > 1
          ? []
          : lines.filter(({ text }) => /\d\s*[-+x×*÷/]\s*\(?\d/.test(text));
      const value =
        sole.length === 1 && sole[0]?.cells.length === 1
          ? calculated(
              sole[0].text
                .replace(/[x×]/g, '*')
                .replace(/÷/g, '/')
                .replace(/[^\d.+*/()-].*$/, ''),
            )
          : undefined;
      return value === undefined ? 'cannot read' : { answers: [value] };
    }
    case 'name': {
      if (table || receipt) return 'cannot read';
      const words = question.split(/[^\p{L}\p{N}%]+/u);
      const order = named.filter((n, i) => named.findIndex((o) => o.line === n.line && o.cell === n.cell) === i);
      // As many names as the question lists, all found: a part of a name may stand for another row.
      const listed = question.split(/,| and | plus | with /i).filter((part) => /\p{L}{2}/u.test(part)).length;
      if (order.length === 0 || order.length !== values.length || (order.length > 1 && order.length < listed - 1))
        return 'cannot read';
      if (order.length === 1 && /\b(and|plus|with)\b/i.test(question)) return 'cannot read';
      if (
        /^(which|who|what (costs|can|do|did|number|stands|has)|name the|\$?[\d.]+ (is|belongs))|which (number|\w+ (costs|is|has))|number/i.test(
          question,
        )
      )
        return 'cannot read';
      // Each name's count is the last one said before it.
      let from = 0;
      const counts = order.map((n) => {
        let length = 0;
        let count = 1;
        for (const word of words) {
          length += squeeze(word).length;
          if (length > n.at + 1) break;
          if (length > from) count = countOf(word) ?? count;
        }
        from = n.at + n.length;
        return count;
      });
      return {
        answers: [
          values.reduce((sum, v, i) => sum + v * (counts[i] as number), 0),
          ...(order.length === 1 ? [values[0] as number] : []),
        ],
      };
    }
    default:
      return 'cannot read';
  }
}
