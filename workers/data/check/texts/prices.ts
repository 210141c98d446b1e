/** Questions about names with amounts: menus, price lists, boards, charts with figures, nutrition labels. */
import type { Derived } from '../contract.ts';
import { type Amount, amountOf, rounded, same } from './amounts.ts';
import { extremeIn, say, sayAmount, UNPARSED } from './answer.ts';
import { type Bought, itemsOf } from './bought.ts';
import { barsOf, extremeOf, ofBars, wantsAmount } from './extremes.ts';
import { indexOf, masked, type Named, type Part, partsOf } from './naming.ts';
import { type Entry, entriesOf, type Page } from './page.ts';
import { alike, squeeze } from './spelling.ts';
import { COMMON, tokensOf } from './wording.ts';

/** A question laid on a page. */
export interface Asked {
  readonly page: Page;
  readonly entries: readonly Entry[];
  readonly headings: readonly string[];
  readonly parts: readonly Part<Entry>[];
  /** `how much is N and U`; see naming.ts. */
  readonly text: string;
}

/** What an entry may be called by. */
function namesOf(entries: readonly Entry[]): Named<Entry>[] {
  const named: Named<Entry>[] = [];
  for (const entry of entries) {
    if (entry.key.length < 2) continue;
    if (entry.tail === undefined) named.push({ key: entry.key, text: entry.name, is: entry });
    else {
      // Read in several cells: the amount stands beside the last of them, whose the others are cannot be told.
      const tail = entry.tail;
      const head = entry.key.slice(0, entry.key.length - tail.length);
      const { amount: _, ...nothing } = entry;
      named.push(
        { key: entry.key, text: '', is: entry },
        { key: tail, text: entry.name.slice(-tail.length - 8), is: entry },
      );
      named.push({ key: head, text: head, is: nothing });
    }
    if (entry.longer !== undefined) named.push({ key: entry.longer, text: '', is: entry });
  }
  return named;
}

/** The amount of what a part names; undefined where two different ones could be meant, or none can be read. */
export function amountAt(part: Part<Entry> | undefined): Amount | undefined {
  if (part?.kind !== 'name') return undefined;
  const amounts = part.of.map(({ amount }) => amount).filter((amount) => amount !== undefined);
  const [first] = amounts;
  return first !== undefined &&
    amounts.every((one) => same(one.value, first.value)) &&
    (part.exact || part.of.length === amounts.length)
    ? first
    : undefined;
}

