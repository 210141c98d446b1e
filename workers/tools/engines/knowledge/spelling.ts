/** Words that are spelled wrong: the word of a title that is most like one. */
import type { DatabaseSync } from 'node:sqlite';
import { editDistance } from './words.ts';

/** Words that share most groups of three letters; the right one is nearly always among them. */
const CANDIDATES = 60;

/** @returns undefined where none is near enough to be meant */
export function correct(base: DatabaseSync, word: string): string | undefined {
  if (word.length < 4 || word.length > 40) return undefined;
  const most = word.length < 8 ? 1 : 2;
  const groups = Array.from({ length: word.length - 2 }, (_, at) => `"${word.slice(at, at + 3)}"`);
  const alike = base
    .prepare(
      `SELECT w.word, w.titles FROM (
         SELECT rowid FROM spelling WHERE spelling MATCH ? ORDER BY rank LIMIT ${CANDIDATES}
       ) s JOIN title_word w ON w.id = s.rowid`,
    )
    .all(groups.join(' OR ')) as unknown as Known[];
  const near = [...alike, ...swapped(base, word)]
    .map((row) => ({ ...row, distance: editDistance(word, row.word, most) }))
    .filter(({ distance }) => distance <= most)
    .sort((a, b) => a.distance - b.distance || b.titles - a.titles || (a.word < b.word ? -1 : 1));
  return near[0]?.word;
}

interface Known {
  readonly word: string;
  /** That have it. */
  readonly titles: number;
}

/** Two letters that changed places in the middle of a short word leave it no group of three in common with the right one. */
function swapped(base: DatabaseSync, word: string): Known[] {
  const find = base.prepare('SELECT word, titles FROM title_word WHERE word = ?');
  return Array.from({ length: word.length - 1 }, (_, at) =>
    find.get(`${word.slice(0, at)}${word[at + 1]}${word[at]}${word.slice(at + 2)}`),
  ).filter((row) => row !== undefined) as unknown as Known[];
}
