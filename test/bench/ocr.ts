/**
 * How much of a receipt is read: recall of the transcribed lines and words of each receipt in ../shared/data.
 *
 *     node test/bench/ocr.ts [longest side of the picture as the detector sees it]
 *
 * A line counts as found when it stands in the page's text, with case and spaces left out; a word when it stands there
 * as a word of its own (so lost and added spaces cost words, not lines). The transcription is itself not faultless.
 */
import { existsSync, readFileSync } from 'node:fs';
import { readPage } from '../../workers/tools/engines/ppocr/read-page.ts';

interface Key {
  readonly total: string;
  readonly lines: readonly string[];
}

const data = new URL('../../../shared/data/receipts-open/', import.meta.url);
if (!existsSync(data)) {
  console.log(`No receipts at ${data.pathname}: nothing to measure.`);
  process.exit(0);
}

const fold = (text: string) => text.normalize('NFKC').toLowerCase();
const tight = (text: string) => fold(text).replace(/\s/g, '');

function countWords(texts: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of texts.flatMap((text) => fold(text).split(/\s+/)))
    if (word) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

const keys = JSON.parse(readFileSync(new URL('keys.json', data), 'utf8')) as Record<string, Key>;
const longestSide = process.argv[2] ? Number(process.argv[2]) : undefined;
const sum = { lines: 0, found: 0, words: 0, wordsFound: 0, wordsRead: 0, totals: 0, ms: 0 };
const options = { session: { device: 'cpu', threads: 1 }, longestSide } as const;
await readPage(readFileSync(new URL('images/005.jpg', data)), options);

for (const [name, key] of Object.entries(keys)) {
  const bytes = readFileSync(new URL(`images/${name}.jpg`, data));
  const start = process.cpuUsage();
  const page = await readPage(bytes, options);
  const used = process.cpuUsage(start);
  const ms = (used.user + used.system) / 1000;
  const whole = tight(page.text);
  const missed = key.lines.filter((line) => !whole.includes(tight(line)));
  const [truth, read] = [countWords(key.lines), countWords([page.text])];
  const hits = [...truth].reduce((n, [word, count]) => n + Math.min(count, read.get(word) ?? 0), 0);
  const [words, wordsRead] = [truth, read].map((counts) => [...counts.values()].reduce((a, b) => a + b, 0)) as [
    number,
    number,
  ];
  sum.lines += key.lines.length;
  sum.found += key.lines.length - missed.length;
  sum.words += words;
  sum.wordsFound += hits;
  sum.wordsRead += wordsRead;
  sum.totals += Number(whole.includes(tight(key.total)));
  sum.ms += ms;
  console.log(
    `${name}: lines ${key.lines.length - missed.length}/${key.lines.length}, words ${hits}/${words}, ${ms.toFixed(0)} CPU ms`,
  );
}
const share = (part: number, of: number) => `${part}/${of} = ${((100 * part) / of).toFixed(1)} %`;
const count = Object.keys(keys).length;
console.log(`lines found     ${share(sum.found, sum.lines)}`);
console.log(`words found     ${share(sum.wordsFound, sum.words)}`);
console.log(`words right     ${share(sum.wordsFound, sum.wordsRead)}`);
console.log(`totals found    ${share(sum.totals, count)}`);
console.log(
  `mean            ${(sum.ms / count).toFixed(0)} CPU ms a receipt; peak ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MB`,
);
