/** A reading as a person takes it in: rows of cells, and which amount stands beside which name. */
import { once, remembered } from '../remember.ts';
import { type Amount, type AmountStyle, amountOf, styleOf } from './amounts.ts';
import { squeeze } from './spelling.ts';

export interface Line {
  readonly at: number;
  readonly text: string;
  readonly cells: readonly string[];
}

/** A name with what stands beside it. */
export interface Entry {
  readonly name: string;
  readonly key: string;
  /** Squeezed name without the cells before the last, where it was read in several. */
  readonly tail?: string;
  /** The key with a figure that stands between name and amount, which may be a part of either. */
  readonly longer?: string;
  /** Undefined where there is none, or none that can be read. */
  readonly amount?: Amount;
  readonly line: number;
  /** The heading that it stands under. */
  readonly section?: string;
  /** Nothing stands beside it: a title, a heading, a note. */
  readonly alone?: true;
}

export interface Page {
  readonly lines: readonly Line[];
  readonly style: AmountStyle;
}

/** Several chains ask about one picture, and one chain is gone through several times. */
const PAGES = 64;
const pageOfText = remembered((text: string): Page => laidOut(text.split('\n')), PAGES);

/** @param rows cells parted by tabs; none has a line break in it */
export const pageOf = (rows: readonly string[]): Page =>
  rows.length === 0 || rows.some((row) => row.includes('\n')) ? laidOut(rows) : pageOfText(rows.join('\n'));

/** `2001  60%` as cells, as most rows of a page about years have it. */
const YEAR_ROW = /^((?:19|20)\d\d)\t\S+$/;
const YEAR_CELL = /^((?:19|20)\d\d) (\S*\d\S*)$/;
/** `Apr ???`: a name with a mark where its figure should be. */
const MARKED_CELL = /^(\p{L}[^=]*[\p{L})]) (\?+)$/u;
const partedCell = (cell: string, row: string, years: boolean): readonly string[] => {
  const found = years && !row.includes('\t') ? YEAR_CELL.exec(cell) : null;
  const marked = MARKED_CELL.exec(cell);
  const parts = found ?? marked;
  return parts ? [parts[1] as string, parts[2] as string] : [cell];
};

