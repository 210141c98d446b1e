/** Nutrition labels: whole packs and portions. */
import type { Derived } from '../contract.ts';
import { countIn, say, UNPARSED } from './answer.ts';
import { itemsOf } from './bought.ts';
import type { Entry, Page } from './page.ts';
import { amountAt, ask } from './prices.ts';
import { COMMON, tokensOf } from './wording.ts';

const SERVINGS = /serving|portion/i;

function servingsOf(entries: readonly Entry[], { lines }: Page): number | undefined {
  const row = entries.filter(
    ({ name, amount }) => SERVINGS.test(name) && !/size|calorie|energy|kcal/i.test(name) && amount !== undefined,
  );
  const values = new Set(row.map(({ amount }) => amount?.value));
  if (values.size === 1) return [...values][0];
  // `2.5 servings per pack`, `about 4`.
  const texts = lines
    .map(({ text }) => text.replaceAll('\t', ' '))
    .filter((text) => SERVINGS.test(text) && !/size|calorie|energy|kcal/i.test(text));
  const numbers = texts.flatMap(
    (text) =>
      /^(?:about )?(\d+(?:[.,]\d)?) /i.exec(text)?.[1] ?? /(?:about\s*)(\d+(?:[.,]\d)?)$/i.exec(text)?.[1] ?? [],
  );
  return numbers.length === 1 ? Number((numbers[0] as string).replace(',', '.')) : undefined;
}

const calories = (entries: readonly Entry[]): number | undefined => {
  const row = entries.filter(({ name }) => /calorie|energy|kcal/i.test(name));
  return row.length === 1 ? row[0]?.amount?.value : undefined;
};

export const isNourishment = ({ lines }: Page): boolean => {
  const text = lines.map((line) => line.text).join('\n');
  return (
    [/nutrition|typical ?values/i, SERVINGS, /calorie|energy|kcal/i, /\d ?m?c?g\b/].filter((cue) => cue.test(text))
      .length >= 3
  );
};

export function deriveNourishment(question: string, page: Page): Derived {
  const asked = ask(question, page);
  const { parts, entries } = asked;
  const { items } = itemsOf(parts);
  const named = items.filter(({ part }) => part.kind === 'name');
  const words = tokensOf(question, COMMON, () => false)
    .map((token) => token.text)
    .join(' ');
  const energy = /\b(?:calories|calorie|kcal|energy)\b/.test(words);
  if (
    /\b(?:whole|full|complete|all of the|total|all)\b/.test(words) &&
    energy &&
    /\b(?:pack|package|bag|box|container)\b/.test(words)
  ) {
    const [each, many] = [calories(entries), servingsOf(entries, page)];
    return each === undefined || many === undefined ? 'unknown' : say(each * many);
  }
  if (energy && items.length === 0 && !/\b(?:most|least|highest|lowest)\b/.test(words)) {
    const none = !entries.some(({ name }) => /calorie|energy|kcal/i.test(name));
    if (none) return 'unknown';
  }
  if (/\bservings per\b/.test(words) && named.length === 0) {
    const many = servingsOf(entries, page);
    return many === undefined ? 'unknown' : say(many);
  }
  const counted = /\b(\w+) (?:servings|portions)\b/.exec(words)?.[1];
  const count = counted === undefined ? undefined : countIn(counted);
  if (count !== undefined && count > 0) {
    const others = named.filter(
      ({ part }) => part.kind === 'name' && !part.of.every(({ name }) => SERVINGS.test(name)),
    );
    if (items.some(({ part }) => part.kind === 'stranger')) return 'unknown';
    if (
      energy &&
      others.every(({ part }) => part.kind === 'name' && part.of.every(({ name }) => /calorie|energy|kcal/i.test(name)))
    ) {
      const each = calories(entries);
      return each === undefined ? 'unknown' : say(each * count);
    }
    if (others.length !== 1) return UNPARSED;
    const amount = amountAt(others[0]?.part);
    return amount === undefined ? 'unknown' : say(amount.value * count);
  }
  return UNPARSED;
}
