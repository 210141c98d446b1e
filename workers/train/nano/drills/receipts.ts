/** What is asked of receipts: the company, the date, what is to be paid, change from a note, what a line comes to. */
import { evaluate } from 'mathjs';
import { type NanoChain, type NanoTool, type NanoTurn, normaliseRow } from '../../../../shared/nano/format.ts';
import { referred } from '../../../../shared/nano/references.ts';
import type { Random } from '../../../data/random.ts';
import { type Line, phrase, type Receipt, receipt } from './receipt-page.ts';
import { dressed } from './wordings.ts';

const terminate = (argument: string, quotes: readonly number[], placed = false): NanoTurn => ({
  ...{ quotes, ...(placed ? { placed } : {}) },
  action: { name: 'Terminate', argument },
});

interface Asked {
  readonly question: string;
  readonly turns: readonly NanoTurn[];
  readonly result?: string;
}

/** @param expression of numbers that stand in the rows */
function computed({ rows }: Receipt, question: string, quotes: readonly number[], expression: string): Asked {
  const quoted = quotes.map((row) => normaliseRow(rows[row] ?? ''));
  const argument = referred(expression, quoted, question);
  const result = String(Number((evaluate(expression) as number).toFixed(10)));
  return { question, turns: [{ quotes, action: { name: 'Calculate', argument } }, terminate(result, [])], result };
}

const ASKS: Readonly<Record<string, (rng: Random, made: Receipt) => Asked | undefined>> = {
  company: (rng, { company }) => ({
    question: rng.pick([
      'which company is it?',
      'what company gave this receipt',
      'who wrote this bill?',
      'name of the shop?',
      'which company does this receipt come from',
      'the seller is called what?',
      'the company please',
      'which business is the receipt of',
    ]),
    turns: [terminate(company.said, [company.row], true)],
  }),
  date: (rng, { date }) => ({
    question: rng.pick([
      'date?',
      'which date does it have',
      'what date is on this receipt?',
      'the date of this receipt',
      'when was it bought',
      'on which day was this paid?',
      'receipt date',
    ]),
    turns: [date ? terminate(date.said, [date.row], true) : { quotes: [], action: 'unknown' }],
  }),
  total: (rng, { total }) => ({
    question: rng.pick(['total?', 'the total', 'what does it all come to', 'how much had to be paid?', 'sum to pay']),
    turns: [terminate(total.said, [total.row])],
  }),
  change: (rng, made) => {
    const paid = [10, 20, 50, 100, 200, 500, 1000].filter((one) => one > Number(made.total.said));
    if (paid.length === 0) return undefined;
    const by = rng.chance(0.7) ? (paid[0] as number) : rng.pick(paid);
    const question = rng.pick([
      `what change do i get back if i pay ${by}?`,
      `i pay with ${by}, how much change is that`,
      `how much change from ${by}?`,
      `if i hand over ${by}, what do i get back`,
      `i give them ${by}. what is the change?`,
      `paying with a ${by} note, how much comes back?`,
    ]);
    return computed(made, question, [made.total.row], `${by}-${made.total.said}`);
  },
  line: (rng, { lines }) => {
    const { name, amount, rows } = rng.pick(lines);
    const words = name.split(' ');
    const part = words.length > 1 && rng.chance(0.3) ? words.slice(0, 2).join(' ') : name;
    return {
      question: rng.pick([
        `how much is the ${part}?`,
        `${part}: how much`,
        `what did the ${part} cost`,
        `amount for ${part}?`,
        `price of the ${part}`,
      ]),
      turns: [terminate(amount, rows)],
    };
  },
  missing: (rng, { rows }) => {
    const name = phrase(rng, 1, 2);
    const question = rng.pick([`how much is the ${name}?`, `price of the ${name}`, `${name}: how much`]);
    return rows.join(' ').includes(name) ? undefined : { question, turns: [{ quotes: [], action: 'unknown' }] };
  },
  pair: (rng, made) => {
    if (made.lines.length < 2) return undefined;
    const [one, other] = rng.shuffle(made.lines) as [Line, Line];
    const question = rng.pick([
      `${one.name} and ${other.name} together?`,
      `what do ${one.name} plus ${other.name} come to`,
    ]);
    return computed(made, question, [...one.rows, ...other.rows], `${one.amount}+${other.amount}`);
  },
};
const SHARES = [
  ['company', 2],
  ['date', 2],
  ['total', 1.5],
  ['change', 2],
  ['line', 3],
  ['pair', 0.7],
  ['missing', 0.4],
] as const;

/** @returns chains that share one reading */
export function receiptDrill(rng: Random, questions: number): NanoChain[] {
  const made = receipt(rng);
  const tools: NanoTool[] = rng.chance(0.8) ? ['OCR', 'Calculate', 'LocalizeObjects', 'ZoomIn'] : ['OCR', 'Calculate'];
  const images = [{ width: rng.int(3, 30) * 100, height: rng.int(3, 40) * 100 }];
  return Array.from({ length: questions }, () => ASKS[rng.weighted(SHARES)]?.(rng, made)).flatMap((asked) => {
    if (!asked) return [];
    const look: NanoTurn = { quotes: [], action: { name: 'OCR', argument: '0' } };
    return {
      prompt: { tools, budget: 3, images, question: dressed(rng, asked.question) },
      turns: [look, ...asked.turns],
      observations: [{ rows: made.rows }, ...(asked.result === undefined ? [] : [{ result: asked.result }])],
    };
  });
}
