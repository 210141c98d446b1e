/** Questions about names with values: menus, price boards, labelled charts, nutrition labels. */
import type { Random } from '../random.ts';
import type { Entry, Place, PriceFacts } from '../scene/scene.ts';
import { inventName } from '../words/invent.ts';
import { type Ask, type Family, resultText, rounded, type Turn } from './ask.ts';
import { partOf, phrase, type Split, spoken } from './phrase.ts';
import * as say from './price-words.ts';

/** How an answer is copied: a number without its currency, or the whole cell where a unit belongs to it. */
export const answerAs = (value: string): 'amount' | 'text' =>
  /(%|\d\s*(g|mg|mcg|km|kg|h))$/i.test(value) ? 'text' : 'amount';
const isNumberText = (value: string): boolean => answerAs(value) === 'amount';
const evidenceOf = (e: Entry): readonly Place[] => [e.nameAt, e.valueAt];

/** The number of an entry as text, for truths: digits as printed, without currency. */
export const amountText = (e: { value: string; amount: number }): string =>
  isNumberText(e.value) ? String(e.amount) : e.value;

interface Context {
  readonly rng: Random;
  readonly facts: PriceFacts;
  readonly split: Split;
}

function quantity(rng: Random, n: number): string {
  if (n === 1) return rng.pick(['one', 'one', 'a', '1']);
  return rng.chance(0.7) ? (say.quantityWords[n] ?? String(n)) : String(n);
}

function said({ rng, facts }: Context, e: Entry, withNoun = true): string {
  const whole = spoken(
    rng,
    rng.chance(0.2)
      ? partOf(
          rng,
          e.name,
          facts.entries.map((o) => o.name),
        )
      : e.name,
  );
  if (!withNoun) return whole;
  const nouns =
    facts.what === 'board'
      ? ['gas', 'fuel', 'gasoline', 'petrol']
      : facts.what === 'menu'
        ? [facts.noun, 'dish', 'pizza', 'one', 'drink']
        : [];
  return nouns.length > 0 && rng.chance(0.12) ? `${whole} ${rng.pick(nouns)}` : whole;
}

const make = (
  family: Family,
  kind: string,
  p: { text: string; skeleton: string },
  truth: string,
  turns: readonly Turn[],
): Ask => ({ family, kind, ...p, truth, turns, needsPicture: true });

const calculate = (entries: readonly Entry[], expression: (v: readonly string[]) => string, result: number): Turn[] => [
  {
    evidence: entries.map(evidenceOf),
    next: { calculate: expression, operands: entries.map((e) => e.valueAt), result },
  },
  { evidence: [], next: { answer: 'result' } },
];

function lookUp(c: Context): Ask {
  const e = c.rng.pick(c.facts.entries);
  const templates =
    c.facts.what === 'chart' ? say.lookUpSubject : c.facts.what === 'nutrition' ? say.lookUpNutrient : say.lookUpPrice;
  const p = phrase(c.rng, templates, { name: said(c, e), subject: c.facts.subject }, c.split);
  return make('look-up', `look-up/${c.facts.what}`, p, amountText(e), [
    { evidence: [evidenceOf(e)], next: { answer: e.valueAt, as: answerAs(e.value) } },
  ]);
}

function reverse(c: Context): Ask | undefined {
  const e = c.rng.pick(c.facts.entries);
  if (c.facts.entries.filter((o) => o.amount === e.amount).length > 1) return undefined;
  const bare = e.value.replace(/[⁹]| 9(\/10)?$/, '');
  const value = c.rng.chance(0.6) ? bare : String(e.amount);
  const p = phrase(
    c.rng,
    c.facts.what === 'chart' || c.facts.what === 'nutrition' ? say.reverseSubject : say.reversePrice,
    { noun: c.facts.noun, subject: c.facts.subject, value },
    c.split,
  );
  return make('reverse', `reverse/${c.facts.what}`, p, e.name, [
    { evidence: [evidenceOf(e)], next: { answer: e.nameAt, as: 'text' } },
  ]);
}

