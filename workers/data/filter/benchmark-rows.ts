/**
 * Reads benchmark files as rows of hashes: VLMEvalKit's TSV, JSON, JSONL and parquet, told apart by their first bytes and
 * read as streams where they allow it. More is taken for a question or picture here than where files are read to be
 * asked: a row whose answer is missing is still one that nothing may come from.
 */
import { CotaError } from '../../../shared/errors.ts';
import type { ObjectStore } from '../../../shared/object-store.ts';
import { type InputFile, openInput } from '../import/input.ts';
import { jsonDocuments } from '../import/json-documents.ts';
import { isParquet, parquetRows } from '../import/parquet-rows.ts';
import { tsvRows } from '../import/tsv.ts';
import { askedHash, type BenchmarkRow, gramsOf } from './benchmark-index.ts';
import { pictureHash } from './picture-hash.ts';

type Fields = Readonly<Record<string, unknown>>;

const QUESTION = ['question', 'query', 'prompt', 'problem', 'instruction'];
const CONVERSATION = ['conversations', 'conversation', 'messages', 'texts'];
const PICTURES = /^(image|images|img|picture|pictures)(_?\d+|_base64|_bytes)?$/i;
/** Base64 runs of a picture are longer; a shorter text is the index of the row that has the picture, or a path. */
const BASE64 = /[A-Za-z0-9+/_-]{100,}={0,2}/g;

export interface BenchmarkCounts {
  rows: number;
  pictures: number;
  unreadable: number;
}

/** @throws CotaError for a file in which no question is found, or that is damaged as a whole */
export async function* benchmarkRows(
  objects: ObjectStore,
  file: InputFile,
  counts: BenchmarkCounts,
): AsyncGenerator<BenchmarkRow> {
  const byIndex = new Map<string, readonly string[]>();
  let found = 0;
  for await (const fields of rowsOf(objects, file)) {
    counts.rows++;
    const index = String(fields.index ?? fields.id ?? counts.rows);
    const pictures: string[] = [];
    for (const [field, value] of Object.entries(fields)) {
      if (!PICTURES.test(field)) continue;
      for (const bytes of bytesOf(value)) {
        try {
          pictures.push(await pictureHash(bytes));
          counts.pictures++;
        } catch {
          counts.unreadable++;
        }
      }
      if (pictures.length === 0 && typeof value === 'string') pictures.push(...(byIndex.get(value.trim()) ?? []));
    }
    byIndex.set(index, pictures);
    const questions = questionsOf(fields);
    found += questions.length;
    if (questions.length === 0 && pictures.length > 0) questions.push('');
    for (const question of questions)
      yield { name: `${file.name} ${index}`, asked: askedHash(question), grams: gramsOf(question), pictures };
  }
  if (found > 0) return;
  throw new CotaError(
    'invalid_value',
    `No question was found in the benchmark file ${file.name}: its ${counts.rows} rows have none of the fields ${[...QUESTION, ...CONVERSATION].join(', ')}.`,
    { param: 'filter.contamination.files' },
  );
}

async function* rowsOf(objects: ObjectStore, file: InputFile): AsyncGenerator<Fields> {
  if (await isParquet(objects, file)) {
    for await (const { value } of parquetRows(objects, file)) if (isFields(value)) yield value;
    return;
  }
  if (await isJson(objects, file)) {
    // A row, or all rows under their names.
    for await (const { value } of jsonDocuments(await openInput(objects, file), file.name))
      if (isFields(value)) yield* questionsOf(value).length > 0 ? [value] : named(value);
    return;
  }
  let header: readonly string[] | undefined;
  for await (const { cells } of tsvRows(await openInput(objects, file))) {
    if (!header) header = cells.map((cell) => cell.trim().toLowerCase());
    else yield Object.fromEntries(header.map((name, i) => [name, cells[i] ?? '']));
  }
}

/** `{"1": {question}, ...}`: each member is a row, its name the index. */
function named(value: Fields): Fields[] {
  const members = Object.entries(value).flatMap(([index, row]) => (isFields(row) ? [{ index, ...row }] : []));
  return members.length > 0 ? members : [value];
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);

async function isJson(objects: ObjectStore, file: InputFile): Promise<boolean> {
  const body = await openInput(objects, file);
  for await (const chunk of body as AsyncIterable<Buffer>) {
    const first = chunk
      .toString('utf8')
      .trimStart()
      .replace(/^\uFEFF/, '')[0];
    if (first !== undefined) return first === '{' || first === '[';
  }
  return false;
}

/** What is asked in a row: a field, or what the user says in a conversation. */
function questionsOf(fields: Fields): string[] {
  for (const name of QUESTION) {
    const value = fields[name];
    if (typeof value === 'string' && value.trim() !== '') return [value];
  }
  for (const name of CONVERSATION) {
    const turns = fields[name];
    if (!Array.isArray(turns)) continue;
    const said = turns.flatMap((turn: unknown) => {
      if (!isFields(turn)) return [];
      const by = turn.role ?? turn.from;
      const text = turn.user ?? (by === 'user' || by === 'human' ? (turn.content ?? turn.value) : undefined);
      return typeof text === 'string' ? [text.replace(/<image>/g, ' ').trim()].filter(Boolean) : [];
    });
    if (said.length > 0) return said;
  }
  return [];
}

function* bytesOf(value: unknown): Generator<Uint8Array> {
  if (value instanceof Uint8Array) yield value;
  else if (typeof value === 'string') for (const [text] of value.matchAll(BASE64)) yield Buffer.from(text, 'base64');
  else if (Array.isArray(value)) for (const one of value) yield* bytesOf(one);
  else if (isFields(value)) for (const one of Object.values(value)) yield* bytesOf(one);
}
