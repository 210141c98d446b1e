/** The file of a knowledge base: an SQLite database with a full-text index. */
import { existsSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

/** Raised when a base of before cannot be read any more. */
export const BASE_FORMAT = '1';

export interface BaseFacts {
  /** Of all articles in their order: the same input gives the same hash. First 12 hex digits. */
  readonly hash: string;
  readonly articles: number;
  readonly passages: number;
  /** Of its stop words and stems; other languages than `en` have neither. */
  readonly language: string;
}

/** The file is none of ours, or of another version, or broken. */
export class NotABase extends Error {
  override readonly name = 'NotABase';
}

/** How words become entries of the index. Porter's stems are made for English. */
export const tokenizerOf = (language: string): string =>
  `${language === 'en' ? 'porter ' : ''}unicode61 remove_diacritics 2`;

/**
 * The full-text index has no copy of the texts, they are in `passage`. A title stands in the index with each of its
 * passages, so that a question may name the article and what is asked about it. `title_word` is for words that are
 * spelled wrong: those are mostly names.
 */
export const schemaOf = (language: string): string => `
  CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE article(id INTEGER PRIMARY KEY, title TEXT NOT NULL, url TEXT, title_key TEXT NOT NULL, first INTEGER NOT NULL);
  CREATE TABLE passage(id INTEGER PRIMARY KEY, article INTEGER NOT NULL, text TEXT NOT NULL);
  CREATE TABLE title_word(id INTEGER PRIMARY KEY, word TEXT NOT NULL UNIQUE, titles INTEGER NOT NULL);
  CREATE VIRTUAL TABLE passage_index USING fts5(title, text, content='', tokenize='${tokenizerOf(language)}');
  CREATE VIRTUAL TABLE spelling USING fts5(word, content='', tokenize='trigram');
  CREATE VIRTUAL TABLE vocabulary USING fts5vocab(passage_index, row);
`;

/** @throws NotABase that says what is wrong with the file */
export function openReadOnly(path: string): DatabaseSync {
  if (!existsSync(path)) throw new NotABase(`there is no ${path}`);
  if (!statSync(path).isFile()) throw new NotABase(`${path} is no file`);
  const base = new DatabaseSync(path, { readOnly: true });
  try {
    factsIn(base, path);
  } catch (error) {
    base.close();
    throw error;
  }
  return base;
}

/** @throws NotABase */
export function factsIn(base: DatabaseSync, path: string): BaseFacts {
  let meta: Map<unknown, unknown>;
  try {
    meta = new Map(
      base
        .prepare('SELECT name, value FROM meta')
        .all()
        .map(({ name, value }) => [name, value]),
    );
  } catch {
    throw new NotABase(`${path} is no knowledge base, or it is broken`);
  }
  const format = meta.get('format');
  if (format !== BASE_FORMAT)
    throw new NotABase(`${path} has format ${String(format)}, this version of Cota reads format ${BASE_FORMAT}`);
  return {
    hash: String(meta.get('hash')),
    articles: Number(meta.get('articles')),
    passages: Number(meta.get('passages')),
    language: String(meta.get('language')),
  };
}

/** @throws NotABase */
export function readFacts(path: string): BaseFacts {
  const base = openReadOnly(path);
  try {
    return factsIn(base, path);
  } finally {
    base.close();
  }
}