function sums(c: Context): Ask | undefined {
  const { rng, facts, split } = c;
  const n = rng.weighted([
    [1, 2],
    [2, 6],
    [3, 1.5],
  ] as const);
  if (facts.entries.length < n) return undefined;
  const chosen = rng.sample(facts.entries, n);
  const counts = chosen.map(() =>
    rng.weighted([
      [1, 5],
      [2, 3],
      [3, 1.5],
      [rng.int(4, 6), 0.7],
    ] as const),
  );
  if (n === 1 && counts[0] === 1) counts[0] = rng.int(2, 6);
  const slots: Record<string, string> = {};
  chosen.forEach((e, i) => {
    slots[`name${i + 1}`] =
      said(c, e) + ((counts[i] as number) > 1 && !/s$/i.test(e.name ?? '') && rng.chance(0.3) ? 's' : '');
    slots[`q${i + 1}`] = quantity(rng, counts[i] as number);
  });
  const p = phrase(rng, n === 1 ? say.several : n === 2 ? say.two : say.three, slots, split);
  const result = chosen.reduce((sum, e, i) => sum + e.amount * (counts[i] as number), 0);
  const swapped = p.skeleton.indexOf('$name2') >= 0 && p.skeleton.indexOf('$name2') < p.skeleton.indexOf('$name1');
  // Terms come in the order in which the question names them.
  const order = swapped ? [1, 0] : chosen.map((_, i) => i);
  const expression = (v: readonly string[]): string =>
    v
      .map((x, i) => {
        const k = counts[order[i] as number] as number;
        return k > 1 ? `${k}*${x}` : x;
      })
      .join('+');
  return make(
    'sums',
    `sums/${n}`,
    p,
    resultText(result),
    calculate(
      order.map((i) => chosen[i] as Entry),
      expression,
      result,
    ),
  );
}

function differences(c: Context): Ask | undefined {
  const { rng, facts, split } = c;
  if (facts.entries.length < 2) return undefined;
  const [a, b] = rng.sample(facts.entries, 2) as [Entry, Entry];
  if (a.amount === b.amount) return undefined;
  const [high, low] = a.amount > b.amount ? [a, b] : [b, a];
  const slots = {
    name1: said(c, a, false),
    name2: said(c, b, false),
    high: said(c, high, false),
    low: said(c, low, false),
    subject: facts.subject,
  };
  const p = phrase(
    rng,
    facts.what === 'chart' || facts.what === 'nutrition' ? say.differenceSubject : say.difference,
    slots,
    split,
  );
  return make(
    'sums',
    'sums/difference',
    p,
    resultText(high.amount - low.amount),
    calculate([high, low], (v) => `${v[0]}-${v[1]}`, high.amount - low.amount),
  );
}

function spending(c: Context): Ask | undefined {
  const { rng, facts, split } = c;
  const e = rng.pick(facts.entries);
  const name = said(c, e);
  const sign = rng.pick(['$', '$', '', '€', '£']);
  if (facts.what === 'board') {
    const units = `${facts.unit ?? 'gallon'}s`;
    if (rng.chance(0.6)) {
      const amount = rng.pick([10, 20, 30, 40, 50, 60, 75, 80, 100, 15, 25, 200, rng.int(5, 150)]);
      const p = phrase(
        rng,
        say.howMany,
        {
          name,
          units,
          money: sign === '' ? `${amount} ${rng.pick(['dollars', 'euros', 'bucks', 'pounds'])}` : `${sign}${amount}`,
        },
        split,
      );
      const result = rounded(amount / e.amount);
      return make(
        'sums',
        'sums/how-many',
        p,
        resultText(result),
        calculate([e], (v) => `round(${amount}/${v[0]}, 2)`, result),
      );
    }
    const n = rng.pick([5, 10, 12, 15, 20, 25, 30, 40, 50, 8, rng.int(2, 60)]);
    const p = phrase(rng, say.fill, { name, units, n: String(n) }, split);
    return make(
      'sums',
      'sums/fill',
      p,
      resultText(rounded(n * e.amount)),
      calculate([e], (v) => `round(${n}*${v[0]}, 2)`, rounded(n * e.amount)),
    );
  }
  if (rng.chance(0.7)) {
    const note = [5, 10, 20, 50, 100, 200, 500].filter((n) => n > e.amount).slice(0, 2);
    if (note.length === 0) return undefined;
    const n = rng.pick(note);
    const p = phrase(
      rng,
      say.change,
      { name, note: sign === '' ? `${n}` : `${sign}${n}${rng.chance(0.3) ? ' note' : ''}` },
      split,
    );
    return make(
      'sums',
      'sums/change',
      p,
      resultText(n - e.amount),
      calculate([e], (v) => `${n}-${v[0]}`, n - e.amount),
    );
  }
  const percent = rng.pick([5, 10, 15, 20, 25, 30, 50]);
  const p = phrase(rng, say.discounted, { name, p: String(percent) }, split);
  const result = rounded((e.amount * (100 - percent)) / 100);
  return make(
    'sums',
    'sums/discount',
    p,
    resultText(result),
    calculate([e], (v) => `round(${v[0]}*${100 - percent}/100, 2)`, result),
  );
}

