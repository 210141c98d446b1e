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

/** Rows in columns as wide as their widest cell. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)));
  const line = (cells: readonly string[], style?: Style): string =>
    cells
      .map((cell, column) => (column === cells.length - 1 ? cell : cell.padEnd((widths[column] ?? 0) + 2)))
      .map((cell) => (style === undefined ? cell : paint(style, cell)))
      .join('')
      .trimEnd();
  return [line(head, 'dim'), ...rows.map((row) => line(row))].join('\n');
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

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
