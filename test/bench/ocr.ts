/**
 * How much of a receipt is read by each engine: recall of the transcribed lines and words of each receipt in
 * ../shared/data, and the time that it takes (CPU of all threads; the engines run in this process here). Each picture
 * is read by both engines in turn, so that other work on the machine falls on both alike.
 *
 *     npm run bench -- ocr [ppocr | tesseract]
 *
 * A line counts as found when it stands in the page's text, with case and spaces left out; a word when it stands there
 * as a word of its own (so lost and added spaces cost words, not lines). The transcription is itself not faultless.
 */
import { existsSync, readFileSync } from 'node:fs';
import type { Page } from '../../workers/tools/engines/ocr-page/page.ts';
import { readPage as readWithPpocr } from '../../workers/tools/engines/ppocr/read-page.ts';
import { endTesseract, readPage as readWithTesseract } from '../../workers/tools/engines/tesseract/read-page.ts';

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

const ENGINES: Readonly<Record<string, (bytes: Buffer) => Promise<Page>>> = {
  ppocr: (bytes) => readWithPpocr(bytes, { session: { device: 'cpu', threads: 1 } }),
  tesseract: (bytes) => readWithTesseract(bytes),
};

const keys = JSON.parse(readFileSync(new URL('keys.json', data), 'utf8')) as Record<string, Key>;
const names = Object.keys(keys);
const asked = Object.entries(ENGINES).filter(([name]) => process.argv.slice(2).includes(name));
const wanted = asked.length ? asked : Object.entries(ENGINES);
const imageOf = (name: string) => readFileSync(new URL(`images/${name}.jpg`, data));
const totalOf = (counts: ReadonlyMap<string, number>) => [...counts.values()].reduce((a, b) => a + b, 0);

const none = { lines: 0, found: 0, words: 0, wordsFound: 0, wordsRead: 0, totals: 0, cpuMs: 0, wallMs: 0 };
const sums = new Map(wanted.map(([engine]) => [engine, { ...none }]));

async function measure(engine: string, read: (bytes: Buffer) => Promise<Page>, name: string): Promise<void> {
  const sum = sums.get(engine)!;
  const key = keys[name]!;
  const bytes = imageOf(name);
  const [cpu, wall] = [process.cpuUsage(), performance.now()];
  const page = await read(bytes);
  const used = process.cpuUsage(cpu);
  const ms = (used.user + used.system) / 1000;
  sum.wallMs += performance.now() - wall;
  const whole = tight(page.text);
  const found = key.lines.filter((line) => whole.includes(tight(line))).length;
  const [truth, words] = [countWords(key.lines), countWords([page.text])];
  const hits = [...truth].reduce((n, [word, count]) => n + Math.min(count, words.get(word) ?? 0), 0);
  sum.lines += key.lines.length;
  sum.found += found;
  sum.words += totalOf(truth);
  sum.wordsFound += hits;
  sum.wordsRead += totalOf(words);
  sum.totals += Number(whole.includes(tight(key.total)));
  sum.cpuMs += ms;
  console.log(
    `${name} ${engine}: lines ${found}/${key.lines.length}, words ${hits}/${totalOf(truth)}, ${ms.toFixed(0)} CPU ms`,
  );
}

// The first reading loads the engine.
for (const [, read] of wanted) await read(imageOf(names[0]!));
for (const name of names) for (const [engine, read] of wanted) await measure(engine, read, name);

const share = (part: number, of: number) => `${part}/${of} = ${((100 * part) / of).toFixed(1)} %`;
const seconds = (ms: number) => (ms / names.length / 1000).toFixed(2);
const rows = [...sums].map(([engine, sum]) => [
  engine,
  share(sum.found, sum.lines),
  share(sum.wordsFound, sum.words),
  share(sum.wordsFound, sum.wordsRead),
  `${sum.totals}/${names.length}`,
  seconds(sum.cpuMs),
  seconds(sum.wallMs),
]);
await endTesseract();
console.log('\n| engine | lines found | words found | words right | totals found | CPU s/image | wall s/image |');
console.log('|---|---|---|---|---|---|---|');
for (const row of rows) console.log(`| ${row.join(' | ')} |`);
