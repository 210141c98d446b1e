/** What a question is: its words, the truth, and the way there in terms of places of the scene. */
import type { Place } from '../scene/scene.ts';

export type Family =
  | 'look-up'
  | 'reverse'
  | 'sums'
  | 'extremes'
  | 'receipt'
  | 'equations'
  | 'reading'
  | 'products'
  | 'no-tool'
  | 'unanswerable';

/** Evidence: places from name to value; the realiser makes one quote per observed row. */
export type Evidence = readonly Place[];

export interface Turn {
  readonly evidence: readonly Evidence[];
  readonly next:
    | {
        readonly calculate: (operands: readonly string[]) => string;
        readonly operands: readonly Place[];
        readonly result: number;
      }
    | { readonly answer: Place; readonly as: 'amount' | 'text' }
    | { readonly answer: 'result' }
    | 'unknown';
}

export interface Ask {
  readonly family: Family;
  /** A finer name than the family, for counts: `sums/quantities`. */
  readonly kind: string;
  readonly text: string;
  readonly skeleton: string;
  /** The true answer; `<unknown>` where the picture does not tell. */
  readonly truth: string;
  /** Model turns after the picture was read. Empty `evidence` and 'unknown' for unanswerable ones. */
  readonly turns: readonly Turn[];
  /** False when the question needs no picture to be read: the first turn calculates. */
  readonly needsPicture: boolean;
}

/** A number as Calculate prints it: 14 significant digits, no trailing zeros. */
export function resultText(value: number): string {
  return String(Number(value.toPrecision(14)));
}

/**
 * Rounded to some decimals as Calculate does. NaN for a tie: there floating point decides, and no two programs agree, so
 * nothing that ends in one is asked.
 */
export function rounded(value: number, decimals = 2): number {
  const scaled = Number(value.toPrecision(14)) * 10 ** decimals;
  return Math.abs(scaled - Math.floor(scaled) - 0.5) < 1e-4 ? Number.NaN : Math.round(scaled) / 10 ** decimals;
}
