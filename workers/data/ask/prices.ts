/** Questions about names with values: menus, price boards, labelled charts, nutrition labels. */
import type { Random } from '../random.ts';
import type { Entry, Place, PriceFacts } from '../scene/scene.ts';
import { inventName } from '../words/invent.ts';
import { type Ask, type Family, resultText, round2, type Turn } from './ask.ts';
import { partOf, phrase, type Split, spoken } from './phrase.ts';

const lookUpPrice = [
  '[how much is|how much does|how much for|what does] [the|a|one|] $name [cost|come to|]',
  '[price of|cost of|price for] [the|a|] $name',
  "[what is|what's] the [price|cost] [of|for] [the|a|one|] $name",
  '[give|tell] me the [price|cost] of [the|a|one|] $name',
  '$name [price|cost|how much|- how much is it]',
  'how much [should|must|would|do|will|does one] [i|one|you|a guest|someone] [pay|give|spend] for [the|a|one|] $name',
  'what [would|will|does|do they charge for|is charged for|must be paid for|is asked for] [a|one|the|] $name [cost|set me back|]',
  '[find|look up|read|report|state] the [price|cost] of [the|] $name',
  'i [want|would like|am thinking of|plan to take] [a|one|the|] $name[,| -] [how much is it|what does it cost|what is the price]',
  'what [price|amount] is [listed|given|shown|printed|written] for [the|] $name',
  'at what [price|cost] is [the|] $name [sold|offered|listed]',
  'what is [the|] $name [selling for|sold at|going for|listed at|priced at]',
];
const lookUpSubject = [
  "[what is|what's] the $subject [of|for|in|at] $name",
  '[how much|how big|how large|how high] is the $subject [of|for|in] $name',
  '[what|which] [value|number|figure|amount] [is shown|is given|stands|is printed|is there] for $name',
  '[what|how much] [does|is] $name [have|show|at|stand at]',
  '[give|tell] me the $subject [of|for] $name',
  'what [value|number|figure] does $name [have|show|reach|get]',
  '[read|find|report|look up] the [value|number|$subject] [of|for] $name',
  '$subject [of|for] $name',
  'how much $subject does $name [have|show|reach|report]',
  'for $name, what is the [$subject|value|number]',
];
const lookUpNutrient = [
  'how much $name [is in|does it have in|is there in|per] [one serving|a serving|each serving|a portion]',
  "[what is|what's|tell me|find|read] the [amount|quantity|value|content] of $name",
  'how much $name [does it contain|is there|is listed|does this have|is in it]',
  '[what|which] [value|amount|number] is [given|listed|printed|shown] for $name',
  '$name [per serving|amount|content|value|in one serving]',
  'what does the label [say|list|give|state] for $name',
];
const reversePrice = [
  'which $noun [costs|is priced at|sells for|goes for|is listed at|comes to|is sold for] $value',
  'what [can i get|can i buy|could one buy|do i get|would i get] for [exactly|] $value',
  '[name|find|tell me|give me] the $noun [that costs|priced at|with the price|with a price of|for] $value',
  '[what|which $noun] [is|has] [priced at|a price of|the price|listed for] $value',
  'i [paid|gave|spent] $value[,| -] [what did i buy|which $noun did i take|what was it]',
  '$value is the price of [what|which $noun]',
  'what [$noun|] [does|would] $value [buy|pay for]',
];
const reverseSubject = [
  'which $noun [has|shows|reaches|gets|reports|stands at] [a $subject of|a value of|] $value',
  '[who|what|which one] has [a $subject of|the value|the number|] $value',
  '[name|find|tell me] the $noun [with|that has|at] $value',
  '$value [belongs to|is for|stands for] which $noun',
  'the [value|number|$subject] $value is [for|of] which $noun',
];
const two = [
  '[how much|what] [do|would|will|should] i pay for [$q1 $name1 and $q2 $name2|$q2 $name2 and $q1 $name1]',
  "[what is|what's|give me|find] the [total|sum|total price|total cost|bill] [for|of] $q1 $name1 and $q2 $name2",
  "[i want|i'd like|i am getting|i'll have|we take|we order|i take|give me|i bought|we had] $q1 $name1 and $q2 $name2[.|,] [how much is that|what do i owe|how much will it be|what should i pay|how much should i pay altogether|what does it come to|how much do we pay|what is the bill]",
  'how much [is|are|for|would be] $q1 $name1 [and|plus|with] $q2 $name2 [together|in total|altogether|]',
  '$q1 $name1 [and|plus|with] $q2 $name2[, how much|: total|, what is the total|- how much together]',
  'if [i buy|i order|you take|someone orders|we get] $q1 $name1 and $q2 $name2[,|] [what is the total|how much is it|what is to pay|how much does it cost]',
  'what [would|will|do] $q1 $name1 [and|plus] $q2 $name2 [cost|come to|add up to|be]',
];
const three = [
  '[how much|what] [do i pay for|is|would be] $q1 $name1, $q2 $name2 and $q3 $name3',
  "[i want|i'd like|i'll have|we order|i am getting|i take] $q1 $name1, $q2 $name2 and $q3 $name3[.|,] [what is the bill|how much is that|what do i owe|what does it come to]",
  'total [for|of] $q1 $name1, $q2 $name2 and $q3 $name3',
  'what [do|will|would] $q1 $name1, $q2 $name2 and $q3 $name3 [cost|come to|cost together]',
];
const several = [
  '[how much|what] [is|are|for|would be] $q1 $name1',
  '[what is|give me|find] the [price|cost|total] [of|for] $q1 $name1',
  "[i want|i'd like|i am getting|we take|i bought|we order] $q1 $name1[.|,] [how much is that|what do i pay|what do i owe|what does it come to]",
  'how much [do|would|will|should] [i|we] [pay|spend] for $q1 $name1',
  'what [would|will|do] $q1 $name1 cost',
];
const difference = [
  'how much [more|dearer|more expensive] is $high than $low',
  'how much [cheaper|less] is $low than $high',
  "[what is|what's|find|give me] the difference [in price|in cost|] [between|of] $name1 and $name2",
  'by how much [does|do] the [price|cost] of $name1 and $name2 differ',
  'how much [do i save|is saved|would i save] [with|by taking|if i take] $low [instead of|rather than|over] $high',
  'how much [extra|more] [do i pay|would i pay|is it] for $high [instead of|over|compared with] $low',
];
const differenceSubject = [
  'how much [more|higher|larger] is $high than $low',
  'how much [less|lower|smaller] is $low than $high',
  "[what is|what's|find|give me] the [difference|gap] [in $subject|] between $name1 and $name2",
  'by how much [does|do] $name1 and $name2 differ [in $subject|]',
  'by how much does $high [beat|exceed|top] $low',
];
const howMany = [
  'how many $units of $name [do|would|will] $money [buy|pay for|get me]',
  'how many $units [of|] $name [can i buy|can i have|could i fill|do i get|could you buy] for $money',
  'with $money[,|] how many $units of $name [can i buy|do i get|could i fill|may i have]',
  'i have $money[.|,] [how many $units of $name is that|how many $units of $name can i fill|how much $name can i buy]',
  'for $money i get how many $units of $name',
  'how much $name [in $units|] [do i get|can i buy|could one buy] for $money',
];
const fill = [
  '[how much|what] [is|are|do|would be] [$n $units of $name|it for $n $units of $name]',
  '[what is|find|give me] the [cost|price|total] [of|for] $n $units of $name',
  '[i fill|i need|i buy|we tank|my tank takes] $n $units of $name[,|.] [how much is that|what do i pay|what does it cost]',
  'how much [will|would|do] $n $units of $name [cost|come to|be]',
];
const change = [
  'i pay [for|] [a|one|the|] $name with [a|] $note[,|.] [how much change do i get|what is my change|what comes back|how much do i get back]',
  'how much change [from|out of|do i get from] $note for [a|one|the|] $name',
  'what [change|money] [do i get|comes] back from $note [if i buy|after buying|for] [a|one|the|] $name',
  '[if i have|having] $note[,|] how much is left after [buying|paying for] [a|one|the|] $name',
];
const discounted = [
  '[what is|how much is] [the|a|] $name [with|after|at] $p% [off|discount]',
  'with [a|] $p% [discount|reduction|off][,|] [how much is|what does] [the|a|] $name [cost|]',
  '$name [with|at] $p% off[, how much|, what is the price|]',
];
const extremeName = [
  'which $noun is the $most [of all|]',
  '[what is|name|find|tell me|give me] the $most $noun',
  'what [costs|is priced|sells for] the $leastword',
  'which $noun [has the|comes with the|shows the|carries the] $mostword [price|cost]',
  'which [one|$noun] is $most [here|on the list|on the menu|on the board|]',
  'what [should|would|do] i [take|choose|order|pick] [to pay|if i want to pay] the $leastword',
];
const extremeValue = [
  "[what is|what's|tell me|find|give me] the $mostword [price|cost] [of all|on the list|listed|on the board|here]",
  'how much is the $most $noun',
  'what does the $most $noun cost',
  '[price|cost] of the $most $noun',
  'how much [do i pay|would i pay|must i pay] for the $most $noun',
];
const extremeNameSubject = [
  'which $noun [shows|reaches|reports|gets|comes with] the $mostword [$subject|value|number]',
  'which $noun has the $mostword $subject of all',
  '[who|what|which one] has the $mostword [$subject|value|number]',
  '[name|find|tell me|give me] the $noun with the $mostword [$subject|value]',
  'the $mostword [$subject|value] belongs to which $noun',
  'where is the $subject $mostword',
  'in which $noun is the [$subject|value] $mostword',
];
const extremeValueSubject = [
  "[what's|tell me|find|give me|which is] the $mostword [$subject|value|number|figure]",
  'what is the $mostword [$subject|value|number|figure] [of all|listed|on the chart|here]',
  'how [high|big|large] is the $mostword [$subject|value]',
  'the $mostword $subject [is|equals] what',
];
const aggregate = [
  "[what is|what's|find|give me|work out] the $agg of all [prices|values|numbers|listed prices|entries]",
  "[what is|what's|compute|find] the $agg [price|value|$subject] [of all|over all|across all] [items|entries|rows|of them]",
  '$agg of [all|the] [prices|values|numbers] [listed|shown|]',
];
const wholePack = [
  'how many calories are in the [whole|full|complete] [pack|bag|box|container|package]',
  "[what is|what's|find|give me] the [calorie count|number of calories|energy|total of calories] [of|for|in] the [whole|full|complete] [pack|bag|container|box]",
  'if i eat [the whole|all of the|the full|the complete] [pack|bag|box|container][,|] how many calories [is that|do i eat|do i take in]',
  'how many [calories|kcal] does the [whole|full|complete] [pack|bag|container|box] [have|contain|hold]',
  '[total|all] calories in the [pack|bag|box|container]',
  'calories for the [whole|full|complete] [pack|bag|box|container]',
];
const portions = [
  'how many calories [are in|do|have|is] $n [servings|portions]',
  '[what is|find] the [number of calories|energy] [in|of|for] $n [servings|portions]',
  'if i eat $n [servings|portions][,|] how many calories is that',
  'i [had|ate|want|plan] $n [servings|portions][,|.] how many calories [is that|are those|do i get]',
];