/** Words for the greatest and the least of prices and of other values. */

function extremes(c: Context): Ask | undefined {
  const { rng, facts, split } = c;
  if (facts.entries.length < 2 || facts.entries.length > 10 || facts.what === 'nutrition') return undefined;
  const max = rng.chance(0.55);
  const amounts = facts.entries.map((e) => e.amount);
  const result = max ? Math.max(...amounts) : Math.min(...amounts);
  const best = facts.entries.filter((e) => e.amount === result);
  const wantName = facts.what !== 'columns' && rng.chance(0.6);
  if (best.length !== 1) return undefined;
  const entry = best[0] as Entry;
  const chart = facts.what !== 'menu' && facts.what !== 'board';
  const slots = {
    noun: facts.noun,
    subject: facts.subject,
    most: rng.pick(max ? say.greatest : say.least),
    mostword: rng.pick(max ? say.greatestWord : say.leastWord),
    leastword: max ? 'most' : 'least',
  };
  const templates = chart
    ? wantName
      ? say.extremeNameSubject
      : say.extremeValueSubject
    : wantName
      ? say.extremeName
      : say.extremeValue;
  const p = phrase(rng, templates, slots, split);
  const first: Turn = {
    evidence: facts.entries.map(evidenceOf),
    next: {
      calculate: (v) => `${max ? 'max' : 'min'}(${v.join(', ')})`,
      operands: facts.entries.map((e) => e.valueAt),
      result,
    },
  };
  const second: Turn = {
    evidence: [evidenceOf(entry)],
    next: wantName ? { answer: entry.nameAt, as: 'text' } : { answer: entry.valueAt, as: answerAs(entry.value) },
  };
  return make('extremes', `extremes/${wantName ? 'name' : 'value'}`, p, wantName ? entry.name : amountText(entry), [
    first,
    second,
  ]);
}

function aggregates(c: Context): Ask | undefined {
  const { rng, facts, split } = c;
  if (facts.entries.length < 2 || facts.entries.length > 8 || facts.what === 'nutrition') return undefined;
  const mean = rng.chance(0.5);
  const sum = facts.entries.reduce((s, e) => s + e.amount, 0);
  const result = mean ? rounded(sum / facts.entries.length) : sum;
  const p = phrase(
    rng,
    say.aggregate,
    { agg: rng.pick(mean ? ['average', 'mean'] : ['sum', 'total']), subject: facts.subject },
    split,
  );
  const expression = mean
    ? (v: readonly string[]) => `round(mean(${v.join(', ')}), 2)`
    : (v: readonly string[]) => v.join('+');
  return make(
    'extremes',
    mean ? 'extremes/average' : 'extremes/sum',
    p,
    resultText(result),
    calculate(facts.entries, expression, result),
  );
}

