/** The greatest and the least, of names with amounts and of bars whose names stand apart. */
import type { Derived } from '../contract.ts';
import { type Amount, amountOf, rounded } from './amounts.ts';
import { extremeIn, say, sayAmount, UNPARSED } from './answer.ts';
import type { Entry, Page } from './page.ts';

/** A mark where a figure should stand: something is there that nobody can know. */
const NO_FIGURE = /^[?*#]+$/;

const figureOf = (cell: string, style: Page['style']): Amount | 'unclear' | undefined =>
  NO_FIGURE.test(cell) ? 'unclear' : amountOf(cell, style);

/** Figures that stand alone, row after row, with their names in one row below: whose is whose cannot be read. */
export function barsOf({ lines, style }: Page): readonly (Amount | 'unclear')[] | undefined {
  const figures = lines.map(({ cells }) => (cells.length === 1 ? figureOf(cells[0] as string, style) : undefined));
  const first = figures.findIndex((one) => one !== undefined);
  const last = figures.findLastIndex((one) => one !== undefined);
  const run = figures.slice(first, last + 1);
  const apart = lines.length - run.length;
  return first >= 0 && run.length >= 3 && apart <= 3 && run.every((one) => one !== undefined) ? run : undefined;
}

export function ofBars(bars: readonly (Amount | 'unclear')[], text: string): Derived {
  const which = extremeIn(text);
  const mean = /\b(?:average|mean)\b/.test(text);
  const sum = /\b(?:sum|total)\b/.test(text);
  if (!which && !mean && !sum) return UNPARSED;
  if (bars.includes('unclear') || (which && !wantsAmount(text))) return 'unknown';
  const values = (bars as readonly Amount[]).map(({ value }) => value);
  if (which) return say(which === 'max' ? Math.max(...values) : Math.min(...values));
  const total = values.reduce((all, value) => all + value, 0);
  return say(mean ? rounded(total / values.length) : total);
}

/** What an entry is called; anything else that is greatest or least is its amount. */
const NOUN =
  '(?:items?|dish|dishes|things?|products?|articles?|fuel(?! bill)|gas|gasoline|petrol|grade|country|person|department|model|day|month|year|one|drink|pizza|of)';

const SUPERLATIVE = '(?:highest|largest|biggest|greatest|top|maximum|lowest|smallest|least|minimum|most|fewest)';
const AMOUNT_ITSELF = new RegExp(`\\b${SUPERLATIVE} (?!${NOUN}\\b|expensive|affordable|priced)\\w+`);

/** Whether the amount itself is asked for and not whose it is. */
export function wantsAmount(text: string): boolean {
  if (/^how (?:much|high|big|large|many)\b|^what does the .* cost\b|\b(?:price|cost) of the\b/.test(text)) return true;
  if (
    /\b(?:which|who|where|when|whose|name)\b/.test(text) &&
    !/^which is the \w+ (?!(?:item|dish|thing|product|article|fuel|gas|petrol|grade|one)\b)\w+$/.test(text)
  )
    return false;
  if (/\b(?:with|has|have|had|that|costs|belongs)\b/.test(text)) return false;
  return AMOUNT_ITSELF.test(text);
}

/** The greatest or least of some entries; all of their amounts must be readable. */
export function extremeOf(entries: readonly Entry[], which: 'max' | 'min', amount: boolean): Derived {
  if (entries.length < 2 || entries.some((one) => one.amount === undefined)) return 'unknown';
  const values = entries.map((one) => (one.amount as Amount).value);
  const best = which === 'max' ? Math.max(...values) : Math.min(...values);
  const there = entries.filter((one) => (one.amount as Amount).value === best);
  const [first] = there as [Entry];
  if (amount) return sayAmount(first.amount);
  return there.length === 1 ? say(first.name) : 'unknown';
}
