/** All chains of a job as columns, numbered in the order of their ids, and what has been decided of each. */

import { COMMON_REASONS, type Reason } from './reasons.ts';
import type { Tables } from './tables.ts';

type Common = (typeof COMMON_REASONS)[number];

/** Nothing decided; its own fault; then the common reasons in their order. */
const ALIVE = 0;
const OWN = 1;
const FIRST_COMMON = 2;

export class Decisions {
  readonly count: number;
  /** Number -> chain file, and row in it. */
  readonly file: Int32Array;
  readonly row: Int32Array;
  readonly #state: Uint8Array;
  /** The other chain that the reason is about, or -1. */
  readonly #other: Int32Array;
  readonly #details = new Map<number, string>();
  readonly #numbers: readonly Int32Array[];

  /** @param rows chains of each file */
  constructor(count: number, rows: readonly number[]) {
    this.count = count;
    this.file = new Int32Array(count);
    this.row = new Int32Array(count);
    this.#state = new Uint8Array(count);
    this.#other = new Int32Array(count).fill(-1);
    this.#numbers = rows.map((size) => new Int32Array(size));
  }

  place(number: number, file: number, row: number, ownFault: boolean): void {
    this.file[number] = file;
    this.row[number] = row;
    (this.#numbers[file] as Int32Array)[row] = number;
    if (ownFault) this.#state[number] = OWN;
  }

  numberAt(file: number, row: number): number {
    return this.#numbers[file]?.[row] as number;
  }

  isAlive(number: number): boolean {
    return this.#state[number] === ALIVE;
  }

  /** Files and rows of the chains that stay, in that order. */
  places(): { readonly file: Int32Array; readonly row: Int32Array } {
    const size = this.alive().length;
    const [file, row] = [new Int32Array(size), new Int32Array(size)];
    let i = 0;
    for (const [at, numbers] of this.#numbers.entries())
      for (let place = 0; place < numbers.length; place++)
        if (this.isAlive(numbers[place] as number)) [file[i], row[i++]] = [at, place];
    return { file, row };
  }

  alive(): Uint32Array {
    let size = 0;
    for (const state of this.#state) if (state === ALIVE) size++;
    const numbers = new Uint32Array(size);
    let i = 0;
    for (let number = 0; number < this.count; number++) if (this.#state[number] === ALIVE) numbers[i++] = number;
    return numbers;
  }

  /** What was decided before stays. */
  drop(
    number: number,
    reason: Common,
    { other, detail }: { readonly other?: number; readonly detail?: string } = {},
  ): void {
    if (this.#state[number] !== ALIVE) return;
    this.#state[number] = FIRST_COMMON + COMMON_REASONS.indexOf(reason);
    if (other !== undefined) this.#other[number] = other;
    if (detail !== undefined) this.#details.set(number, detail);
  }

  /** The common reason; undefined where the chain stays or its own fault decides. */
  commonReason(number: number): Common | undefined {
    const state = this.#state[number] as number;
    return state < FIRST_COMMON ? undefined : (COMMON_REASONS[state - FIRST_COMMON] as Common & Reason);
  }

  other(number: number): number | undefined {
    const other = this.#other[number] as number;
    return other < 0 ? undefined : other;
  }

  detail(number: number): string {
    return this.#details.get(number) ?? '';
  }

  /** Numbers of all chains that a reason is about. */
  others(): Set<number> {
    const numbers = new Set<number>();
    for (const number of this.#other) if (number >= 0) numbers.add(number);
    return numbers;
  }
}

/**
 * Makes the table `facts` of parquet and numbers its rows: by id, and where two have one id by file and row.
 * @param rows chains of each file
 */
export async function loadDecisions(tables: Tables, parquet: string, rows: readonly number[]): Promise<Decisions> {
  await tables.connection.run(
    `CREATE TABLE facts AS
     SELECT (row_number() OVER (ORDER BY id, file, row) - 1)::INTEGER AS number,
       file, row, id, source, outcome, skeleton, reason, detail, exact, asked, pictures
     FROM ${parquet}`,
  );
  const decisions = new Decisions(
    rows.reduce((a, b) => a + b, 0),
    rows,
  );
  for await (const [number = [], file = [], row = [], fault = []] of tables.columns(
    `SELECT number, file, row, reason <> '' FROM facts`,
  ))
    for (let i = 0; i < number.length; i++)
      decisions.place(number[i] as number, file[i] as number, row[i] as number, fault[i] as boolean);
  return decisions;
}
