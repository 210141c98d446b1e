/** Sums that stand in the question: nothing has to be read. */
import { evaluate } from '../calc.ts';
import type { Random } from '../random.ts';
import { type Ask, resultText, rounded } from './ask.ts';
import { phrase, type Split } from './phrase.ts';

const arithmetic = [
  'what is $sum',
  'how much is $sum',
  '[calculate|compute|work out|evaluate] $sum',
  "what's $sum",
  '$sum',
  '$sum = [|what]',
  'please [solve|calculate] $sum',
  'tell me what $sum is',
  '[give me|find] the [result|value|answer] of $sum',
  'can you [calculate|work out] $sum',
  'what does $sum [make|equal|come to|give]',
];

/** A sum that stands in the question: nothing has to be read. */
export function askPlain(rng: Random, split: Split): Ask {
  const number = (): string =>
    rng.chance(0.2) ? (rng.int(1, 9999) / 100).toString() : String(rng.int(1, rng.pick([9, 20, 99, 999])));
  const a = number();
  const b = number();
  const c = String(rng.int(1, 20));
  if (rng.chance(0.2)) return askPercent(rng, split);
  const expression = rng.pick([
    `${a}+${b}`,
    `${a}-${b}`,
    `${a}*${b}`,
    `${a}+${b}*${c}`,
    `(${a}+${b})*${c}`,
    `${a}/${c}`,
    `${a}+${b}+${c}`,
    `${a}*${c}-${b}`,
  ]);
  const times = rng.pick(['x', '*', ' x ', ' * ', '×', ' times ']);
  const plus = rng.pick(['+', ' + ', ' + ', ' plus ']);
  const printed = expression
    .replace(/\*/g, times)
    .replace(/\+/g, plus)
    .replace(/-/g, rng.pick(['-', ' - ', ' minus ']))
    .replace(/\//g, rng.pick(['/', ' / ', ' divided by ']));
  const exact = evaluate(expression);
  const whole = Math.abs(exact - Math.round(exact)) < 1e-9;
  const divides = expression.includes('/') && !whole;
  const p = phrase(rng, arithmetic, { sum: printed }, split);
  return {
    family: 'no-tool',
    kind: 'no-tool/sum',
    ...p,
    truth: resultText(divides ? rounded(exact) : exact),
    turns: [
      {
        evidence: [],
        next: {
          calculate: () => (divides ? `round(${expression}, 2)` : expression),
          operands: [],
          result: divides ? rounded(exact) : exact,
        },
      },
      { evidence: [], next: { answer: 'result' } },
    ],
    needsPicture: false,
  };
}

/** So many per cent of a number, which no sign of arithmetic in the question says how to compute. */
function askPercent(rng: Random, split: Split): Ask {
  const percent = rng.chance(0.7) ? rng.int(1, 20) * 5 : rng.int(1, 99);
  const whole = rng.chance(0.3) ? rng.int(1, 99_999) / 100 : rng.int(2, rng.pick([60, 500, 9_000]));
  const sum = rng.pick([`${percent}% of ${whole}`, `${percent} % of ${whole}`, `${percent} percent of ${whole}`]);
  const result = rounded((percent * whole) / 100);
  if (Number.isNaN(result)) return askPercent(rng, split);
  return {
    family: 'no-tool',
    kind: 'no-tool/percent',
    ...phrase(rng, arithmetic, { sum }, split),
    truth: resultText(result),
    turns: [
      { evidence: [], next: { calculate: () => `round(${percent}*${whole}/100, 2)`, operands: [], result } },
      { evidence: [], next: { answer: 'result' } },
    ],
    needsPicture: false,
  };
}
