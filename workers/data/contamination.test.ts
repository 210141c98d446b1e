import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { textWorld } from './program/texts/world.ts';
import type { WorldChain } from './program/world.ts';

/** Development data that must not leak into what a model is trained on. It is not part of the repository. */
const folder = join(import.meta.dirname, '../../../shared/data');
const missing = !existsSync(folder);
if (missing) console.log(`skipped: there is no ${folder} to compare the generated data with`);

const squeeze = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]/g, '');
const json = <T>(path: string): T => JSON.parse(readFileSync(join(folder, path), 'utf8')) as T;

const chains: WorldChain[] = [];
if (!missing)
  for (let index = 0; chains.length < 6000; index++)
    chains.push(
      ...(await textWorld.make({
        ...{ seed: 4, index, split: index % 8 === 0 ? 'validation' : 'train', observe: 'noise' },
        ...{ multipleChoice: 0, unanswerable: 0.12, wanted: 4 },
        families: Object.fromEntries(textWorld.families.map((family) => [family, 1])),
      })),
    );

/** Rows that a chain's pages were read to have, tabs between cells. */
const rowsOf = ({ turns }: WorldChain): string[] =>
  turns
    .flatMap(({ observations }) => observations)
    .flatMap((seen) => (seen.ok && typeof seen.result.text === 'string' ? seen.result.text.split('\n') : []));
const skeletonOf = ({ facts }: WorldChain): string => facts?.skeleton ?? '';
const rows = new Set(chains.flatMap(rowsOf).flatMap((row) => [row, ...row.split('\t')]));
const squeezedRows = new Set([...rows].map(squeeze));

/** A question with all words but the factory's own replaced by X and numbers by #; runs of them count once. */
function mask(question: string, own: ReadonlySet<string>): string {
  const words = question.toLowerCase().match(/[a-z]+|\d+/g) ?? [];
  return words
    .map((word) => (/\d/.test(word) ? '#' : own.has(word) ? word : 'x'))
    .join(' ')
    .replace(/\b(x|#)( (x|#))+\b/g, 'x')
    .replace(/#/g, 'x');
}

describe.skipIf(missing)('nothing of the development data is in the generated data', () => {
  it('no question, with names and numbers masked', () => {
    const own = new Set(
      chains.flatMap(
        (made) =>
          skeletonOf(made)
            .toLowerCase()
            .replace(/\$\w+/g, ' ')
            .match(/[a-z]+/g) ?? [],
      ),
    );
    const skeletons = new Set(chains.map((made) => mask(skeletonOf(made).replace(/\$\w+/g, ' 1 '), own)));
    const questions = Object.values(json<Record<string, { question: string }>>('mmvet-open/questions.json'));
    expect(questions.length).toBeGreaterThan(10);
    expect(questions.map((q) => q.question).filter((q) => skeletons.has(mask(q, own)))).toEqual([]);
  });

  it('no company, address or line of goods', () => {
    type Receipt = { company: string; address: string; lines: string[] };
    const receipts = Object.values(json<Record<string, Receipt>>('receipts-open/keys.json'));
    // Words that every receipt has are nobody's: what is compared are lines with a word of their own.
    const common =
      /^(tax|cash|telephone|total|sub|grand|net|gst|vat|sr|rm|qty|item|items|amount|amt|price|date|time|tel|fax|no|invoice|inv|receipt|bill|change|rounding|round|adjustment|adj|discount|disc|thank|thanks|you|please|come|again|goods|sold|are|not|refundable|returnable|return|exchangeable|exchange|doc|description|desc|unit|cashier|table|code|member|summary|sales|simplified|reg|id|document|number|or|and|the|of|with|within|days|visa|card|pcs|pc|excluding|inclusive|incl|excl|qtys|user|printed|counter|name|salesperson|ref|rounded|by|print|jalan|plastic|room|mb|received|tendered|token|station|pid|pos|support|your|trainee|operator|allowed|strictly|refund|s|m|x|am|pm)$/;
    const telling = (line: string): boolean => {
      const words = line.toLowerCase().match(/[a-z]+/g) ?? [];
      return squeeze(line).length >= 6 && words.some((word) => word.length > 2 && !common.test(word));
    };
    const lines = receipts.flatMap((r) => [r.company, r.address, ...r.lines]).filter(telling);
    expect(lines.length).toBeGreaterThan(100);
    expect(squeezedRows.size).toBeGreaterThan(5_000);
    expect(lines.filter((line) => squeezedRows.has(squeeze(line)))).toEqual([]);
  });

  it('no name with the price that it has there', () => {
    const receipts = Object.values(json<Record<string, { lines: string[] }>>('receipts-open/keys.json'));
    const pairs = receipts.flatMap(({ lines }) =>
      lines.flatMap((line, i) =>
        lines
          .slice(i + 1, i + 6)
          .filter((v) => /^\d+\.\d\d$/.test(v) && /[a-z]{4}/i.test(line))
          .map((v) => [squeeze(line), v] as const),
      ),
    );
    const ours = new Set(
      chains
        .flatMap(rowsOf)
        .map((row) => row.split('\t'))
        .filter((cells) => cells.length > 1)
        .map((cells) => `${squeeze(cells[0] ?? '')} ${cells.at(-1)}`),
    );
    const generic = /total|cash|change|round|subtotal|gst|tax|amount|price|qty|disc/;
    expect(pairs.filter(([name, value]) => !generic.test(name) && ours.has(`${name} ${value}`))).toEqual([]);
  });
});
