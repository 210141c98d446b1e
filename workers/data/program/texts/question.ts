/** A question about one scene, with what its scene says at each place. */
import { CANNOT_TELL } from '../../../../shared/data/chain.ts';
import { type Ask, resultText } from '../../ask/ask.ts';
import type { Place, Scene } from '../../scene/scene.ts';
import type { Question } from './course.ts';
import { familyOf } from './families.ts';
import { amountOf, decimalsOf } from './values.ts';

const same = (a: Place, b: Place): boolean => a.row === b.row && a.cell === b.cell;

/** Places of the amounts among which one stands: its column, its list, its receipt. */
export function peersOf({ facts }: Scene, place: Place): readonly Place[] {
  // Labels of packages and forms, and pumps, print each number in its own way.
  if (facts.kind === 'prices')
    return ['nutrition', 'form', 'pump'].includes(facts.what) ? [] : facts.entries.map(({ valueAt }) => valueAt);
  if (facts.kind === 'receipt' && facts.fields.count && same(facts.fields.count.valueAt, place)) return [];
  if (facts.kind === 'receipt')
    return [
      ...facts.items.map(({ valueAt }) => valueAt),
      ...Object.values(facts.fields).flatMap(({ amount, valueAt }) => (amount === undefined ? [] : [valueAt])),
    ].filter((at) => same(at, place) || facts.fields.count === undefined || !same(at, facts.fields.count.valueAt));
  if (facts.kind === 'table') return facts.records.map(({ row }) => ({ row, cell: place.cell }));
  return [];
}

/** Names among which one stands. */
function namesBeside({ facts, rows }: Scene, place: Place): readonly string[] {
  if (facts.kind === 'prices')
    return facts.entries.some(({ valueAt, nameAt }) => same(valueAt, place) && !same(nameAt, place))
      ? facts.entries.map(({ value }) => value)
      : facts.entries.map(({ name }) => name);
  if (facts.kind === 'receipt')
    return facts.items.some(({ nameAt }) => same(nameAt, place)) ? facts.items.map(({ name }) => name) : [];
  if (facts.kind === 'table') return facts.records.map(({ cells }) => cells[place.cell] ?? '');
  if (facts.kind === 'list') return facts.entries.map(({ text }) => text);
  if (facts.kind === 'sign') return facts.lines.map(({ row, cell }) => rows[row]?.cells[cell] ?? '');
  return [];
}

const textIn = ({ rows }: Scene, { row, cell }: Place): string => rows[row]?.cells[cell] ?? '';

/** 3.6790000000000003 is what adding up in a computer makes of 3.679. */
const undusted = (text: string): string => (/^-?\d+\.\d{9,}$/.test(text) ? resultText(Number(text)) : text);

/** The amounts that stand at places of a scene, by its facts. */
function amountsIn({ facts }: Scene): (place: Place) => number | undefined {
  const amounts = new Map<string, number>();
  const put = (at: Place, amount: number): void => void amounts.set(`${at.row}:${at.cell}`, amount);
  if (facts.kind === 'prices') for (const e of facts.entries) put(e.valueAt, e.amount);
  if (facts.kind === 'receipt') {
    for (const e of facts.items) put(e.valueAt, e.amount);
    for (const f of Object.values(facts.fields)) if (f.amount !== undefined) put(f.valueAt, f.amount);
  }
  if (facts.kind === 'table')
    for (const r of facts.records)
      r.amounts.forEach((amount, cell) => {
        if (facts.columns[cell]?.numeric) put({ row: r.row, cell }, amount);
      });
  if (facts.kind === 'table' && facts.summary) {
    const { row, amounts: sums } = facts.summary;
    sums.forEach((amount, cell) => {
      if (facts.columns[cell]?.numeric) put({ row, cell }, amount);
    });
  }
  if (facts.kind === 'list') for (const e of facts.entries) if (e.markAt) put(e.markAt, Number(e.mark));
  return (place) => amounts.get(`${place.row}:${place.cell}`);
}

export interface Asked extends Question {
  /** Other answers of the same kind on the page, as they would be said; empty for what is calculated. */
  readonly others: readonly string[];
}

export function questionOf(scene: Scene, ask: Ask): Asked {
  const amountAt = amountsIn(scene);
  const textAt = (place: Place): string => textIn(scene, place);
  const decimalsAt: Question['decimalsAt'] = (place, read) => {
    const texts = peersOf(scene, place).flatMap((peer) => (same(peer, place) ? [] : [read(peer) ?? '']));
    return decimalsOf(texts);
  };
  const last = ask.turns.at(-1)?.next;
  const at = typeof last === 'object' && 'answer' in last && last.answer !== 'result' ? last.answer : undefined;
  const amount = typeof last === 'object' && 'answer' in last && last.answer !== 'result' && last.as === 'amount';
  const printed = (place: Place): string => amountOf(textAt(place), decimalsAt(place, textAt))?.text ?? '';
  let truth = ask.truth === '<unknown>' ? CANNOT_TELL : undusted(ask.truth);
  let others: readonly string[] = [];
  if (at && amount) {
    const said = printed(at);
    if (said !== '' && Math.abs(Number(said)) === Math.abs(Number(ask.truth)))
      truth = ask.truth.startsWith('-') ? `-${said.replace('-', '')}` : said.replace('-', '');
    others = peersOf(scene, at).map(printed);
    if (others.length === 0 && scene.facts.kind === 'prices')
      others = scene.facts.entries.map(({ amount: value }) => resultText(value)).filter((text) => text !== 'NaN');
  } else if (at) others = namesBeside(scene, at);
  return { ask, family: familyOf(ask), truth, textAt, amountAt, decimalsAt, others };
}
