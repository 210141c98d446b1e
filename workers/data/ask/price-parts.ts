/** What questions about names with values share. */
import type { Random } from '../random.ts';
import type { Entry, Place, PriceFacts } from '../scene/scene.ts';
import type { Ask, Family, Turn } from './ask.ts';
import { partOf, type Split, spoken } from './phrase.ts';
import * as say from './price-words.ts';

/** How an answer is copied: a number without its currency, or the whole cell where a unit belongs to it. */
export const answerAs = (value: string): 'amount' | 'text' =>
  /(%|\d\s*(g|mg|mcg|km|kg|h))$/i.test(value) ? 'text' : 'amount';
const isNumberText = (value: string): boolean => answerAs(value) === 'amount';
export const evidenceOf = (e: Entry): readonly Place[] => [e.nameAt, e.valueAt];

/** The number of an entry as text, for truths: digits as printed, without currency. */
export const amountText = (e: { value: string; amount: number }): string =>
  isNumberText(e.value) && !Number.isNaN(e.amount) ? String(e.amount) : e.value;

export interface Context {
  readonly rng: Random;
  readonly facts: PriceFacts;
  readonly split: Split;
}

export function quantity(rng: Random, n: number): string {
  if (n === 1) return rng.pick(['one', 'one', 'a', '1']);
  return rng.chance(0.7) ? (say.quantityWords[n] ?? String(n)) : String(n);
}

export function said({ rng, facts }: Context, e: Entry, withNoun = true): string {
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

export const make = (
  family: Family,
  kind: string,
  p: { text: string; skeleton: string },
  truth: string,
  turns: readonly Turn[],
): Ask => ({ family, kind, ...p, truth, turns, needsPicture: true });

export const calculate = (
  entries: readonly Entry[],
  expression: (v: readonly string[]) => string,
  result: number,
): Turn[] => [
  {
    evidence: entries.map(evidenceOf),
    next: { calculate: expression, operands: entries.map((e) => e.valueAt), result },
  },
  { evidence: [], next: { answer: 'result' } },
];
