/** Rows of a TSV file as pandas writes it: cells with tabs, line ends or quotes stand in quotes, which are doubled. */
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

/** Characters of one row: a picture in base64 fits. */
const MOST_CHARACTERS = 64 * 1024 * 1024;

export interface TsvRow {
  /** Line of its first character, from 1; the header is line 1. */
  readonly line: number;
  readonly cells: readonly string[];
  /** Why there are no cells. */
  readonly problem?: string;
}

/** At most one row is held; of a row that is too long only that it is. */
export async function* tsvRows(body: Readable): AsyncGenerator<TsvRow> {
  const decoder = new StringDecoder('utf8');
  let cells: string[] = [];
  let cell: string[] = [];
  let quoted = false;
  /** A quote within a quoted cell: its end, or the first of two. */
  let pending = false;
  let begun = false;
  let line = 1;
  let began = 1;
  let length = 0;
  let first = true;

  const add = (text: string): void => {
    length += text.length;
    if (length > MOST_CHARACTERS) {
      cell = [];
      cells = [];
    } else if (text !== '') cell.push(text);
  };
  const endCell = (): void => {
    cells.push(cell.length === 1 ? (cell[0] as string) : cell.join(''));
    cell = [];
    begun = false;
  };
  const endRow = (): TsvRow | undefined => {
    endCell();
    const row =
      length > MOST_CHARACTERS
        ? { line: began, cells: [], problem: `longer than ${MOST_CHARACTERS.toLocaleString('en')} characters` }
        : { line: began, cells };
    const blank = cells.length === 1 && (cells[0] === '' || cells[0] === '\r') && length <= 1;
    cells = [];
    length = 0;
    began = line;
    return blank ? undefined : withoutReturn(row);
  };

  async function* texts(): AsyncGenerator<string> {
    for await (const chunk of body as AsyncIterable<Buffer>) yield decoder.write(chunk);
    yield decoder.end();
  }
  for await (let text of texts()) {
    if (first && text !== '') {
      if (text.startsWith('\ufeff')) text = text.slice(1);
      first = false;
    }
    let at = 0;
    while (at < text.length) {
      if (quoted) {
        if (pending) {
          pending = false;
          if (text[at] === '"') {
            add('"');
            at++;
          } else quoted = false;
          continue;
        }
        const end = text.indexOf('"', at);
        const inside = text.slice(at, end < 0 ? undefined : end);
        for (let lf = inside.indexOf('\n'); lf >= 0; lf = inside.indexOf('\n', lf + 1)) line++;
        add(inside);
        at = end < 0 ? text.length : end + 1;
        pending = end >= 0;
        continue;
      }
      const start = text[at];
      if (start === '"' && !begun) {
        quoted = true;
        begun = true;
        at++;
        continue;
      }
      begun = true;
      if (start === '\t') {
        endCell();
        at++;
        length++;
        continue;
      }
      if (start === '\n') {
        line++;
        at++;
        const row = endRow();
        if (row) yield row;
        continue;
      }
      const tab = text.indexOf('\t', at);
      const lf = text.indexOf('\n', at);
      const end = Math.min(tab < 0 ? text.length : tab, lf < 0 ? text.length : lf);
      add(text.slice(at, end));
      at = end;
    }
  }
  if (quoted && !pending) yield { line: began, cells: [], problem: 'a quote is opened and never closed' };
  else if (length > 0 || cells.length > 0 || cell.length > 0) {
    const row = endRow();
    if (row) yield row;
  }
}

function withoutReturn(row: TsvRow): TsvRow {
  const last = row.cells.at(-1);
  return last?.endsWith('\r') ? { ...row, cells: [...row.cells.slice(0, -1), last.slice(0, -1)] } : row;
}
