/** Rows of an input file in its layout. */
import type { ModelSource } from '../../../shared/data/recipe/model.ts';
import { CotaError } from '../../../shared/errors.ts';
import type { ObjectStore } from '../../../shared/object-store.ts';
import { type InputFile, openInput } from './input.ts';
import { jsonDocuments } from './json-documents.ts';
import { cauldron, llava, mantis } from './layouts/conversations.ts';
import { own } from './layouts/own.ts';
import type { TurnChoice } from './layouts/turns.ts';
import { headerOf, vlmevalkit } from './layouts/vlmevalkit.ts';
import { isParquet, parquetRows } from './parquet-rows.ts';
import { badRow, type RawRow } from './raw.ts';
import { tsvRows } from './tsv.ts';

export interface RowsParts {
  readonly objects: ObjectStore;
  readonly file: InputFile;
  readonly layout: ModelSource['layout'];
  readonly turns: TurnChoice;
  /** Rows that are of interest, by their number from 0; others are passed over without being looked into. */
  readonly only: (row: number) => boolean;
}

/** @throws CotaError for a file that is not of this layout at all, or damaged as a whole */
export async function* rawRows({ objects, file, layout, turns, only }: RowsParts): AsyncGenerator<RawRow> {
  if (layout === 'vlmevalkit') {
    yield* tsv(objects, file, only);
    return;
  }
  const read = { cauldron, mantis, llava, jsonl: own }[layout];
  let row = 0;
  if (await isParquet(objects, file)) {
    for await (const found of parquetRows(objects, file))
      if (only(row++)) yield read(layout === 'jsonl' ? present(found.value) : found.value, found.row, turns);
    return;
  }
  for await (const { line, value, problem } of jsonDocuments(await openInput(objects, file), file.name))
    if (only(row++)) yield problem === undefined ? read(value, line, turns) : badRow(line, problem);
}

/** A table has all columns in each row; what is null is not there. */
const present = (row: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null && value !== undefined));

async function* tsv(objects: ObjectStore, file: InputFile, only: RowsParts['only']): AsyncGenerator<RawRow> {
  let header: readonly string[] | undefined;
  let row = 0;
  for await (const { line, cells, problem } of tsvRows(await openInput(objects, file))) {
    if (!header) {
      const names = problem ?? headerOf(cells);
      if (typeof names === 'string')
        throw new CotaError('invalid_value', `${file.name} is no TSV of VLMEvalKit: ${names}.`);
      header = names;
      continue;
    }
    if (only(row++)) yield problem === undefined ? vlmevalkit(header, cells, line) : badRow(line, problem);
  }
}
