/** A question as a layout has it: its pictures still as they stand in the file. */

import type { Split } from '../../../shared/data/chain.ts';

export type RawImage =
  | { readonly bytes: Uint8Array }
  /** Base64, or a data URL. */
  | { readonly base64: string }
  /** https or s3: fetched by the run. */
  | { readonly url: string }
  /** Name within the archive of pictures. */
  | { readonly path: string }
  /** The picture of the row with this index. */
  | { readonly row: string };

export interface RawQuestion {
  readonly id: string;
  readonly question: string;
  readonly hint?: string | undefined;
  readonly choices?: readonly string[] | undefined;
  readonly truth: string;
  readonly images: readonly RawImage[];
  readonly skills: readonly string[];
  /** What the row says itself. */
  readonly split?: Split | undefined;
  readonly licence?: string | undefined;
  /** Where the row names itself, for rows that name its picture. */
  readonly index?: string | undefined;
}

/** One row of a file, with all questions that it holds. */
export interface RawRow {
  /** Line, or row of a parquet file, from 1. */
  readonly line: number;
  readonly questions: readonly RawQuestion[];
  /** What is wrong with the row, or with one of its questions: each is a question that is not asked. */
  readonly problems: readonly string[];
}

export const badRow = (line: number, problem: string): RawRow => ({ line, questions: [], problems: [problem] });