function nutrition(c: Context): Ask | undefined {
  const { rng, facts, split } = c;
  const servings = facts.entries.find((e) => /serving|portion/i.test(e.name) && !/size|calories/i.test(e.name));
  const calories = facts.entries.find((e) => /calories|energy/i.test(e.name));
  if (!servings || !calories) return undefined;
  if (rng.chance(0.65)) {
    const result = servings.amount * calories.amount;
    return make(
      'products',
      'products/whole',
      phrase(rng, say.wholePack, {}, split),
      resultText(result),
      calculate([servings, calories], (v) => `${v[0]}*${v[1]}`, result),
    );
  }
  const n = rng.int(2, 9);
  const p = phrase(rng, say.portions, { n: rng.chance(0.5) ? quantity(rng, n) : String(n) }, split);
  return make(
    'products',
    'products/portions',
    p,
    resultText(n * calories.amount),
    calculate([calories], (v) => `${n}*${v[0]}`, n * calories.amount),
  );
}

function pump(c: Context): Ask {
  const { rng, facts, split } = c;
  const [sale, volume] = facts.entries as [Entry, Entry];
  const slots = { unit: facts.unit ?? 'gallon', units: `${facts.unit ?? 'gallon'}s` };
  const roll = rng.next();
  if (roll < 0.6) {
    const result = rounded(sale.amount / volume.amount, 3);
    return make(
      'sums',
      'sums/unit-price',
      phrase(rng, say.unitPrice, slots, split),
      resultText(result),
      calculate([sale, volume], (v) => `round(${v[0]}/${v[1]}, 3)`, result),
    );
  }
  const e = roll < 0.8 ? sale : volume;
  return make('look-up', 'look-up/pump', phrase(rng, roll < 0.8 ? say.paid : say.filled, slots, split), amountText(e), [
    { evidence: [evidenceOf(e)], next: { answer: e.valueAt, as: 'amount' } },
  ]);
}

/** The twin of a look-up or sum that asks for a name which is not there. */
function absent(c: Context): Ask {
  const { rng, facts, split } = c;
  const names = facts.entries.map((e) => e.name.toLowerCase().replace(/[^a-z0-9]/g, ''));
  const clash = (name: string): boolean => names.some((n) => n.includes(name.toLowerCase().replace(/[^a-z0-9]/g, '')));
  const parts = facts.entries.flatMap((e) => e.name.split(' '));
  let name: string;
  // Half of them share a word with a row that is there.
  do
    name =
      rng.chance(0.4) && parts.length > 1 ? `${rng.pick(parts)} ${inventName(rng).split(' ')[0]}` : inventName(rng);
  while (clash(name));
  const templates =
    facts.what === 'chart'
      ? say.lookUpSubject
      : facts.what === 'nutrition'
        ? say.lookUpNutrient
        : rng.chance(0.75)
          ? say.lookUpPrice
          : say.two;
  const other = said(c, rng.pick(facts.entries));
  const flip = rng.chance(0.5);
  const slots = {
    name: spoken(rng, name),
    name1: flip ? other : spoken(rng, name),
    name2: flip ? spoken(rng, name) : other,
    q1: quantity(rng, rng.int(1, 3)),
    q2: quantity(rng, rng.int(1, 3)),
    subject: facts.subject,
  };
  return make('unanswerable', 'unanswerable/name', phrase(rng, templates, slots, split), '<unknown>', [
    { evidence: [], next: 'unknown' },
  ]);
}

export function askPrices(rng: Random, facts: PriceFacts, split: Split): Ask | undefined {
  const c: Context = { rng, facts, split };
  if (facts.entries.length === 0) return undefined;
  if (facts.what === 'pump') return pump(c);
  if (facts.what === 'columns') return rng.chance(0.6) ? extremes(c) : aggregates(c);
  if (rng.chance(0.08)) return absent(c);
  if (facts.what === 'nutrition') return rng.chance(0.5) ? nutrition(c) : rng.chance(0.8) ? lookUp(c) : reverse(c);
  if (facts.what === 'chart')
    return rng.weighted([
      [lookUp, 4],
      [reverse, 1.5],
      [differences, 2],
      [extremes, 3.5],
      [aggregates, 1],
    ] as const)(c);
  return rng.weighted([
    [lookUp, 5],
    [reverse, 1.2],
    [sums, facts.what === 'board' ? 0.6 : 5],
    [differences, 1.8],
    [spending, facts.what === 'board' ? 4 : 1.5],
    [extremes, 1.6],
    [aggregates, 0.4],
  ] as const)(c);
}
