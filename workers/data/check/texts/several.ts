/** Questions over several pictures: which has the larger amount, how far they are apart, what they come to together. */
import type { Derived } from '../contract.ts';
import type { Amount } from './amounts.ts';
import { say, sayAmount, UNPARSED } from './answer.ts';
import { itemsOf } from './bought.ts';
import { pageOf } from './page.ts';
import { amountAt, ask } from './prices.ts';
import { payable, tillOf } from './till.ts';
import { COMMON, plainly } from './wording.ts';

const MORE =
  /\b(?:higher|highest|larger|largest|greater|greatest|more expensive|dearer|dearest|more|most|biggest|bigger)\b/;
const LESS = /\b(?:lower|lowest|smaller|smallest|cheaper|cheapest|less|least)\b/;
const WHICH =
  /\b(?:which|what|name the|in which|on which) (?:image|picture|photo|receipt|bill|list|page|menu)\b|\bwhich (?:is|has|shows)\b/;
const APART = /\b(?:difference|differ|how far apart|how much (?:more|less|higher|lower))\b/;
const TOGETHER = /\b(?:sum|together|in total|altogether|add up|added up|come to|combined)\b/;

/**
 * @param pages rows of each input image by its number
 * @param images how many the question has
 */
export function deriveSeveral(
  question: string,
  pages: ReadonlyMap<number, readonly string[]>,
  images: number,
): Derived {
  const text = question
    .toLowerCase()
    .replace(/\bimage-\d+(?:,? (?:or|and) image-\d+|, )?/g, '')
    .replace(/\s+/g, ' ')
    .replace(/[\s:,?.]+$/, '');
  // Slips are mended in what is asked; names are left as they are.
  const asks = plainly(text, COMMON, () => false);
  const which = WHICH.test(asks);
  if (!which && !APART.test(asks) && !TOGETHER.test(asks)) return UNPARSED;
  const amounts: (Amount | undefined)[] = [];
  const totals = /\b(?:totals?|receipts|bills)\b/.test(asks) && !/\bprices? (?:of|for)\b/.test(asks);
  for (let at = 0; at < images; at++) {
    const rows = pages.get(at);
    if (rows === undefined) return { missing: `OCR of image-${at}` };
    if (totals) amounts.push(payable(tillOf(pageOf(rows))));
    else {
      const { parts } = ask(subjectOf(text), pageOf(rows));
      const { items } = itemsOf(parts);
      if (items.length !== 1) return items.length === 0 ? UNPARSED : 'unknown';
      amounts.push(amountAt(items[0]?.part));
    }
  }
  if (amounts.includes(undefined)) return 'unknown';
  const values = (amounts as Amount[]).map(({ value }) => value);
  if (which) {
    const more = MORE.test(asks);
    if (more === LESS.test(asks)) return UNPARSED;
    const best = more ? Math.max(...values) : Math.min(...values);
    const there = values.flatMap((value, at) => (value === best ? [at] : []));
    return there.length === 1 ? say(`image-${there[0]}`) : 'unknown';
  }
  if (APART.test(asks))
    return values.length === 2 ? say(Math.abs((values[0] as number) - (values[1] as number))) : UNPARSED;
  return values.length > 1 ? say(values.reduce((sum, value) => sum + value, 0)) : sayAmount(amounts[0]);
}

/** The part of a question that says whose amounts are compared: a name, in the words of asking a price. */
function subjectOf(text: string): string {
  const bare = text
    .replace(/\b(?:in|on|at) (?:the )?(?:two|both|three|all) (?:images|lists|pictures|pages|menus|photos)\b/g, '')
    .replace(
      /\b(?:in|on) which (?:image|list|page|picture|menu)\b|\b(?:which|name the) (?:image|list|page|picture|menu)\b/g,
      '',
    )
    .replace(
      /\bat the (?:higher|lower|highest|lowest) price\b|\bhow far apart\b|\b(?:shows|offers|lists|more expensive|dearer|cheaper)\b/g,
      '',
    )
    .replace(/\b(?:two|both) prices\b/g, 'price')
    .replace(/\s+/g, ' ')
    .trim();
  return bare;
}
