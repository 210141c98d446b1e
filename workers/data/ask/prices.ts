/** Questions about names with values: menus, price boards, labelled charts, nutrition labels. */
import type { Random } from '../random.ts';
import type { Entry, PriceFacts } from '../scene/scene.ts';
import { inventName } from '../words/invent.ts';
import { type Ask, resultText, rounded, type Turn } from './ask.ts';
import { phrase, type Split, spoken } from './phrase.ts';
import { amountText, answerAs, type Context, calculate, evidenceOf, make, quantity, said } from './price-parts.ts';
import { changeOfTwo, differences, nutrition, pump, spending, sums } from './price-sums.ts';
import * as say from './price-words.ts';
import { inSection } from './sections.ts';

function lookUp(c: Context): Ask {
  const e = c.rng.pick(c.facts.entries);
  const templates =
    { chart: say.lookUpSubject, nutrition: say.lookUpNutrient, form: say.formField }[c.facts.what as string] ??
    say.lookUpPrice;
  const p = phrase(c.rng, templates, { name: said(c, e), subject: c.facts.subject }, c.split);
  return make('look-up', `look-up/${c.facts.what}`, p, amountText(e), [
    {
      evidence: [evidenceOf(e)],
      next: { answer: e.valueAt, as: c.facts.what === 'form' ? 'text' : answerAs(e.value) },
    },
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
      facts.what === 'form'
        ? rng.pick([
            'price',
            'total',
            'address',
            'email',
            'age',
            'signature',
            'gate',
            'seat',
            'phone',
            'weight',
            'host',
          ])
        : rng.chance(0.4) && parts.length > 1
          ? `${rng.pick(parts)} ${inventName(rng).split(' ')[0]}`
          : inventName(rng);
  while (clash(name));
  const templates =
    facts.what === 'chart'
      ? say.lookUpSubject
      : facts.what === 'nutrition'
        ? say.lookUpNutrient
        : facts.what === 'form'
          ? say.formField
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
  if (facts.what === 'form') return rng.chance(0.15) ? absent(c) : lookUp(c);
  if (facts.what === 'columns') return rng.chance(0.6) ? extremes(c) : aggregates(c);
  if (rng.chance(0.12)) return absent(c);
  if (facts.what === 'nutrition') return rng.chance(0.5) ? nutrition(c) : rng.chance(0.8) ? lookUp(c) : reverse(c);
  if (facts.what === 'chart')
    return rng.weighted([
      [lookUp, 4],
      [reverse, 2.5],
      [differences, 2],
      [extremes, 3.5],
      [aggregates, 1],
    ] as const)(c);
  return rng.weighted([
    [lookUp, 5],
    [reverse, 2.5],
    [sums, facts.what === 'board' ? 0.6 : 5],
    [differences, 1.8],
    [spending, facts.what === 'board' ? 4 : 1.5],
    [changeOfTwo, facts.what === 'board' ? 0 : 1],
    [inSection, facts.what === 'board' ? 0 : 2],
    [extremes, 2.5],
    [aggregates, 0.4],
  ] as const)(c);
}
