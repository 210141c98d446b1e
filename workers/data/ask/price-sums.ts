/** Questions that take a sum over a few named values: quantities, differences, money's worth, portions. */
import type { Entry } from '../scene/scene.ts';
import { type Ask, resultText, rounded } from './ask.ts';
import { inOrder, phrase } from './phrase.ts';
import { amountText, type Context, calculate, evidenceOf, make, quantity, said } from './price-parts.ts';
import * as say from './price-words.ts';

export function sums(c: Context): Ask | undefined {
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
  // Terms come in the order in which the question names them.
  const order = inOrder(p.skeleton, { name1: 0, name2: 1, name3: 2 });
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

/** What is left of a note after one or two things were bought. */
export function changeOfTwo(c: Context): Ask | undefined {
  const { rng, facts, split } = c;
  if (facts.entries.length < 2) return undefined;
  const chosen = rng.sample(facts.entries, 2) as [Entry, Entry];
  const counts = chosen.map(() => (rng.chance(0.3) ? rng.int(2, 3) : 1)) as [number, number];
  const sum = chosen.reduce((total, e, i) => total + e.amount * (counts[i] as number), 0);
  const notes = [5, 10, 20, 50, 100, 200, 500, 1000].filter((n) => n > sum).slice(0, 2);
  if (notes.length === 0) return undefined;
  const note = rng.pick(notes);
  const sign = rng.pick(['$', '$', '', '€', '£']);
  const slots = {
    name1: said(c, chosen[0]),
    name2: said(c, chosen[1]),
    q1: quantity(rng, counts[0]),
    q2: quantity(rng, counts[1]),
    note: sign === '' ? `${note}` : `${sign}${note}`,
  };
  const term = (k: number, v: string | undefined): string => (k > 1 ? `${k}*${v}` : `${v}`);
  return make(
    'sums',
    'sums/change-of-two',
    phrase(rng, say.changeOfTwo, slots, split),
    resultText(note - sum),
    calculate(chosen, (v) => `${note}-(${term(counts[0], v[0])}+${term(counts[1], v[1])})`, note - sum),
  );
}

export function differences(c: Context): Ask | undefined {
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
    // Which one is greater cannot be known before both are read: the size of the difference, in the order of asking.
    calculate(
      inOrder(p.skeleton, { name1: a, name2: b, high, low }),
      (v) => `abs(${v[0]}-${v[1]})`,
      high.amount - low.amount,
    ),
  );
}

export function spending(c: Context): Ask | undefined {
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

export function pump(c: Context): Ask {
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

export function nutrition(c: Context): Ask | undefined {
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
  const rest = facts.entries.slice(3);
  if (rng.chance(0.4) && rest.length > 0) {
    const e = rng.pick(rest);
    const result = Number((n * e.amount).toPrecision(12));
    return make(
      'products',
      'products/nutrient',
      phrase(rng, say.amountIn, { n: rng.chance(0.5) ? quantity(rng, n) : String(n), name: said(c, e) }, split),
      resultText(result),
      calculate([e], (v) => `${n}*${v[0]}`, result),
    );
  }
  const p = phrase(rng, say.portions, { n: rng.chance(0.5) ? quantity(rng, n) : String(n) }, split);
  return make(
    'products',
    'products/portions',
    p,
    resultText(n * calories.amount),
    calculate([calories], (v) => `${n}*${v[0]}`, n * calories.amount),
  );
}
