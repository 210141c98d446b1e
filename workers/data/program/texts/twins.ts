/** Unanswerable twins: the same question about the same page without what answers it. */
import type { Ask, Evidence, Turn } from '../../ask/ask.ts';
import type { Random } from '../../random.ts';
import type { Place, Scene } from '../../scene/scene.ts';
import type { Asked } from './question.ts';
import { type Marked, marked, retitled, unsolvable, withoutRecords, withoutRows, withoutSection } from './torn.ts';

/** What a receipt without its row does not show elsewhere, and nothing else there allows to work out. */
const FIELDS = /^receipt\/(date|time|invoice|phone|cashier|item)$/;

/** Whether a question asks for named rows, so that without one of them nothing answers it. */
export const asksRows = ({ kind }: Pick<Ask, 'kind'>): boolean =>
  FIELDS.test(kind) ||
  /^(look-up\/(menu|board|chart|nutrition|form|table)|reverse\/|sums\/(1|2|3|table|receipt|change|change-of-two|discount|how-many|fill|difference|difference-table|difference-receipt)$)/.test(
    kind,
  );

/** A page that does not answer a question, and what is to be done there. */
export interface Torn {
  readonly scene: Scene;
  readonly turns: readonly Turn[];
  /** What a reading of the page must show for anybody to see that something is missing. */
  readonly gap?: Place;
  /** The same page for other questions, which it does answer: that something is missing on it says nothing by itself. */
  readonly rest?: Scene;
}

const ABSENT: readonly Turn[] = [{ evidence: [], next: 'unknown' }];
const absent = (scene: Scene | undefined): Torn | undefined => scene && { scene, turns: ABSENT };
const gap = (torn: Marked | undefined, turns: readonly Turn[]): Torn | undefined => torn && { ...torn, turns };
const rowsOf = (evidence: readonly Evidence[]): Set<number> => new Set(evidence.flat().map(({ row }) => row));

/** @returns the page without what the question needs; undefined where that cannot be had, or leaves it answerable */
export function withoutAnswer(rng: Random, scene: Scene, question: Asked): Torn | undefined {
  const { ask } = question;
  const { facts } = scene;
  const [first] = ask.turns;
  if (!first) return undefined;
  const header = facts.kind === 'table' ? facts.headerRow : -1;
  const evidence = first.evidence.filter(([one]) => one !== undefined && one.row !== header);
  if (asksRows(ask)) return evidence[0] && absent(withoutRows(scene, rowsOf([evidence[0]])));
  if (ask.family === 'equations') {
    const place = evidence[0]?.[0];
    return place && gap(unsolvable(rng, scene, place, ask.skeleton.includes('$letter')), ABSENT);
  }
  if (ask.family !== 'extremes') return undefined;
  if (ask.kind === 'extremes/section') return absent(sectionGone(scene, evidence));
  const operands = operandsOf(first);
  const column = operands[0]?.cell;
  if (facts.kind === 'table' && column !== undefined) {
    if (ask.kind.startsWith('extremes/group-') && rng.chance(0.5)) {
      const torn = withoutRecords(scene, facts, rowsOf(evidence));
      if (torn) return absent(torn);
    }
    if (facts.columns.length > 2) return absent(retitled(rng, scene, column));
  }
  return withoutAmount(rng, scene, question, first);
}

const operandsOf = ({ next }: Turn): readonly Place[] =>
  typeof next === 'object' && 'calculate' in next ? next.operands : [];

/** The page with a mark in place of the amount that decides, or of any where all are added up. */
function withoutAmount(rng: Random, scene: Scene, { ask, amountAt }: Asked, first: Turn): Torn | undefined {
  const operands = operandsOf(first);
  if (operands.length === 0 || typeof first.next !== 'object' || !('result' in first.next)) return undefined;
  const { result } = first.next;
  const best = operands.find((place) => Math.abs((amountAt(place) ?? Number.NaN) - result) < 1e-9);
  const place = ask.turns.length > 1 && best ? best : rng.pick(operands);
  const own = first.evidence.find((one) => one.some(({ row, cell }) => row === place.row && cell === place.cell));
  if (!own) return undefined;
  const named = ask.turns.some(({ next }) => typeof next === 'object' && 'as' in next && next.as === 'text');
  return gap(marked(rng, scene, place, named), [{ evidence: [own], next: first.next }]);
}

/** The menu without the section that the question asks about. */
function sectionGone(scene: Scene, evidence: readonly Evidence[]): Scene | undefined {
  const { facts } = scene;
  const row = evidence[0]?.[0]?.row;
  const section = facts.kind === 'prices' ? facts.entries.find(({ nameAt }) => nameAt.row === row)?.section : undefined;
  return section === undefined ? undefined : withoutSection(scene, section);
}
