/** What a format is to the stage: how a chain becomes a row of it, and what a row says when it is read back. */
import type { Chain } from '../../../shared/data/chain.ts';
import type { ExportFormat } from '../../../shared/data/recipe/export.ts';
import type { ShownImage } from './conversation.ts';
import type { ReadChain } from './read/read-chain.ts';
import type { FunctionSpec } from './tool-specs.ts';

export interface RowContext {
  /** Pictures of this chain that are shown, the first ones; further ones are named. */
  readonly shown: number;
  readonly calls: 'native' | 'text';
  functions(tools: readonly string[]): readonly FunctionSpec[];
  /** Bytes of a picture of this chain, for formats that hold them. */
  bytes(image: ShownImage): Promise<Buffer>;
}

export interface Format {
  readonly name: ExportFormat;
  /** Ending of its files. */
  readonly ending: 'json' | 'jsonl' | 'parquet';
  readonly contentType: string;
  /** Pictures lie beside the rows as `images/...`; false where rows hold their bytes. */
  readonly beside: boolean;
  /** Actions can be calls of functions. */
  readonly native: boolean;
  /** Folder and file of a split: `train` and 3 -> `train-00003.json`. */
  path(split: string, number: string): string;
  row(chain: Chain, context: RowContext): Promise<unknown>;
  /** What a row says, read by code that shares nothing with what wrote it. @throws Error where it cannot be read */
  read(row: unknown, calls: 'native' | 'text'): ReadChain;
}
