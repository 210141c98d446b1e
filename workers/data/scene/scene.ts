/**
 * A scene is what a picture says, known in full before anything is drawn or read: its rows of cells, and the facts that
 * questions are asked about. The renderer draws scenes, the noise model reads them badly, questions are made of facts.
 */

/** Where a piece of text stands: row of the scene, cell of the row. */
export interface Place {
  readonly row: number;
  readonly cell: number;
}

export type RowStyle = 'title' | 'section' | 'header' | 'item' | 'total' | 'text' | 'rule' | 'blank';

export interface SceneRow {
  readonly cells: readonly string[];
  readonly style: RowStyle;
  /** The last cell is money or a number that layouts put at the right edge. */
  readonly valueLast?: boolean;
  /** Cells that are followed by a mere space, not by a gap: `3.` before a name, `Tel:` before a number. */
  readonly glued?: readonly number[];
}

/** A name and its value: a dish and its price, a nutrient and its amount, a bar and its number. */
export interface Entry {
  readonly name: string;
  /** As printed, e.g. `$4.50`. */
  readonly value: string;
  /** The number that `value` says. */
  readonly amount: number;
  readonly nameAt: Place;
  readonly valueAt: Place;
  /** The heading that it stands under, where the page has headings. */
  readonly section?: string;
}

export interface PriceFacts {
  readonly kind: 'prices';
  readonly what: 'menu' | 'board' | 'chart' | 'nutrition' | 'pump' | 'columns' | 'form';
  readonly entries: readonly Entry[];
  readonly title?: Place;
  /** What the values are, for the question: `price`, `sales`, ... */
  readonly subject: string;
  /** What an entry is, for the question: `item`, `fuel`, `country`, ... */
  readonly noun: string;
  /** `gallon`, `litre` on price boards. */
  readonly unit?: string;
  readonly percent?: boolean;
}

export interface TableFacts {
  readonly kind: 'table';
  readonly noun: string;
  readonly headerRow: number;
  /** The column that names the records; it need not be the first. */
  readonly nameColumn: number;
  /** A last row of totals or averages over the records. */
  readonly summary?: {
    readonly row: number;
    readonly label: string;
    readonly what: 'total' | 'average';
    readonly cells: readonly string[];
    readonly amounts: readonly number[];
  };
  readonly columns: readonly { readonly name: string; readonly numeric: boolean }[];
  readonly records: readonly {
    readonly row: number;
    readonly cells: readonly string[];
    readonly amounts: readonly number[];
  }[];
  readonly title?: Place;
}

/** What a receipt may be asked for. */
export type ReceiptField =
  | 'total'
  | 'subtotal'
  | 'tax'
  | 'service'
  | 'discount'
  | 'rounding'
  | 'cash'
  | 'change'
  | 'date'
  | 'time'
  | 'invoice'
  | 'store'
  | 'phone'
  | 'count'
  | 'cashier';

export interface FieldAt {
  /** As printed. */
  readonly value: string;
  readonly amount?: number;
  /** Cells to quote: label first, value last; rows may differ. One place where the label is missing. */
  readonly quote: readonly Place[];
  readonly valueAt: Place;
}

export interface ReceiptFacts {
  readonly kind: 'receipt';
  readonly fields: Partial<Record<ReceiptField, FieldAt>>;
  readonly items: readonly (Entry & { readonly quantity: number; readonly unit: number })[];
}

export interface ListFacts {
  readonly kind: 'list';
  readonly title?: Place;
  readonly numbered: boolean;
  /** What the list is of: `step`, `rule`, `part`, ... */
  readonly noun: string;
  readonly entries: readonly {
    readonly mark: string;
    readonly text: string;
    readonly at: Place;
    readonly markAt?: Place;
  }[];
}

export interface SignFacts {
  readonly kind: 'sign';
  readonly what: 'sign' | 'plate' | 'product';
  /** The main text, and the other lines. */
  readonly main: Place;
  readonly lines: readonly Place[];
}

export interface EquationFacts {
  readonly kind: 'equations';
  readonly columns: number;
  readonly lines: number;
  readonly equations: readonly {
    readonly at: Place;
    readonly line: number;
    readonly column: number;
    /** As printed, e.g. `3 + 4 x 2 = ?`. */
    readonly text: string;
    /** What Calculate must be asked, in terms of what is printed. */
    readonly expression: string;
    readonly unknown?: string;
  }[];
}

export type Facts = PriceFacts | TableFacts | ReceiptFacts | ListFacts | SignFacts | EquationFacts;

export interface Scene {
  /** Layout template: splits differ by it. */
  readonly template: string;
  readonly rows: readonly SceneRow[];
  readonly facts: Facts;
}

/** Collects rows and says where each cell went. */
export function sceneRows(): {
  rows: SceneRow[];
  add(style: RowStyle, cells: readonly string[], valueLast?: boolean, glued?: readonly number[]): number;
} {
  const rows: SceneRow[] = [];
  return {
    rows,
    add(style, cells, valueLast = false, glued = []) {
      rows.push({ cells, style, valueLast, glued });
      return rows.length - 1;
    },
  };
}
