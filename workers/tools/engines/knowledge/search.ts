/** Looks a question up in a knowledge base. */
import { DatabaseSync } from 'node:sqlite';
import { factsIn, openReadOnly, tokenizerOf } from './base-file.ts';
import { beginning, joined, sentencesOf } from './sentences.ts';
import { correct } from './spelling.ts';
import { tellingWords, titleKey, wordsOf } from './words.ts';

export interface Hit {
  readonly title: string;
  readonly url: string | null;
  /** The sentences that tell most of what was asked; the article's first where the question is its title. */
  readonly summary: string;
}

export interface Found {
  /** Best first, one an article. Empty where nothing has enough of what was asked. */
  readonly hits: readonly Hit[];
  /** Titles that come near, where there are no hits. */
  readonly near: readonly string[];
  /** The words that were looked up, where some were spelled otherwise in the question. */
  readonly corrected?: string;
}

export interface KnowledgeSearch {
  /** @param sentences of each summary */
  search(query: string, options: { readonly sentences: number; readonly limit: number }): Found;
  close(): void;
}

interface Term {
  readonly word: string;
  readonly stem: string;
  /** How much it tells: rare words tell more. 0 for a word that is nowhere. */
  readonly weight: number;
}

interface Row {
  readonly article: number;
  readonly title: string;
  readonly url: string | null;
  readonly text: string;
  readonly key: string;
  readonly first: number;
}

/** A word of the title counts as much as this many in the text. */
const TITLE_WEIGHT = 8;
/** Passages that are ranked. */
const CANDIDATES = 60;
/** Words of a question that are looked up. */
const MOST_WORDS = 32;
/** Of what a question's words tell, a hit must have this share. */
const ENOUGH = 0.5;
/** A word in more passages than this share is left out where rarer ones are there: it costs much and tells little. */
const COMMON = 0.2;

const ROWS = `SELECT a.id AS article, a.title, a.url, a.title_key AS key, a.first, p.text
  FROM passage p JOIN article a ON a.id = p.article`;

