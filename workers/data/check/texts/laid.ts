/** A question about a table with its titles and cells masked. */
import { nameColumn, TABLE_WORDS } from './columns.ts';
import type { Grid } from './grid.ts';
import { indexOf, type Named, type Part, partsOf } from './naming.ts';
import { alike, squeeze } from './spelling.ts';
import { tokensOf, withWords } from './wording.ts';

/** A title of a column, or a cell of a record. */
export interface Said {
  readonly column: number;
  /** Absent for a title. */
  readonly record?: number;
}

/** A question laid on a table. */
export interface Laid {
  readonly grid: Grid;
  /** C a column, K the column of names, N a cell, U a stranger. */
  readonly text: string;
  readonly columns: readonly number[];
  readonly cells: readonly (readonly Required<Said>[])[];
  readonly strangers: number;
  readonly figures: readonly string[];
}

const WORDS = withWords(TABLE_WORDS);

/** Which titles and cells of a table a question names. */
export function lay(question: string, grid: Grid): Laid {
  const named: Named<Said>[] = [
    ...grid.columns.map(({ key, title }, column) => ({ key, text: title, is: { column } })),
    ...grid.records.flatMap((record, at) =>
      record.map((cell, column) => ({ key: squeeze(cell), text: '', is: { column, record: at } })),
    ),
  ].filter(({ key }) => key.length > 0);
  const index = indexOf(named);
  const tokens = tokensOf(question, WORDS, (key) => index.words.has(key) || index.exact.has(key));
  const parts = partsOf(tokens, index, WORDS);
  const own = nameColumn(grid, '');
  const columns: number[] = [];
  const cells: Required<Said>[][] = [];
  const figures: string[] = [];
  let strangers = 0;
  const text = withPairs(parts, grid)
    .map((part) => {
      if (part.kind === 'word') {
        if (/\d/.test(part.text)) figures.push(part.text);
        const misread = misreadTitle(part.text, grid);
        if (misread !== undefined) columns.push(misread);
        return misread === undefined ? part.text : 'C';
      }
      if (part.kind === 'stranger') {
        strangers++;
        return 'U';
      }
      const titles = part.of.filter(({ record }) => record === undefined);
      // The title of the column of names is what a record is called.
      if (titles.length > 0 && titles.every(({ column }) => column === own)) return 'K';
      if (titles.length > 0) {
        columns.push(...new Set(titles.map(({ column }) => column)));
        return 'C';
      }
      cells.push(part.of as Required<Said>[]);
      return 'N';
    })
    .join(' ')
    .replace(/ ([,.:;])/g, '$1');
  return { grid, text, columns, cells, strangers, figures };
}

/** Two words of the language that are one title which was read badly: `fuel cost` means `fuel ccst`. */
function withPairs(parts: readonly Part<Said>[], grid: Grid): readonly Part<Said>[] {
  return parts.flatMap((part, at): Part<Said>[] => {
    const joined = (from: number): string | undefined => {
      const [a, b] = [parts[from], parts[from + 1]];
      const text = a?.kind === 'word' && b?.kind === 'word' ? a.text + b.text : undefined;
      return text !== undefined && misreadTitle(text, grid) !== undefined ? text : undefined;
    };
    if (joined(at - 1) !== undefined) return [];
    const text = joined(at);
    return [text === undefined ? part : { kind: 'word', text }];
  });
}

/** The column whose title is a word of the language, read badly: `price` means `Pfice`. */
function misreadTitle(word: string, { columns }: Grid): number | undefined {
  if (word.length < 4) return undefined;
  const found = columns.flatMap(({ key, numeric }, k) =>
    numeric && !WORDS.has(key) && key[0] === word[0] && alike(key, word) ? [k] : [],
  );
  return found.length === 1 ? found[0] : undefined;
}
