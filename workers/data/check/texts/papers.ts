/** What is printed on a receipt beside its sums: shop, date, time, numbers, people. */
import type { Page } from './page.ts';
import { alike, squeeze } from './spelling.ts';

const MONTH = '(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*';
const DATES = [
  String.raw`\d{4}\s?[-/.]\s?\d{1,2}\s?[-/.]\s?\d{1,2}(?!\d)`,
  String.raw`(?<!\d)\d{1,2}\s?([-/.])\s?\d{1,2}\s?\1\s?(?:(?:19|20)\d\d|\d\d(?!\d\d?(?!:)))`,
  String.raw`(?<!\d)\d{1,2}\.? ?${MONTH}\.?,? ?\d{4}`,
  String.raw`${MONTH}\.? ?\d{1,2}, ?\d{4}`,
].map((source) => new RegExp(source, 'i'));
const TIME = /(?<!\d)(?:[01]?\d|2[0-3])\s?:\s?[0-5]\d(?:\s?:\s?[0-5]\d)?(?:\s?[ap]\.?m\b\.?)?/i;

const dateIn = (text: string): string | undefined => {
  for (const pattern of DATES) {
    const found = pattern.exec(text);
    if (found) return found[0];
  }
  return undefined;
};

/** What comes after a label, in the cells behind it or in its own. */
function after(page: Page, label: RegExp, spelt: readonly string[]): string[] {
  return page.lines.flatMap(({ cells }) => {
    const text = cells.join('\t');
    const found = label.exec(text);
    if (found) {
      const value = text
        .slice(found[0].length)
        .replace(/^[\s:.#]+/, '')
        .trim();
      return value === '' ? [] : [value];
    }
    // The label may stand in one cell with its value.
    const [first = '', ...rest] = cells.length > 1 ? cells : text.split(/\s*:\s*(?=\S)/);
    return rest.length > 0 && spelt.some((one) => alike(squeeze(first), one))
      ? [rest.join('\t').replace(/^[\s:.#]+/, '')]
      : [];
  });
}

const different = (found: readonly string[]): readonly string[] => {
  const keys = new Set(found.map(squeeze));
  return keys.size === 1 ? [found[0] as string] : [];
};

const SHOP =
  /\b(?:mart|store|supermarket|hardware|trading|bakery|cafe|bistro|grocers?|pharmacy|bookshop|stationers|kitchen|diner|garage|market|emporium|outlet|boutique|grill|tea ?house|bar|deli|florist|electrical|home centre|superstore|minimart|eatery|food court|ltd|llc|inc|co|gmbh|s\.?a\.?|pte|sons|bros|group|s\.?r\.?l\.?|enterprise|sdn|bhd|holdings|restaurant|shop|company|corp)\b\.?/i;

/** @returns spellings of the one value; none where there is none, or more than one could be meant */
export function printed(
  page: Page,
  field: 'date' | 'time' | 'invoice' | 'cashier' | 'phone' | 'store',
): readonly string[] {
  const { lines } = page;
  switch (field) {
    case 'date': {
      const labelled = lines
        .filter(({ text }) => /^(?:bill ?)?date/i.test(text))
        .flatMap(({ text }) => dateIn(text) ?? []);
      return different(labelled.length > 0 ? labelled : lines.flatMap(({ text }) => dateIn(text) ?? []));
    }
    case 'time': {
      const times = lines.flatMap(({ text }) => {
        const date = dateIn(text);
        const rest = date === undefined ? text : text.replace(date, ' ');
        return TIME.exec(rest)?.[0] ?? [];
      });
      return different(times);
    }
    case 'invoice':
      return different(
        after(page, /^(?:invoice|inv|receipt|bill|doc(?:ument)?)\s*\.?\s*(?:n[o0](?![a-z])|#|number|id)[.:\s]*/i, [
          'invoiceno',
          'receiptno',
          'billno',
          'docno',
          'invno',
        ]).map((value) => value.split('\t')[0] as string),
      );
    case 'cashier':
      return different(
        after(page, /^(?:cashier|served ?by|server|operator)\s*[:.]*\s*/i, [
          'cashier',
          'servedby',
          'server',
          'operator',
        ]).map((value) => value.replaceAll('\t', ' ')),
      );
    case 'phone':
      return different(
        after(page, /^(?:telephone|tel|phone|ph)\b\s*[:.]*\s*/i, ['telephone', 'phone']).flatMap(
          (value) => /[+(]?\d[\d()+\s-]{5,}\d/.exec(value.replace(/\s*fax.*$/i, ''))?.[0].replace(/\t.*$/, '') ?? [],
        ),
      );
    case 'store': {
      const shown = lines.filter(({ text }) => squeeze(text).length > 1);
      const [first, second] = shown.map(({ cells }) => cells.join(' '));
      if (first === undefined) return [];
      if (/^[\d\W]+$/.test(first) || (second !== undefined && !SHOP.test(first) && SHOP.test(second))) return [];
      return [first];
    }
  }
}
