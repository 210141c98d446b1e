/** Words as they are looked up: folded, and without those that every text has. */

const ENGLISH = `a about above after again all also am an and any are as at be because been before being below between both but
by can could did do does doing down during each few for from further give had has have having he her here hers him his how i
if in into is it its itself just many me more most much my name no nor not of off on once only or other our out over own
please same she should so some such tell than that the their them then there these they this those through to too under
until up very was we were what when where which while who whom whose why will with would you your s t`;

const STOP_WORDS: Readonly<Record<string, ReadonlySet<string>>> = { en: new Set(ENGLISH.split(/\s+/)) };

/** Lower case and without accents, as the index has them. */
export const folded = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/\p{Mn}/gu, '')
    .toLowerCase();

/** Runs of letters and digits: nothing else can be in a query to the index, so that none of its syntax can. */
export const wordsOf = (text: string): string[] => folded(text).match(/[\p{L}\p{N}]+/gu) ?? [];

/** Without the words that tell nothing, unless there are no others ("The Who", "It"). */
export function tellingWords(words: readonly string[], language: string): string[] {
  const stop = STOP_WORDS[language];
  const telling = stop ? words.filter((word) => !stop.has(word)) : [...words];
  return telling.length > 0 ? telling : [...words];
}

/** Two titles, or a title and a question for it, that are the same but for spelling have the same key. */
export const titleKey = (title: string, language: string): string => tellingWords(wordsOf(title), language).join(' ');

/**
 * Letters to change, add, take out or swap with their neighbour to come from one word to the other.
 * @returns `most + 1` where it is more than `most`
 */
export function editDistance(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most) return most + 1;
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, (before[j - 2] ?? 0) + 1);
      row.push(cost);
    }
    if (Math.min(...row) > most) return most + 1;
    [before, last] = [last, row];
  }
  return last[b.length] ?? most + 1;
}