const quantityWords = ['zero', 'one', 'two', 'three', 'four', 'five', 'six'];

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
  return rng.chance(0.7) ? (quantityWords[n] ?? String(n)) : String(n);
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
    c.facts.what === 'chart' ? lookUpSubject : c.facts.what === 'nutrition' ? lookUpNutrient : lookUpPrice;
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
    c.facts.what === 'chart' || c.facts.what === 'nutrition' ? reverseSubject : reversePrice,
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
    slots[`name${i + 1}`] = said(c, e) + ((counts[i] as number) > 1 && rng.chance(0.3) ? 's' : '');
    slots[`q${i + 1}`] = quantity(rng, counts[i] as number);
  });
  const p = phrase(rng, n === 1 ? several : n === 2 ? two : three, slots, split);
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
    facts.what === 'chart' || facts.what === 'nutrition' ? differenceSubject : difference,
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
        howMany,
        {
          name,
          units,
          money: sign === '' ? `${amount} ${rng.pick(['dollars', 'euros', 'bucks', 'pounds'])}` : `${sign}${amount}`,
        },
        split,
      );
      const result = round2(amount / e.amount);
      return make(
        'sums',
        'sums/how-many',
        p,
        resultText(result),
        calculate([e], (v) => `round(${amount}/${v[0]}, 2)`, result),
      );
    }
    const n = rng.pick([5, 10, 12, 15, 20, 25, 30, 40, 50, 8, rng.int(2, 60)]);
    const p = phrase(rng, fill, { name, units, n: String(n) }, split);
    return make(
      'sums',
      'sums/fill',
      p,
      resultText(round2(n * e.amount)),
      calculate([e], (v) => `round(${n}*${v[0]}, 2)`, round2(n * e.amount)),
    );
  }
  if (rng.chance(0.7)) {
    const note = [5, 10, 20, 50, 100, 200, 500].filter((n) => n > e.amount).slice(0, 2);
    if (note.length === 0) return undefined;
    const n = rng.pick(note);
    const p = phrase(
      rng,
      change,
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
  const p = phrase(rng, discounted, { name, p: String(percent) }, split);
  const result = round2((e.amount * (100 - percent)) / 100);
  return make(
    'sums',
    'sums/discount',
    p,
    resultText(result),
    calculate([e], (v) => `round(${v[0]}*${100 - percent}/100, 2)`, result),
  );
}

/** Words for the greatest and the least of prices and of other values. */
const greatest = ['most expensive', 'dearest', 'priciest', 'costliest'];
const least = ['cheapest', 'least expensive', 'lowest priced', 'most affordable'];
const greatestWord = ['highest', 'largest', 'biggest', 'greatest', 'top', 'maximum'];
const leastWord = ['lowest', 'smallest', 'least', 'minimum'];

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
    most: rng.pick(max ? greatest : least),
    mostword: rng.pick(max ? greatestWord : leastWord),
    leastword: max ? 'most' : 'least',
  };
  const templates = chart
    ? wantName
      ? extremeNameSubject
      : extremeValueSubject
    : wantName
      ? extremeName
      : extremeValue;
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
  const result = mean ? round2(sum / facts.entries.length) : sum;
  const p = phrase(
    rng,
    aggregate,
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
      phrase(rng, wholePack, {}, split),
      resultText(result),
      calculate([servings, calories], (v) => `${v[0]}*${v[1]}`, result),
    );
  }
  const n = rng.int(2, 9);
  const p = phrase(rng, portions, { n: rng.chance(0.5) ? quantity(rng, n) : String(n) }, split);
  return make(
    'products',
    'products/portions',
    p,
    resultText(n * calories.amount),
    calculate([calories], (v) => `${n}*${v[0]}`, n * calories.amount),
  );
}

