/** The dearest and the cheapest of one section of a menu: the other sections are there to be left alone. */
import type { Entry } from '../scene/scene.ts';
import type { Ask } from './ask.ts';
import { phrase } from './phrase.ts';
import { amountText, answerAs, type Context, evidenceOf, make } from './price-parts.ts';
import * as say from './price-words.ts';

/** One of what the heading names: `dessert` for `Desserts`; nothing where the heading is no plural. */
const oneOf = (section: string): string | undefined =>
  /^[A-Za-z]+s$/.test(section)
    ? section
        .toLowerCase()
        .replace(/ies$/, 'y')
        .replace(/([^s])s$/, '$1')
    : undefined;

export function inSection(c: Context): Ask | undefined {
  const { rng, facts, split } = c;
  const sections = Map.groupBy(facts.entries, (e) => e.section);
  const named = [...sections].flatMap(([name, list]) => (name && list.length > 1 ? [{ name, list }] : []));
  // A heading that comes twice would not say which.
  if (named.length === 0 || sections.size < 2) return undefined;
  const { name, list } = rng.pick(named);
  const max = rng.chance(0.5);
  const amounts = list.map((e) => e.amount);
  const result = max ? Math.max(...amounts) : Math.min(...amounts);
  const best = list.filter((e) => e.amount === result);
  if (best.length !== 1 || list.length > 8) return undefined;
  const entry = best[0] as Entry;
  const one = oneOf(name);
  const slots = {
    section: rng.chance(0.7) ? name.toLowerCase() : name,
    one: one ?? '',
    most: rng.pick(max ? say.greatest : say.least),
    leastword: max ? 'most' : 'least',
  };
  const p = phrase(rng, one !== undefined && rng.chance(0.6) ? say.inSectionOne : say.inSection, slots, split);
  const wantName = rng.chance(0.75);
  const question = wantName
    ? p
    : { ...p, text: `How much is it: ${p.text}`, skeleton: `how much is it: ${p.skeleton}` };
  return make('extremes', 'extremes/section', question, wantName ? entry.name : amountText(entry), [
    {
      evidence: list.map(evidenceOf),
      next: {
        calculate: (v) => `${max ? 'max' : 'min'}(${v.join(', ')})`,
        operands: list.map((e) => e.valueAt),
        result,
      },
    },
    {
      evidence: [evidenceOf(entry)],
      next: wantName ? { answer: entry.nameAt, as: 'text' } : { answer: entry.valueAt, as: answerAs(entry.value) },
    },
  ]);
}