const CALENDAR =
  /^(?:(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?|(?:19|20)\d\d)$/i;

export function ask(question: string, page: Page): Asked {
  const { entries, headings } = entriesOf(page);
  const dated = entries.filter(({ name, alone }) => alone === undefined && CALENDAR.test(name)).length > 1;
  // A month among months is an entry whose amount was not read, no heading.
  const own = entries.filter(
    ({ key, alone, name }) => key !== '' && (alone === undefined || (dated && CALENDAR.test(name))),
  );
  const index = indexOf(namesOf(own));
  const tokens = tokensOf(question, COMMON, (key) => index.words.has(key));
  const parts = partsOf(tokens, index, COMMON);
  return { page, entries: own, headings, parts, text: masked(parts) };
}

const moneyIn = (texts: readonly string[], comma = false): number | undefined => {
  const found = texts.map((text) => amountOf(text, { comma })).filter((one) => one !== undefined && one !== 'unclear');
  return found.length === 1 ? (found[0] as Amount).value : undefined;
};

/** Sum of what was named; `unknown` where an amount is missing. */
function sumOf(items: readonly Bought[]): number | undefined {
  let sum = 0;
  for (const { count, part } of items) {
    const amount = amountAt(part);
    if (amount === undefined) return undefined;
    sum += count * amount.value;
  }
  return sum;
}

/** Entries under a heading that the question names; undefined where it names none, empty where it is not on the page. */
function sectionIn({ text, parts, entries, headings }: Asked): readonly Entry[] | undefined {
  const named = /\b(?:of|among|in|under|from)(?: the)? (?=\S)/.test(text) || / /.test(text);
  if (!named || headings.length === 0) return undefined;
  const said = squeeze(parts.map((part) => (part.kind === 'word' ? part.text : part.said)).join(' '));
  const fitting = headings.filter((heading) => {
    const key = squeeze(heading);
    if (key.length < 4) return false;
    const one = key.replace(/ies$/, 'y').replace(/([^s])s$/, '$1');
    return (
      said.includes(key) ||
      (key.endsWith('s') && one.length > 2 && said.includes(one) && !/^(?:item|dish|thing|product)$/.test(one))
    );
  });
  // The title of the page is a heading of everything.
  const under = entries.filter(({ section }) => section !== undefined && fitting.includes(section));
  if (fitting.length === 0) return undefined;
  const longest = fitting.reduce((a, b) => (squeeze(a).length >= squeeze(b).length ? a : b));
  return under.filter(({ section }) => squeeze(section as string) === squeeze(longest));
}

/** A figure of the question: `which costs 4.50`. */
function reverse(asked: Asked, rest: readonly string[]): Derived {
  const value = moneyIn(rest, asked.page.style.comma);
  if (value === undefined) return UNPARSED;
  const unit = /(%|[a-z]+)$/i.exec(rest[0] as string)?.[1];
  const there = asked.entries.filter(({ amount }) => amount !== undefined && same(amount.value, value));
  const fitting = there.length > 1 && unit !== undefined ? there.filter(({ amount }) => amount?.unit === unit) : there;
  const names = new Set(fitting.map(({ key }) => key));
  // One that cannot be read might have it as well, but nobody doubts a plain match.
  return names.size === 1 ? say((fitting[0] as Entry).name) : 'unknown';
}

const MEASURE =
  /\b(?:U|price|cost|value|number|figure|amount|content|quantity|energy|calories) (?:of|for|in|at)(?: the| a| one)? N$|\bhow (?:much|many|big|large|high|great)(?: is)?(?: the)? U (?:of |for |in |does |do |is |did |has )?(?:the )?N\b|^U (?:of|for|in) N$|^for N,? what is the U$|^the U of N$|\bU does N\b/;

/** Whether the page says what amounts it has: money is a price, and nothing else may be asked of it. */
const isMoney = ({ style, lines }: Page): boolean =>
  style.decimals === 2 || lines.some(({ text }) => /[$€£₹]\s?\d|\bRM ?\d|\d ?€/.test(text));

/** `the maximum sales` of a page about sales: what is measured, even where an entry is called so as well. */
function isTitle({ text, page }: Asked, named: readonly Bought[]): boolean {
  const [only] = named;
  const part = only?.part;
  if (named.length !== 1 || part?.kind !== 'name' || !/\b(?:\w+est|maximum|minimum|most|least|top) N\b/.test(text))
    return false;
  const [title] = page.lines;
  return title !== undefined && new RegExp(`\\b${part.said.replace(/\W/g, '.')}\\b`, 'i').test(title.text);
}

/** `the cheapest among U`, `the dearest U`, `which U costs the least`: one of a kind, for which the page has no heading. */
const OF_A_KIND =
  /\b(?:in|under|among|of|from)(?: the)? (?:(?:small|large|hot|cold|full) )?(?:U|drinks|pizzas)\b|\b(?:expensive|dearest|priciest|costliest|cheapest|priced|affordable) U\b|^which U (?:is|costs)\b|^which (?:one )?of(?: the)? U\b/;

const IN_SECTION = /\b(?:in|under|among|of|from)(?: the)? N$|^which (?:one )?of(?: the)? N (?:is|costs)\b/;

const APART =
  /\b(?:difference|differ|gap|beats?|exceeds?|top|saved?)\b|\b(?:more|dearer|less|cheaper|extra|higher|lower|larger|smaller|greater)\b/;
const UNITS = /\b(?:gallons?|litres?|liters?)\b/;

/** @returns unparsed where the words are none that are asked of such pages */
export function derivePrices(question: string, page: Page): Derived {
  const asked = ask(question, page);
  const { text, parts, entries } = asked;
  const { items, rest } = itemsOf(parts);
  const strangers = items.filter(({ part }) => part.kind === 'stranger');
  const named = items.filter(({ part }) => part.kind === 'name');
  const priced = entries.filter(({ key, amount }) => key.length > 1 && amount !== undefined);
  const bars = barsOf(page);
  if (bars) {
    const said = tokensOf(question, COMMON, () => false).map((token) => token.text);
    return ofBars(bars, said.join(' '));
  }
  if (entries.length === 0) return UNPARSED;

  if (/\bchange\b|\bback\b|\bleft\b|\bremain/.test(text) && rest.length > 0 && items.length > 0) {
    const note = moneyIn(rest);
    const sum = sumOf(items);
    if (note === undefined) return UNPARSED;
    return sum === undefined || note < sum ? 'unknown' : say(note - sum);
  }
  const percent = /(\d+(?:\.\d+)?) ?(?:%|per ?cent)/.exec(text);
  if (percent && /\b(?:off|discount|reduction|reduced|cheaper|less)\b/.test(text) && items.length === 1) {
    const amount = amountAt((items[0] as Bought).part);
    return amount === undefined ? 'unknown' : say(rounded((amount.value * (100 - Number(percent[1]))) / 100));
  }
  const counted = new RegExp(`(\\d+(?:\\.\\d+)?) ${UNITS.source}`).exec(text);
  if (counted && items.length === 1) {
    const amount = amountAt((items[0] as Bought).part);
    return amount === undefined ? 'unknown' : say(rounded(Number(counted[1]) * amount.value));
  }
  if (
    items.length === 1 &&
    rest.length === 1 &&
    /\bhow (?:many|much)\b/.test(text) &&
    (UNITS.test(text) || /\bN\b.*\b(?:buy|get|for|have|fill)\b|\b(?:for|with|have) [$€£]?\d/.test(text))
  ) {
    const money = moneyIn(rest);
    const amount = amountAt((items[0] as Bought).part);
    if (money === undefined) return UNPARSED;
    return amount === undefined ? 'unknown' : say(rounded(money / amount.value), rounded(money / amount.value, 3));
  }
  if (items.length === 2 && APART.test(text)) {
    const [a, b] = items.map(({ part }) => amountAt(part));
    return a === undefined || b === undefined ? 'unknown' : say(Math.abs(a.value - b.value));
  }
  if (
    items.length === 3 &&
    strangers.length === 1 &&
    named.length === 2 &&
    /\b(?:differ|difference|gap)\b/.test(text) &&
    /\bin(?: the)? U/.test(text)
  ) {
    const [a, b] = named.map(({ part }) => amountAt(part));
    return a === undefined || b === undefined ? 'unknown' : say(Math.abs(a.value - b.value));
  }
  // How much of a kind of fuel that the page does not have; a year among years that is not there.
  if (items.length === 0 && rest.length === 1) {
    if (UNITS.test(text) && /\bof (?:the )?(?:plus |regular |premium )?(?:plus|gasoline|petrol|fuel|gas)\b/.test(text))
      return 'unknown';
    const years = entries.filter(({ name }) => /^(?:19|20)\d\d$/.test(name)).length;
    if (years > 1 && /^(?:19|20)\d\d$/.test(rest[0] as string) && /\b(?:in|for|of|on) (?:the year )?\d{4}\b/.test(text))
      return 'unknown';
  }
  if (APART.test(text)) {
    // One side at least is not on the page; `may` is a month where nothing is asked of it.
    const years = rest.filter((one) => /^(?:19|20)\d\d$/.test(one)).length;
    const dated = years > 0 && years === rest.length && entries.some(({ name }) => /^(?:19|20)\d\d$/.test(name));
    if (named.length < 2 && (items.length > 1 || (dated && items.length + years > 1))) return 'unknown';
    if (items.length === 1 && /\bmay\b(?! (?:i|we|you)\b)/.test(text)) return 'unknown';
    if (items.length === 1 && /\bbetween (?:the )?\w+ and (?:the )?N\b|\bN (?:and|than) (?:the )?\w+$/.test(text))
      return 'unknown';
  }
  if (items.length === 0 && /\b(?:of|for|in) may$/.test(text) && entries.some(({ name }) => CALENDAR.test(name)))
    return 'unknown';
  if (
    /\b(?:average|mean)\b/.test(text) ||
    /\b(?:sum|total) \w+ (?:of|over|for) all\b/.test(text) ||
    /\b(?:sum|total) (?:of all|of the|U|number of|price|value)\b|^(?:sum|total) of\b|\bthe (?:sum|total) (?:U|\w+)$/.test(
      text,
    )
  ) {
    if (named.length === 0) {
      if (priced.length < 2 || priced.length !== entries.length) return 'unknown';
      const values = priced.map(({ amount }) => (amount as Amount).value);
      const sum = values.reduce((total, value) => total + value, 0);
      return say(/\b(?:average|mean)\b/.test(text) ? rounded(sum / values.length) : sum);
    }
  }
  const extreme = extremeIn(text);
  // `the dearest of the salads`, where a dish of another section is a salad as well.
  const under = extreme && sectionIn(asked);
  if (extreme && (named.length === 0 || isTitle(asked, named) || (under && IN_SECTION.test(text)))) {
    if (under === undefined && OF_A_KIND.test(text)) return 'unknown';
    return extremeOf(under ?? entries, extreme, wantsAmount(text));
  }
  if (named.length === 0 && rest.length > 0 && /\b(?:which|what|who|name|find|tell|give)\b/.test(text))
    return reverse(asked, rest);
  if (/\b(?:which|who|whose|where|when)\b/.test(text) && !/\bwhich (?:value|number|figure|amount)\b/.test(text))
    return UNPARSED;
  if (items.length === 0) return rest.length > 0 ? UNPARSED : byWord(asked);
  // A comparison or a sum of which only one side was found says nothing.
  if (APART.test(text) || (items.length === 1 && /\b(?:and|plus)\b(?! (?:pay|hand|give|how|what))/.test(text)))
    return UNPARSED;
  // One name and what is asked of it: `the turnout of N`.
  if (strangers.length === 1 && named.length === 1 && MEASURE.test(text))
    return isMoney(page) ? 'unknown' : sayAmount(amountAt((named[0] as Bought).part));
  // `N 97`: no name of the page has that figure.
  if (/\bN \d/.test(text)) return 'unknown';
  if (rest.length > 0 && named.length > 0 && strangers.length === 0) return UNPARSED;
  if (strangers.length > 0) return 'unknown';
  if (items.length === 1 && (items[0] as Bought).count === 1) return sayAmount(amountAt((items[0] as Bought).part));
  const sum = sumOf(items);
  return sum === undefined ? 'unknown' : say(sum);
}

const KINDS = new Set('gas fuel gasoline petrol pizza drink dish'.split(' '));

/** A name of which only a word is said that is also a word of the language: `the large`. */
function byWord({ parts, entries }: Asked): Derived {
  const said = parts.flatMap((part) => (part.kind === 'word' && part.text.length > 3 ? [part.text] : []));
  const found = said.map((word) =>
    entries.filter(({ name }) => name.split(/\s+/).some((one) => alike(squeeze(one), word))),
  );
  const hits = found.filter((list) => list.length > 0);
  if (hits.length === 1 && hits[0]?.length === 1) return sayAmount((hits[0][0] as Entry).amount);
  // The price of a kind of thing that the page does not have.
  const last = parts.at(-1);
  const kind =
    last?.kind === 'word' &&
    KINDS.has(last.text) &&
    parts.some((part) => part.kind === 'word' && /^(?:price|costs?)$/.test(part.text));
  return kind && hits.length === 0 ? 'unknown' : UNPARSED;
}