const unitPrice = [
  'what is the price [per $unit|of a $unit|of one $unit|for each $unit]',
  '[what|how much] [is|was|does] [a|one] $unit [cost|]',
  'how much [is|was] [the fuel|the gas|petrol|it] per $unit',
  '[find|work out|compute] the [unit price|price per $unit|fuel price|rate per $unit]',
  "what's the [fuel|petrol|gas|pump] price",
  'how much did [i|they|the driver] pay per $unit',
];
const paid = [
  'how much [was|is] [the sale|paid|to pay|charged]',
  "[what is|what's] the [total|sale|amount to pay|bill]",
  'what [does|did] the [fill|fuel] cost',
];
const filled = [
  'how many $units [were|was|are] [filled|sold|bought|pumped|dispensed]',
  'how much fuel [was|is] [filled|pumped|dispensed|sold]',
  '[what is|find] the [volume|number of $units]',
];

function pump(c: Context): Ask {
  const { rng, facts, split } = c;
  const [sale, volume] = facts.entries as [Entry, Entry];
  const slots = { unit: facts.unit ?? 'gallon', units: `${facts.unit ?? 'gallon'}s` };
  const roll = rng.next();
  if (roll < 0.6) {
    const result = Math.round((sale.amount / volume.amount) * 1000) / 1000;
    return make(
      'sums',
      'sums/unit-price',
      phrase(rng, unitPrice, slots, split),
      resultText(result),
      calculate([sale, volume], (v) => `round(${v[0]}/${v[1]}, 3)`, result),
    );
  }
  const e = roll < 0.8 ? sale : volume;
  return make('look-up', 'look-up/pump', phrase(rng, roll < 0.8 ? paid : filled, slots, split), amountText(e), [
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
      ? lookUpSubject
      : facts.what === 'nutrition'
        ? lookUpNutrient
        : rng.chance(0.75)
          ? lookUpPrice
          : two;
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
  if (rng.chance(0.1)) return absent(c);
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