/** @throws NotABase */
export function openKnowledge(path: string): KnowledgeSearch {
  const base = openReadOnly(path);
  const { language, passages } = factsIn(base, path);
  const stemmer = openStemmer(language);
  const frequency = base.prepare('SELECT doc FROM vocabulary WHERE term = ?');
  const prefixed = base.prepare('SELECT term FROM vocabulary WHERE term >= ? AND term < ? LIMIT 1');
  const titled = base.prepare(`${ROWS} WHERE a.title_key = ? AND p.id = a.first ORDER BY a.id LIMIT 5`);
  const matching = base.prepare(`${ROWS} JOIN (
      SELECT rowid, bm25(passage_index, ${TITLE_WEIGHT}, 1) AS score FROM passage_index
      WHERE passage_index MATCH ? ORDER BY score LIMIT ${CANDIDATES}
    ) f ON p.id = f.rowid ORDER BY f.score`);
  const start = base.prepare('SELECT text FROM passage WHERE id = ?');

  const documents = (stem: string): number => Number(frequency.get(stem)?.doc ?? 0);
  const weigh = (count: number): number => (count === 0 ? 0 : Math.log(1 + (passages - count + 0.5) / (count + 0.5)));

  function termsOf(words: readonly string[]): Term[] {
    return stemmer.stems(words).map((stems, at) => {
      const stem = stems[0] ?? '';
      return { word: words[at] ?? '', stem, weight: weigh(documents(stem)) };
    });
  }

  /** A word that is in no text: the beginning of one that is, or else one that is spelled much like it. */
  function known(word: string, stem: string): string | undefined {
    if (documents(stem) > 0) return word;
    if (word.length >= 4 && prefixed.get(word, `${word}\u{10ffff}`)) return `${word}*`;
    return correct(base, word);
  }

  /** The same row comes once for each passage that matches: the best is the first. */
  function candidates(terms: readonly Term[], key: string): Row[] {
    const rows = (statement: typeof matching, text: string) => statement.all(text) as unknown as Row[];
    const exact = rows(titled, key);
    const quoted = (list: readonly Term[], between: string): string =>
      list.map(({ word }) => (word.endsWith('*') ? `"${word.slice(0, -1)}" *` : `"${word}"`)).join(between);
    let found = terms.length > 0 ? rows(matching, quoted(terms, ' AND ')) : [];
    if (found.length === 0 && exact.length === 0 && terms.length > 1) {
      const most = weigh(passages * COMMON);
      const rare = terms.filter(({ weight }) => weight >= most);
      found = rows(matching, quoted(rare.length > 0 ? rare : terms, ' OR '));
    }
    const seen = new Set<number>();
    return [...exact, ...found].filter(({ article }) => !seen.has(article) && seen.add(article));
  }

  function hitOf(row: Row, terms: readonly Term[], sentences: number): Hit & { readonly share: number } {
    const [inTitle, inText] = stemmer.stems([row.title, row.text]);
    const titleStems = new Set(inTitle);
    const allStems = new Set([...titleStems, ...(inText ?? [])]);
    const has = (stems: ReadonlySet<string>, term: Term): boolean =>
      term.word.endsWith('*')
        ? [...stems].some((stem) => stem.startsWith(term.word.slice(0, -1)))
        : stems.has(term.stem);
    const sum = (of: (term: Term) => boolean): number =>
      terms.reduce((total, term) => total + (of(term) ? Math.max(term.weight, 0.1) : 0), 0);
    const whole = sum(() => true);
    const share = whole === 0 ? 0 : sum((term) => has(allStems, term)) / whole;
    const named = terms.every((term) => has(titleStems, term));
    const text = named ? String(start.get(row.first)?.text ?? row.text) : row.text;
    const rest = terms.filter((term) => !has(titleStems, term));
    const summary = named ? beginning(text, sentences) : bestSentences(text, rest, sentences, has);
    return { title: row.title, url: row.url, summary, share };
  }

  /** The first run of sentences that has most of what the title does not say. */
  function bestSentences(
    text: string,
    terms: readonly Term[],
    count: number,
    has: (stems: ReadonlySet<string>, term: Term) => boolean,
  ): string {
    const sentences = sentencesOf(text);
    const stems = stemmer.stems(sentences).map((each) => new Set(each));
    let [best, most] = [0, -1];
    for (let at = 0; at + Math.min(count, sentences.length) <= sentences.length; at++) {
      const window = new Set(stems.slice(at, at + count).flatMap((each) => [...each]));
      // A window that begins with what is asked for reads better than one that ends with it.
      const opens = terms.some((term) => has(stems[at] ?? new Set(), term)) ? 0.01 : 0;
      const tells = terms.reduce((total, term) => total + (has(window, term) ? Math.max(term.weight, 0.1) : 0), opens);
      if (tells > most) [best, most] = [at, tells];
    }
    return joined(sentences.slice(best, best + count));
  }

  return {
    search(query, { sentences, limit }) {
      const asked = tellingWords(wordsOf(query), language).slice(0, MOST_WORDS);
      const words = [...new Set(asked)];
      const found = termsOf(words).map(({ word, stem }) => ({ word, meant: known(word, stem) }));
      const corrected = found.some(({ word, meant }) => meant !== undefined && meant !== word && meant !== `${word}*`);
      const meant = found.map((each) => each.meant ?? each.word);
      const looked = meant.map((word) => word.replace('*', ''));
      const terms = termsOf(looked).map((term, at) => {
        const begins = meant[at]?.endsWith('*') === true;
        // A word that is nowhere counts as a rare one: what lacks it may well be about something else.
        const weight = term.weight > 0 ? term.weight : weigh(1);
        return begins ? { ...term, word: `${term.word}*`, weight } : { ...term, weight };
      });
      const present = terms.filter((_, at) => found[at]?.meant !== undefined);
      const key = corrected ? looked.join(' ') : titleKey(query, language);
      const rows = words.length === 0 ? [] : candidates(present, key);
      const hits = rows.slice(0, Math.max(limit, 5)).map((row) => hitOf(row, terms, sentences));
      const good = hits.filter(({ share }) => share >= ENOUGH).slice(0, limit);
      return {
        hits: good.map(({ share: _, ...hit }) => hit),
        near: good.length > 0 ? [] : [...new Set(hits.map(({ title }) => title))].slice(0, 3),
        ...(corrected ? { corrected: looked.join(' ') } : {}),
      };
    },
    close() {
      stemmer.close();
      base.close();
    },
  };
}

/** Stems of words by the index's own tokenizer, which a table in memory lends. */
function openStemmer(language: string) {
  const memory = new DatabaseSync(':memory:');
  memory.exec(`CREATE VIRTUAL TABLE words USING fts5(text, content='', tokenize='${tokenizerOf(language)}');
    CREATE VIRTUAL TABLE places USING fts5vocab(words, instance);`);
  const put = memory.prepare('INSERT INTO words(rowid, text) VALUES(?, ?)');
  const clear = memory.prepare("INSERT INTO words(words) VALUES('delete-all')");
  const read = memory.prepare('SELECT doc, term FROM places ORDER BY doc, offset');
  return {
    /** @returns for each text its stems, in order */
    stems(texts: readonly string[]): string[][] {
      const stems: string[][] = texts.map(() => []);
      memory.exec('BEGIN');
      for (const [at, text] of texts.entries()) put.run(at + 1, text);
      for (const { doc, term } of read.all()) stems[Number(doc) - 1]?.push(String(term));
      clear.run();
      memory.exec('COMMIT');
      return stems;
    },
    close: () => memory.close(),
  };
}
