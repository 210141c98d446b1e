import { describe, expect, it } from 'vitest';
import { random } from '../random.ts';
import { vocabularyOf } from './names.ts';
import { receiptScene } from './receipts.ts';
import type { ReceiptFacts } from './scene.ts';

const receipts = Array.from({ length: 2_000 }, (_, i) => receiptScene(random(i, 'receipt'), vocabularyOf('train')));
const facts = receipts.map((r) => r.facts as ReceiptFacts);
const near = (a: number, b: number, by: number): boolean => Math.abs(a - b) <= by + 1e-9;

describe('receipts', () => {
  it('add up: goods − discount + service + tax + rounding = total', () => {
    for (const { items, fields } of facts) {
      const goods = items.reduce((sum, i) => sum + i.amount, 0);
      const part = (name: 'discount' | 'service' | 'tax' | 'rounding'): number => fields[name]?.amount ?? 0;
      const without = goods - Math.abs(part('discount')) + part('service') + part('rounding');
      const total = fields.total?.amount ?? Number.NaN;
      // The tax is in the prices of some and comes on top for others.
      expect(near(without, total, 0.011) || near(without + part('tax'), total, 0.011)).toBe(true);
    }
  });

  it('give cash − total as change', () => {
    const paid = facts.filter((f) => f.fields.cash && f.fields.change);
    expect(paid.length).toBeGreaterThan(500);
    for (const { fields } of paid)
      expect(
        near((fields.cash?.amount ?? 0) - (fields.total?.amount ?? 0), fields.change?.amount ?? Number.NaN, 0.001),
      ).toBe(true);
  });

  it('say the value of each field where they claim to', () => {
    for (const [i, { fields, items }] of facts.entries()) {
      const cell = (at: { row: number; cell: number }): string => receipts[i]?.rows[at.row]?.cells[at.cell] ?? '';
      for (const field of Object.values(fields)) expect(cell(field.valueAt)).toContain(field.value);
      for (const item of items) expect([cell(item.nameAt), cell(item.valueAt)]).toEqual([item.name, item.value]);
    }
  });

  it('say total in several rows for most', () => {
    const counts = receipts.map((r) => r.rows.filter((row) => /total/i.test(row.cells.join(' '))).length);
    expect(counts.filter((n) => n >= 2).length / counts.length).toBeGreaterThan(0.5);
  });

  it('say total in two to four rows for most, never in none', () => {
    const counts = receipts.map(
      (r) => r.rows.filter((row) => /total|sum\b|amount|due|pay|nett?\b/i.test(row.cells.join(' '))).length,
    );
    expect(Math.min(...counts)).toBeGreaterThan(0);
    expect(counts.filter((n) => n >= 2 && n <= 5).length / counts.length).toBeGreaterThan(0.6);
  });

  it('print quantities and tax summaries after the total for some', () => {
    const after = (i: number, pattern: RegExp): boolean => {
      const total = facts[i]?.fields.total?.valueAt.row ?? Number.POSITIVE_INFINITY;
      return receipts[i]?.rows.slice(total + 1).some((row) => pattern.test(row.cells.join(' '))) ?? false;
    };
    const share = (pattern: RegExp): number => facts.filter((_, i) => after(i, pattern)).length / facts.length;
    expect(share(/qty|items|quantity/i)).toBeGreaterThan(0.05);
    expect(share(/summary|analysis|details/i)).toBeGreaterThan(0.1);
  });

  it('leave labels out, or print them on the row before the value, for some', () => {
    const quotes = facts.flatMap(({ fields }) =>
      Object.values(fields).flatMap(({ amount, quote }) => (amount === undefined ? [] : [quote])),
    );
    expect(quotes.filter((q) => q.length === 1).length).toBeGreaterThan(50);
    expect(quotes.filter((q) => q[0]?.row !== q.at(-1)?.row).length).toBeGreaterThan(50);
  });
});