function laidOut(rows: readonly string[]): Page {
  const years = rows.filter((row) => YEAR_ROW.test(row)).length > 1;
  const lines = rows.map(
    (text, at): Line => ({
      at,
      text,
      cells: text
        .split('\t')
        .flatMap((cell) => partedCell(cell.trim(), text, years))
        // Marks alone are edges and dust; a dash may stand for nothing.
        .filter((cell) => cell !== '' && !/^(?:[|;'"`,._~^]|[._,]{2})$/.test(cell)),
    }),
  );
  return { lines, style: styleOf(lines.map(({ cells }) => cells)) };
}

/** A name without list marks before it and leaders behind it. */
export const bareName = (text: string): string =>
  text
    .replace(/^(?:\d{1,2}[.)]|[-*•·])\s*(?=\S)/, '')
    .replace(/(?:\s*[._–-]){2,}\s*$/, '')
    .replace(/[\s.:_=-]+$/, '')
    .trim();

const words = (text: string): boolean => /\p{L}{2}|\p{L}\d/u.test(text);

type Piece = { readonly name: string } | { readonly amount: Amount | 'unclear' };

/** A name with an amount at its end, of which only decimals or a currency tell that it is one. */
const TRAILING =
  /^(.*?\p{L}.*?)(?:[\s.:_-]+|(?<=\p{Ll}|\)|\p{Lu}{3}(?=\d)))((?:rm ?|rs ?|s\$|[$€£₹]|[A-Z?]{1,2} ?)?-?\d+(?:[.,]\d+)*(?:\s?[.,]\s?\d{2,3}| \d\d)?(?:\s?(?:[€$*%]|kr|usd|[a-z]{1,2}|[A-Z]{1,2}))?)$/u;

function piecesOf(cell: string, style: AmountStyle): Piece[] {
  // The number of a row, a grade in one letter.
  if (/^(?:\d{1,2}[.)]|#\d{1,2}|[A-Z]|rm|rs\.?|s\$|us\$|usd|eur|kr|[$€£₹¥])$/i.test(cell) && !/^[a-z]$/.test(cell))
    return [];
  const portions = /^((?:about |ca\.? )?\d+(?:[.,]\d)?) ((?:servings?|portions?)\b.*)$/i.exec(cell);
  if (portions)
    return [{ name: portions[2] as string }, { amount: amountOf(portions[1] as string, style) ?? 'unclear' }];
  // A mark in the place of a figure: what stands behind it belongs to another name.
  if (/^\?+$/.test(cell)) return [{ amount: 'unclear' }];
  const whole = amountOf(cell, style);
  if (whole !== undefined) return [{ amount: whole }];
  const found = TRAILING.exec(cell);
  if (found) {
    const tail = found[2] as string;
    const amount = amountOf(tail, style);
    const priced =
      amount !== undefined &&
      amount !== 'unclear' &&
      (amount.decimals >= 2 || /^(?:rm|rs|s?\$|[€£₹])/i.test(tail) || /[€$%]$/.test(tail));
    if (priced && words(found[1] as string)) return [{ name: found[1] as string }, { amount }];
  }
  return [{ name: cell }];
}

const isPriced = (amount: Amount | 'unclear', style: AmountStyle): boolean =>
  amount !== 'unclear' && amount.decimals > 0 && (style.decimals === undefined || amount.decimals === style.decimals);

/** `Mon2383`, `Mon 2383` among names with whole numbers beside them: the gap between the two was lost. */
function partedOf(cell: string, style: AmountStyle): Piece[] {
  const found = /^(\p{L}{3,})(?: (?!(?:19|20)\d\d$))?(\d{2,})$/u.exec(cell);
  // `accidentsin1996` is a title.
  const titled = /in(?:19|20)\d\d$/i.test(cell);
  const amount = found && !titled && style.decimals === undefined ? amountOf(found[2] as string, style) : undefined;
  return found && amount !== undefined ? [{ name: found[1] as string }, { amount }] : piecesOf(cell, style);
}

/** `E85  €4.183`: a letter with figures that has an amount beside it is a name, whatever else letters are read for. */
function withCode(pieces: Piece[], cells: readonly string[]): Piece[] {
  const [code = ''] = cells;
  return pieces.length === 2 &&
    cells.length === 2 &&
    pieces.every((piece) => 'amount' in piece) &&
    /^[A-Z]\d{2,3}$/.test(code)
    ? [{ name: code }, pieces[1] as Piece]
    : pieces;
}

/** A name with a bare whole number, above a row that is a price alone. */
function belowOf(
  pieces: readonly Piece[],
  next: readonly Piece[] | undefined,
): { readonly name: string; readonly figure: string; readonly amount: Amount } | undefined {
  const [name, figure] = pieces;
  const [price] = next ?? [];
  if (pieces.length !== 2 || next?.length !== 1) return undefined;
  if (!name || !('name' in name) || !figure || !('amount' in figure) || !price || !('amount' in price))
    return undefined;
  if (figure.amount === 'unclear' || figure.amount.unit !== '' || price.amount === 'unclear') return undefined;
  if (!/^\d{2,3}$/.test(figure.amount.text) || price.amount.decimals < 2) return undefined;
  return { name: name.name, figure: figure.amount.text, amount: price.amount };
}

/** The one amount that a name's neighbours give: the priced one among grades and percentages, if they are several. */
function choose(amounts: readonly (Amount | 'unclear')[], style: AmountStyle): Amount | undefined {
  if (amounts.length === 1) return amounts[0] === 'unclear' ? undefined : amounts[0];
  if (amounts.length === 0 || amounts.includes('unclear')) return undefined;
  const known = amounts as readonly Amount[];
  const [first, second] = known as [Amount, Amount];
  // `5.4 mg  11 %`: the share of a daily need comes behind.
  if (known.length === 2 && second.unit === '%' && first.unit !== '' && first.unit !== '%') return first;
  const priced = known.filter((one) => isPriced(one, style));
  return priced.length === 1 ? priced[0] : undefined;
}

const NOTE = /^source\s?:/i;

/** What a page has of names with amounts. */
export interface Entries {
  readonly entries: readonly Entry[];
  readonly headings: readonly string[];
}

/**
 * Names and the amounts beside them, in reading order: on the same row, or alone on the next one.
 * A row with a name alone whose next row is no amount is a heading for the rows after it.
 */
export const entriesOf = once(({ lines, style }: Page): Entries => {
  const entries: Entry[] = [];
  const headings: string[] = [];
  let section: string | undefined;
  const cells = (at: number): readonly string[] => (lines[at] as Line).cells;
  const pairs = lines.filter(
    ({ cells }) => cells.length === 2 && amountOf(cells[1] as string, style) !== undefined,
  ).length;
  const glued = pairs > 1 && pairs * 2 >= lines.length;
  const read = lines.map(({ cells }) =>
    glued && cells.length === 1
      ? partedOf(cells[0] as string, style)
      : withCode(
          cells.flatMap((cell) => piecesOf(cell, style)),
          cells,
        ),
  );
  const inColumns = lines.some(({ cells }) => cells.length > 3);
  for (let at = 0; at < lines.length; at++) {
    // Where the figures of a chart come from is no entry of it.
    if (NOTE.test((lines[at] as Line).text)) continue;
    const pieces = read[at] as Piece[];
    let names: string[] = [];
    let amounts: (Amount | 'unclear')[] = [];
    const close = (): void => {
      if (names.length === 0) return;
      const shown = names.map(bareName).filter((name) => name !== '');
      const name = shown.join(' ');
      // `Credit + 0.10`, `Tel 638 9273`: no name with its amount.
      const amount = choose(amounts, style);
      if (/[+]$|^(?:tel|ph)\b/i.test(name) || (/^phone\b/i.test(name) && amount?.decimals !== 2)) {
        names = [];
        amounts = [];
        return;
      }
      entries.push({
        name,
        key: squeeze(name),
        // A word seen behind the amount of a page in one column.
        ...(amounts.length === 0 && entries.at(-1)?.line === at && !inColumns ? { alone: true as const } : {}),
        ...(amounts.length > 1 && amounts[0] !== amount && amounts[0] !== 'unclear'
          ? { longer: squeeze(name + (amounts[0] as Amount).text) }
          : {}),
        ...(shown.length > 1 ? { tail: squeeze(shown.at(-1) as string) } : {}),
        ...(amount ? { amount } : {}),
        line: at,
        ...(section === undefined ? {} : { section }),
      });
      names = [];
      amounts = [];
    };
    const split = belowOf(pieces, read[at + 1]);
    if (split !== undefined) {
      // `Regular  95`, and the price alone on the next row: the figure is a part of the name.
      const name = bareName(split.name);
      entries.push({ name, key: squeeze(name), longer: squeeze(name + split.figure), amount: split.amount, line: at });
      at++;
      continue;
    }
    const alone = pieces.every((piece) => 'name' in piece);
    if (alone) {
      const next = read[at + 1];
      const below =
        next !== undefined && next.length === 1 && next[0] !== undefined && 'amount' in next[0]
          ? next[0].amount
          : undefined;
      const after = read[at + 2];
      const text = bareName((lines[at] as Line).cells.join(' '));
      if (below !== undefined && words(text)) {
        names = [text];
        amounts = [below];
        // Two figures below one name: which is its own cannot be told.
        if (after?.every((piece) => 'amount' in piece) && after.length > 0) amounts.push('unclear');
        close();
        at++;
      } else if (cells(at).length > 1 && words(text) && !/\p{L}{2}/u.test(cells(at).at(-1) as string)) {
        // Something stands where its amount should be, and cannot be read.
        const name = bareName(cells(at).slice(0, -1).join(' '));
        entries.push({ name, key: squeeze(name), line: at, ...(section === undefined ? {} : { section }) });
      } else if (words(text)) {
        if (!text.includes(',')) {
          section = text;
          headings.push(text);
        }
        entries.push({ name: text, key: squeeze(text), line: at, alone: true });
      }
      continue;
    }
    for (const piece of pieces) {
      if ('name' in piece) {
        // A letter alone behind an amount is dust.
        if (amounts.length > 0 && /^\p{L}$/u.test(piece.name)) continue;
        if (amounts.length > 0) close();
        if (words(piece.name) || names.length > 0 || /[\p{L}\d]/u.test(piece.name)) names.push(piece.name);
      } else if (names.length > 0) amounts.push(piece.amount);
      // `1995  345`: a year is a name where nothing else is.
      else if (
        (pieces.length === 2 || (pieces.length === 3 && 'name' in (pieces[2] as Piece))) &&
        /^(?:19|20)\d\d$/.test((lines[at] as Line).cells[0] as string)
      )
        names.push((lines[at] as Line).cells[0] as string);
    }
    close();
  }
  return { entries, headings };
});
