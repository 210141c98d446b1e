/** The goods of a receipt: a name and an amount on one row, or on two. */
import type { Amount } from './amounts.ts';
import { CODE, type Ending, isHead, PAPERS, wordy } from './labels.ts';
import { bareName, type Entry, type Line, type Page } from './page.ts';
import { squeeze } from './spelling.ts';

export interface Good extends Entry {
  readonly quantity?: number;
}

export function goodsOf(
  page: Page,
  ends: readonly Ending[],
  head: number,
  firstSum: number,
): { goods: Good[]; loose: number } {
  const { lines } = page;
  let from = head + 1;
  if (head < 0)
    for (let at = 0; at < firstSum; at++)
      if (PAPERS.test((lines[at] as Line).text) || /\d{1,2}:\d\d/.test((lines[at] as Line).text)) from = at + 1;
  const goods: Good[] = [];
  let loose = 0;
  type Half = {
    readonly kind: 'name' | 'value';
    readonly line: Line;
    readonly amount?: Amount;
    readonly quantity?: number;
  };
  const halves: Half[] = [];
  const whole: { name: string; amount?: Amount; quantity?: number; line: number; figures: number }[] = [];
  for (let at = from; at < firstSum; at++) {
    const line = lines[at] as Line;
    if (PAPERS.test(line.text.replace(/^[\s*=-]+/, '')) || squeeze(line.text) === '' || isHead(line)) continue;
    const { label, amount, figures } = ends[at] as Ending;
    const times = /(?:^|\s)(\d{1,3})\s?x\s?(\d+(?:[.,]\d\d)?)/i.exec(line.cells.join(' '));
    const named = label.split(' ').length > 0 && wordy(label.replace(/^\d+\s*x?\s+/i, ''));
    const codes = line.cells.filter((cell) => CODE.test(cell)).length;
    if (named && !(times && codes > 0)) {
      const first = /^(\d{1,3})\s*x?\s+(.+)$/i.exec(label);
      const quantity = first ? Number(first[1]) : undefined;
      const name = bareName(first ? (first[2] as string) : label);
      if (amount === undefined) halves.push({ kind: 'name', line });
      else
        whole.push({
          name,
          line: at,
          figures,
          ...(amount === 'unclear' || amount.decimals === 0 ? {} : { amount }),
          ...(quantity === undefined ? {} : { quantity }),
        });
      continue;
    }
    if (codes === line.cells.length) continue;
    const last = line.cells.at(-1) as string;
    const clear = amount !== undefined && amount !== 'unclear' && amount.decimals > 0 && !/\dx|x\s?\d|\d x/i.test(last);
    const count = line.cells.map((cell) => /^(\d{1,3})$/.exec(cell)?.[1]).find((n) => n !== undefined);
    const quantity = times ? Number(times[1]) : count === undefined ? undefined : Number(count);
    if (/\d[.,]?\d/.test(line.text))
      halves.push({
        kind: 'value',
        line,
        ...(clear ? { amount: amount as Amount } : {}),
        ...(quantity === undefined ? {} : { quantity }),
      });
  }
  const push = (name: string, line: number, amount: Amount | undefined, quantity: number | undefined): void => {
    goods.push({
      name,
      key: squeeze(name),
      line,
      ...(amount ? { amount } : {}),
      ...(quantity === undefined ? {} : { quantity }),
    });
  };
  const usual = Math.max(
    0,
    ...whole.map(({ figures }) => figures).filter((n, _, list) => list.filter((m) => m === n).length * 2 > list.length),
  );
  // A row that lacks a figure which the others have may lack the last one.
  for (const { name, line, amount, quantity, figures } of whole)
    push(name, line, figures < usual ? undefined : amount, quantity);
  const above = halves[0]?.kind === 'name' && halves.at(-1)?.kind === 'value';
  const below = halves[0]?.kind === 'value' && halves.at(-1)?.kind === 'name';
  for (let at = 0; at < halves.length; at++) {
    const half = halves[at] as Half;
    const next = halves[at + 1];
    const [name, value] = half.kind === 'name' ? [half, next] : [next, half];
    const order = half.kind === 'name' ? above : below;
    if (order && next && next.kind !== half.kind && name && value) {
      push(bareName(name.line.cells.join(' ')), name.line.at, value.amount, value.quantity);
      at++;
    } else {
      loose++;
      if (half.kind === 'name') push(bareName(half.line.cells.join(' ')), half.line.at, undefined, undefined);
    }
  }
  return { goods: goods.filter(({ key }) => key.length > 1).sort((a, b) => a.line - b.line), loose };
}
