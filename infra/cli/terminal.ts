/** Words, tables and paragraphs for the terminal; plain where output is no terminal or NO_COLOR is set. */
import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

export function say(line = ''): void {
  process.stdout.write(`${line}\n`);
}

export function warn(line: string): void {
  process.stderr.write(`${line}\n`);
}

export function paint(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout });
}

export function printJson(value: unknown): void {
  say(JSON.stringify(value, null, 2));
}

const GAP = 2;
/** A column of words is not made narrower than this. */
const NARROWEST_COLUMN = 12;

/**
 * Rows in columns as wide as their widest cell. Where that is wider than the terminal, columns of words are cut, then
 * the first column, which names what a row is about, gets lines of its own. Ids, names and numbers are never cut, since
 * people copy them.
 * @param width of the terminal; undefined where output goes elsewhere, which gets all of it
 */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  width: number | undefined = process.stdout.columns,
): string {
  const cells = rows.map((row) => row.map(oneLine));
  const whole = columns(head, cells, width);
  if (width === undefined || whole.width <= width) return whole.lines.join('\n');
  const rest = columns(
    head.slice(1),
    cells.map((row) => row.slice(1)),
    width - GAP,
  );
  if (rest.width > width - GAP) return whole.lines.join('\n');
  const firsts = [paint('dim', head[0] ?? ''), ...cells.map((row) => row[0] ?? '')];
  return firsts.map((first, row) => `${first}\n${' '.repeat(GAP)}${rest.lines[row] ?? ''}`.trimEnd()).join('\n');
}

/** The lines of a table, and how wide the widest is or could be. */
function columns(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  width: number | undefined,
): { readonly lines: readonly string[]; readonly width: number } {
  const widths = head.map((title, at) =>
    rows.reduce((most, row) => Math.max(most, row[at]?.length ?? 0), title.length),
  );
  if (width !== undefined) shrink(widths, wordy(head, rows), width);
  const line = (row: readonly string[], style?: Style): string =>
    row
      .map((cell, at) => cut(cell, widths[at] ?? cell.length))
      .map((cell, at) => (at === row.length - 1 ? cell : cell.padEnd((widths[at] ?? 0) + GAP)))
      .map((cell) => (style === undefined ? cell : paint(style, cell)))
      .join('')
      .trimEnd();
  return { lines: [line(head, 'dim'), ...rows.map((row) => line(row))], width: totalOf(widths) };
}

const totalOf = (widths: readonly number[]): number => widths.reduce((sum, one) => sum + one + GAP, -GAP);

const oneLine = (text: string): string => harmless(text.replace(/\s+/g, ' ').trim());

const wordy = (head: readonly string[], rows: readonly (readonly string[])[]): number[] =>
  [...head.keys()].filter((column) => rows.some((row) => row[column]?.includes(' ')));

/** Makes the widest of these columns narrower until the line fits, or none can be made so. */
function shrink(widths: number[], among: readonly number[], width: number): void {
  while (totalOf(widths) > width) {
    const widest = among.reduce((best, at) => ((widths[at] ?? 0) > (widths[best] ?? 0) ? at : best), among[0] ?? -1);
    const has = widths[widest] ?? 0;
    if (has <= NARROWEST_COLUMN) return;
    widths[widest] = has - 1;
  }
}

/** The start of a text that is longer than `most`. */
export function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, Math.max(0, most - 1)).trimEnd()}…`;
}

const LABEL = 13;
const NARROWEST = 40;
const WIDEST = 110;

/** Text from models, tools and pictures: control characters could make a terminal do things. */
export function harmless(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .replaceAll('\t', '   ')
    .replace(/\p{Cc}/gu, (char) => (char === '\n' ? char : '\u00b7'));
}

/**
 * A label with a paragraph beside it, wrapped to the terminal.
 * @param mostLines lines to show; what is left out is counted
 */
export function paragraph(label: string, style: Style, text: string, mostLines = Number.POSITIVE_INFINITY): string {
  const width = Math.max(NARROWEST, Math.min(process.stdout.columns ?? WIDEST, WIDEST) - LABEL);
  const lines = harmless(text)
    .split('\n')
    .flatMap((line) => wrap(line, width));
  const shown = lines.length > mostLines ? lines.slice(0, mostLines - 1) : lines;
  if (shown.length < lines.length) shown.push(`… and ${lines.length - shown.length} lines more`);
  return shown
    .map((line, index) => `${index === 0 ? paint(style, label.padEnd(LABEL)) : ' '.repeat(LABEL)}${line}`.trimEnd())
    .join('\n');
}

function wrap(line: string, width: number): string[] {
  const lines: string[] = [];
  let rest = line;
  while (rest.length > width) {
    const space = rest.lastIndexOf(' ', width);
    const cut = space > width / 2 ? space : width;
    lines.push(rest.slice(0, cut).trimEnd());
    rest = rest.slice(cut).trimStart();
  }
  return [...lines, rest];
}

export function seconds(ms: number): string {
  return ms < 9_950 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 1000)} s`;
}

/** `2 h 5 min`, for uptimes. */
export function duration(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return `${Math.floor(ms / 1000)} s`;
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} days`;
}

export function size(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  let value = bytes / 1024;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

/** `12,345` */
export const number = (value: number): string => value.toLocaleString('en');

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${number(count)} ${count === 1 ? one : many}`;
}

/** Unix seconds as the clock on the wall has it: `2026-01-31 09:05`; `-` where there is none. */
export function moment(seconds: number | null): string {
  if (seconds === null) return '-';
  const date = new Date(seconds * 1000);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}
