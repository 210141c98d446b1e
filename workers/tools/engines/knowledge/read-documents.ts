/** Articles out of the kinds of file in which people have them. */
import { createReadStream, type Dirent, existsSync, readdirSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { createGunzip } from 'node:zlib';
import { readLines } from '../../../../shared/files/jsonl.ts';
import { readDelimited } from './delimited.ts';
import { type Kind, KNOWN_FILES, kindOf } from './file-kinds.ts';
import { readParquet } from './parquet.ts';
import type { KnowledgeDocument } from './write-base.ts';

/** A place in a file that gave no article. */
export interface Problem {
  readonly problem: string;
}
export type Read = KnowledgeDocument | Problem;

export interface Source {
  readonly path: string;
  readonly kind: Kind;
  readonly bytes: number;
  /** From the folder that was named, where it was found in one: what a text file is known by. */
  readonly name: string;
}

const MOST_TITLE = 1_000;
const MOST_LINE_BYTES = 64 * 1024 * 1024;

/**
 * The files that these paths mean; of a folder all that are of a known kind, in the order of their names.
 * @throws RangeError that says which path is wrong and why
 */
export function sourcesOf(paths: readonly string[]): Source[] {
  return paths.flatMap((path) => {
    if (!existsSync(path)) throw new RangeError(`there is no ${path}`);
    if (!statSync(path).isDirectory()) {
      const source = sourceOf(path, basename(path));
      if (!source)
        throw new RangeError(`${path}: the files that are read end in ${KNOWN_FILES} (also with .gz behind it)`);
      return [source];
    }
    const found = filesIn(path).flatMap((file) => sourceOf(file, relative(path, file)) ?? []);
    if (found.length === 0) throw new RangeError(`${path} holds no file that ends in ${KNOWN_FILES}`);
    return found;
  });
}

function filesIn(folder: string): string[] {
  const byName = (a: Dirent, b: Dirent): number => (a.name < b.name ? -1 : 1);
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => !name.startsWith('.'))
    .sort(byName)
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? filesIn(path) : entry.isFile() ? [path] : [];
    });
}

function sourceOf(path: string, name: string): Source | undefined {
  const kind = kindOf(path);
  return kind && { path, kind, bytes: statSync(path).size, name };
}

/**
 * @param onBytes told of bytes of the file as they are read
 * @returns articles, and problems with the place in the file
 */
export async function* readDocuments(source: Source, onBytes: (bytes: number) => void): AsyncGenerator<Read> {
  const { path, kind } = source;
  try {
    switch (kind) {
      case 'jsonl':
        return yield* fromJsonl(source, onBytes);
      case 'csv':
        return yield* fromTable(source, ',', onBytes);
      case 'tsv':
        return yield* fromTable(source, '\t', onBytes);
      case 'text':
        return yield await fromText(source, onBytes);
      case 'parquet':
        for await (const { row, fields } of readParquet(path, ['title', 'text', 'url'], onBytes))
          yield documentOf(fields, `${path}: row ${row}`);
    }
  } catch (error) {
    // A file that breaks off does not take those before and behind it along.
    const { code, message } = error as NodeJS.ErrnoException;
    yield { problem: `${path}: ${code === 'ERR_ENCODING_INVALID_ENCODED_DATA' ? 'this is not UTF-8' : message}` };
  }
}

async function* fromJsonl(source: Source, onBytes: (bytes: number) => void): AsyncGenerator<Read> {
  for await (const { number, text, problem } of readLines(bytesOf(source, onBytes), {
    maxLineBytes: MOST_LINE_BYTES,
  })) {
    const place = `${source.path}:${number}`;
    if (text === undefined) {
      yield { problem: `${place}: ${problem === 'not_utf8' ? 'this is not UTF-8' : 'this line is longer than 64 MB'}` };
      continue;
    }
    let fields: unknown;
    try {
      fields = JSON.parse(text);
    } catch (error) {
      yield { problem: `${place}: this is no JSON (${(error as Error).message})` };
      continue;
    }
    yield documentOf(fields, place);
  }
}

async function* fromTable(source: Source, separator: string, onBytes: (bytes: number) => void): AsyncGenerator<Read> {
  let names: readonly string[] | undefined;
  for await (const { fields, line } of readDelimited(textOf(bytesOf(source, onBytes)), separator)) {
    if (names === undefined) {
      names = fields.map((name) => name.trim().toLowerCase());
      if (names.includes('title') && names.includes('text')) continue;
      yield { problem: `${source.path}: its first line must name the columns, with title and text among them` };
      return;
    }
    const place = `${source.path}:${line}`;
    if (fields.length !== names.length) {
      yield { problem: `${place}: ${fields.length} columns, and the first line names ${names.length}` };
      continue;
    }
    yield documentOf(Object.fromEntries(names.map((name, at) => [name, fields[at]])), place);
  }
}

/** A text file is one article; its first heading is its title, else its name. */
async function fromText({ path, name, bytes }: Source, onBytes: (bytes: number) => void): Promise<Read> {
  if (bytes > MOST_LINE_BYTES) return { problem: `${path}: this is larger than 64 MB; cut it into articles` };
  const content = await contentOf(path);
  onBytes(bytes);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch {
    return { problem: `${path}: this is not UTF-8` };
  }
  const found = /^\s*#{1,3}\s+(.+?)\s*#*\s*$/m.exec(text.slice(0, 2_000));
  const heading = found?.[1];
  const title =
    heading ??
    basename(name)
      .replace(/\.gz$/i, '')
      .replace(/\.[^.]+$/, '')
      .replace(/[_-]+/g, ' ');
  // A title that stands at the top is not told again in the summary.
  const body = found?.index === 0 ? text.slice(found[0].length) : text;
  return documentOf({ title: title.slice(0, MOST_TITLE), text: body.trim() === '' ? text : body, url: name }, path);
}

async function contentOf(path: string): Promise<Buffer> {
  if (!/\.gz$/i.test(path)) return readFile(path);
  const pieces: Buffer[] = [];
  for await (const piece of createReadStream(path).pipe(createGunzip())) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

async function* bytesOf({ path }: Source, onBytes: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  const file = createReadStream(path, { highWaterMark: 1024 * 1024 });
  file.on('data', (chunk) => onBytes(chunk.length));
  if (!/\.gz$/i.test(path)) return yield* file as AsyncIterable<Buffer>;
  const unpacked = createGunzip({ chunkSize: 256 * 1024 });
  file.on('error', (error) => unpacked.destroy(error));
  yield* file.pipe(unpacked) as AsyncIterable<Buffer>;
}

async function* textOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  for await (const piece of bytes) yield decoder.decode(piece, { stream: true });
  yield decoder.decode();
}

/** @param fields of a line or row; others than title, text and url are passed over */
function documentOf(fields: unknown, place: string): Read {
  const wrong = (what: string): Problem => ({ problem: `${place}: ${what}` });
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields))
    return wrong('an article is an object with title and text');
  const { title, text, url } = fields as Readonly<Record<string, unknown>>;
  if (typeof title !== 'string' || title.trim() === '') return wrong('it has no title');
  if (title.length > MOST_TITLE) return wrong(`its title is longer than ${MOST_TITLE} characters`);
  if (typeof text !== 'string') return wrong('it has no text');
  if (text.trim() === '') return wrong('its text is empty');
  if (url !== undefined && url !== null && typeof url !== 'string') return wrong('its url is no text');
  return { title: title.trim(), text, url: url?.trim() || undefined };
}
