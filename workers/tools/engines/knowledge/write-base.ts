/** Makes the file of a knowledge base. */
import { createHash, type Hash } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { isAlive } from '../../../../shared/process-alive.ts';
import { BASE_FORMAT, type BaseFacts, schemaOf } from './base-file.ts';
import { passagesOf } from './passages.ts';
import { titleKey, wordsOf } from './words.ts';

export interface KnowledgeDocument {
  readonly title: string;
  readonly text: string;
  readonly url?: string | undefined;
}

export interface BaseWriter {
  /** @returns false where the text has nothing to be found by */
  add(document: KnowledgeDocument): boolean;
  readonly articles: number;
  /** Makes the file appear under its name, whole. Takes seconds for a large base. */
  finish(): BaseFacts;
  /** Leaves nothing behind. May be called after `finish` too. */
  discard(): void;
}

/** Shorter words are not looked for by spelling: too many others are like them. */
const SPELLED_FROM = 4;

/**
 * Writes beside `path` and renames at the end, so that whoever reads sees the old file or the new one. What a build that
 * was killed left there is removed by the next.
 * @param language `en` gives stems and stop words
 */
export function writeBase(path: string, language: string): BaseWriter {
  removeLeftOvers(path);
  const temporary = `${path}.${process.pid}.partial`;
  const base = new DatabaseSync(temporary);
  // Nobody reads it before it is whole, and a build that was killed begins anew: it needs no journal.
  base.exec('PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-65536;');
  base.exec(schemaOf(language));
  base.exec('BEGIN');
  const article = base.prepare('INSERT INTO article(id, title, url, title_key, first) VALUES(?, ?, ?, ?, ?)');
  const passage = base.prepare('INSERT INTO passage(id, article, text) VALUES(?, ?, ?)');
  const index = base.prepare('INSERT INTO passage_index(rowid, title, text) VALUES(?, ?, ?)');
  const word = base.prepare(
    'INSERT INTO title_word(word, titles) VALUES(?, 1) ON CONFLICT(word) DO UPDATE SET titles = titles + 1',
  );
  const hash = createHash('sha256').update(`${BASE_FORMAT} ${language}\n`);
  let articles = 0;
  let passages = 0;
  let open = true;

  const close = (): void => {
    if (open) base.close();
    open = false;
  };

  return {
    get articles() {
      return articles;
    },
    add({ title, text, url }) {
      const pieces = passagesOf(text);
      if (pieces.length === 0) return false;
      articles += 1;
      article.run(articles, title, url ?? null, titleKey(title, language), passages + 1);
      for (const piece of pieces) {
        passages += 1;
        passage.run(passages, articles, piece);
        index.run(passages, title, piece);
      }
      for (const each of new Set(wordsOf(title))) if (each.length >= SPELLED_FROM) word.run(each);
      update(hash, [title, url ?? '', text]);
      return true;
    },
    finish() {
      const facts = { hash: hash.digest('hex').slice(0, 12), articles, passages, language };
      base.exec('INSERT INTO spelling(rowid, word) SELECT id, word FROM title_word');
      base.exec('CREATE INDEX article_title ON article(title_key)');
      // One piece instead of many: each search then reads one.
      base.exec("INSERT INTO passage_index(passage_index) VALUES('optimize')");
      base.exec("INSERT INTO spelling(spelling) VALUES('optimize')");
      const meta = base.prepare('INSERT INTO meta(name, value) VALUES(?, ?)');
      for (const [name, value] of Object.entries({ format: BASE_FORMAT, ...facts })) meta.run(name, String(value));
      base.exec('COMMIT');
      close();
      sync(temporary);
      renameSync(temporary, path);
      return facts;
    },
    discard() {
      close();
      rmSync(temporary, { force: true });
    },
  };
}

/** With lengths, so that no two lists of texts give the same bytes. */
function update(hash: Hash, texts: readonly string[]): void {
  for (const text of texts) hash.update(`${text.length} `).update(text);
}

function sync(path: string): void {
  const file = openSync(path, 'r+');
  fsyncSync(file);
  closeSync(file);
}

function removeLeftOvers(path: string): void {
  const folder = dirname(path);
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    const rest = name.startsWith(`${basename(path)}.`) ? name.slice(basename(path).length + 1) : '';
    const pid = /^(\d+)\.partial$/.exec(rest)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) rmSync(join(folder, name), { force: true });
  }
}
