/** Quotes of rows, followed token by token: what may come next so that each is as `quotes.ts` writes it. */
import { FIRST_MARK, markOf, rowGlyphs } from '../vocabulary.ts';
import { begins } from './spans.ts';

/** A place in a row up to which a quote may have come. */
interface Place {
  readonly mark: number;
  readonly ids: readonly number[];
  /** Where the quote began. */
  readonly from: number;
  at: number;
}

export interface Quoting {
  /** Tokens that may follow within quotes. */
  ids(): Iterable<number>;
  /** Whether no quote is open: something else may be said. */
  between(): boolean;
  /** Marks of the rows that were quoted. */
  readonly quoted: ReadonlySet<number>;
  say(id: number): void;
}

/** @param rows by their mark, tabs between cells */
export function quoting(rows: ReadonlyMap<number, string>): Quoting {
  const texts = [...rows].map(([mark, text]) => {
    const ids = rowGlyphs(text);
    return { mark, ids, starts: ids.flatMap((_, at) => (begins(text, at) ? [at] : [])) };
  });
  const quoted = new Set<number>();
  let open: Place[] | undefined;
  /** The row whose mark was just said bare: it may follow. */
  let marked: Place[] = [];

  const places = (): Place[] => [
    ...texts.flatMap(({ mark, ids, starts }) =>
      quoted.has(mark) ? [] : starts.map((at) => ({ mark, ids, from: at, at })),
    ),
    ...marked,
  ];
  const next = ({ ids, at, mark }: Place): number => ids[at] ?? FIRST_MARK + mark;

  return {
    quoted,
    between: () => open === undefined,
    ids() {
      if (open) return new Set(open.map(next));
      const bare = texts.filter(({ mark }) => !quoted.has(mark)).map(({ mark }) => FIRST_MARK + mark);
      return new Set([...bare, ...places().map(next)]);
    },
    say(id) {
      const mark = markOf(id);
      if (mark === undefined) {
        open = (open ?? places()).filter((place) => next(place) === id);
        for (const place of open) place.at++;
        return;
      }
      const begun = open?.filter((place) => next(place) === id);
      quoted.add(mark);
      const row = begun?.[0]?.ids ?? texts.find((one) => one.mark === mark)?.ids ?? [];
      marked = begun || row.length === 0 ? [] : [{ mark, ids: row, from: 0, at: 0 }];
      // Of a row that was begun further in, what stands before that is said behind it.
      const from = begun?.[0]?.from ?? 0;
      open = from > 0 ? [{ mark, ids: row.slice(0, from), from: 0, at: 0 }] : undefined;
    },
  };
}
