/** CSV and TSV as spreadsheets write them: quoted fields may hold separators, quotes and line ends. */

export interface Row {
  readonly fields: readonly string[];
  /** Line at which it begins, from 1. */
  readonly line: number;
}

/** A quote that is never closed would swallow the rest of the file; no field of an article is longer than this. */
const MOST_CHARACTERS = 64 * 1024 * 1024;

/**
 * Rows that are not blank.
 * @param chunks text, cut anywhere
 * @param separator one character
 * @throws RangeError that names the line of a quote that is not closed
 */
export async function* readDelimited(chunks: AsyncIterable<string>, separator: string): AsyncGenerator<Row> {
  let fields: string[] = [];
  let field = '';
  let [line, begun] = [1, 1];
  /** Within quotes; or behind a quote in them, which ends them unless another follows. */
  let state: 'plain' | 'quoted' | 'closing' = 'plain';
  let first = true;
  let size = 0;

  const endField = (): void => {
    fields.push(field);
    [field, state] = ['', 'plain'];
  };
  const endRow = (): Row | undefined => {
    endField();
    const row = { fields, line: begun };
    [fields, size] = [[], 0];
    begun = line;
    return row.fields.length > 1 || row.fields[0] !== '' ? row : undefined;
  };

  for await (const chunk of chunks) {
    const text: string = first && chunk.startsWith('\ufeff') ? chunk.slice(1) : chunk;
    if (chunk !== '') first = false;
    size += text.length;
    let at = 0;
    while (at < text.length) {
      if (state === 'quoted') {
        const quote = text.indexOf('"', at);
        const piece = text.slice(at, quote < 0 ? undefined : quote);
        field += piece;
        line += piece.split('\n').length - 1;
        if (quote < 0) break;
        [state, at] = ['closing', quote + 1];
        continue;
      }
      const char = text[at] ?? '';
      at += 1;
      if (char === '"' && state === 'closing') {
        field += '"';
        state = 'quoted';
      } else if (char === '"' && field === '' && state === 'plain') state = 'quoted';
      else if (char === separator) endField();
      else if (char === '\n') {
        if (field.endsWith('\r')) field = field.slice(0, -1);
        line += 1;
        const row = endRow();
        if (row) yield row;
        size = text.length - at;
      } else {
        const end = nextSpecial(text, at, separator);
        field += char + text.slice(at, end);
        at = end;
        if (state === 'closing') state = 'plain';
      }
    }
    if (size > MOST_CHARACTERS) throw new RangeError(`line ${begun}: a quote that begins here is not closed`);
  }
  if (state === 'quoted') throw new RangeError(`line ${begun}: a quote that begins here is not closed`);
  if (field.endsWith('\r')) field = field.slice(0, -1);
  const row = endRow();
  if (row) yield row;
}

/** Plain characters are taken in runs: one by one would be ten times slower. */
function nextSpecial(text: string, from: number, separator: string): number {
  for (let at = from; at < text.length; at++) {
    const char = text[at];
    if (char === '"' || char === '\n' || char === separator) return at;
  }
  return text.length;
}
