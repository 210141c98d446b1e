/** The display of a fuel pump: what was paid, how much was filled, and what one unit cost. */
import type { Derived } from '../contract.ts';
import { type Amount, amountOf, rounded } from './amounts.ts';
import { say, sayAmount, UNPARSED } from './answer.ts';
import type { Page } from './page.ts';
import { COMMON, tokensOf } from './wording.ts';

const SALE = /sale|amount|total|to ?pay|\$$/i;
const VOLUME = /gal|lit|ltr|v[oa0]l\w{1,2}e?/i;

/** `40.961 Gallons`, `Sale $ 30.10`: a figure and its label that were read as one. */
function apart(cell: string): string[] {
  const found = /^([^\p{L}]*\d[\d.,]*) +(\p{L}.*)$/u.exec(cell) ?? /^(\p{L}[^\d]*?) +(\D?\d[\d.,]*)$/u.exec(cell);
  return found && (VOLUME.test(cell) || SALE.test(cell)) ? [found[1] as string, found[2] as string] : [cell];
}

/** Labels and figures of a display, which stand beside, above or below each other. */
export function displayOf(page: Page): { sale?: Amount; volume?: Amount } | undefined {
  if (page.lines.length > 6) return undefined;
  type Piece = { readonly label: 'sale' | 'volume' } | { readonly amount: Amount | undefined };
  const pieces = page.lines.flatMap(({ cells }) =>
    cells.flatMap(apart).flatMap((cell): Piece[] => {
      const read = amountOf(cell, { comma: false });
      if (read !== undefined) return [{ amount: read === 'unclear' ? undefined : read }];
      return VOLUME.test(cell) && cell.length < 10
        ? [{ label: 'volume' }]
        : SALE.test(cell) && cell.length < 14
          ? [{ label: 'sale' }]
          : [];
    }),
  );
  const labels = pieces.filter((piece) => 'label' in piece);
  const amounts = pieces.filter((piece) => 'amount' in piece);
  if (labels.length !== 2 || amounts.length !== 2 || new Set(labels.map(({ label }) => label)).size !== 2)
    return undefined;
  // Each label with the figure of its own place in the order; three decimals are a volume's.
  const of = (label: 'sale' | 'volume'): Amount | undefined =>
    amounts[labels.findIndex((one) => one.label === label)]?.amount;
  const [sale, volume] = [of('sale'), of('volume')];
  return { ...(sale ? { sale } : {}), ...(volume ? { volume } : {}) };
}

const UNIT = '(?:gallon|litre|liter)';

export function derivePump(question: string, page: Page): Derived {
  const display = displayOf(page);
  if (!display) return UNPARSED;
  const { sale, volume } = display;
  const words = tokensOf(question, COMMON, () => false)
    .map((token) => token.text)
    .join(' ');
  if (
    new RegExp(
      `per ${UNIT}|\\b(?:of a|one|each|a) ${UNIT}\\b|unit price|(?:fuel|petrol|gas|pump) price|(?:is|was) (?:the )?(?:fuel|gas|petrol|it) per`,
    ).test(words)
  )
    return sale && volume
      ? say(rounded(sale.value / volume.value, 3), rounded(sale.value / volume.value, 2))
      : 'unknown';
  if (/\b(?:volume|how many (?:gallons|litres|liters)|how much fuel|number of (?:gallons|litres|liters))\b/.test(words))
    return sayAmount(volume);
  if (/\b(?:sale|paid|pay|charged|total|bill|amount|cost)\b/.test(words)) return sayAmount(sale);
  return UNPARSED;
}
