/** Unanswerable twins: the same question about the same page without the row that answers it. */
import type { Ask } from '../../ask/ask.ts';
import type { Scene } from '../../scene/scene.ts';

/** What a receipt without its row does not show elsewhere, and nothing else there allows to work out. */
const FIELDS = /^receipt\/(date|time|invoice|phone|cashier|item)$/;

/** Whether a question asks for named rows, so that without one of them nothing answers it. */
const asksRows = ({ kind }: Ask): boolean =>
  FIELDS.test(kind) ||
  /^(look-up\/(menu|board|chart|nutrition|form|table)|reverse\/|sums\/(1|2|3|table|receipt|change|change-of-two|discount|how-many|fill|difference|difference-table|difference-receipt)$)/.test(
    kind,
  );

/** @returns the scene without a row that the question needs; undefined where that does not make it unanswerable */
export function withoutAnswer(scene: Scene, ask: Ask): Scene | undefined {
  if (!asksRows(ask)) return undefined;
  const { facts } = scene;
  const header = facts.kind === 'table' ? facts.headerRow : -1;
  const evidence = (ask.turns[0]?.evidence ?? []).filter(([first]) => first !== undefined && first.row !== header);
  const named = evidence[0];
  if (!named) return undefined;
  const gone = new Set(named.map(({ row }) => row));
  const rows = scene.rows.filter((_, row) => !gone.has(row));
  if (rows.filter(({ cells }) => cells.length > 0).length < 3) return undefined;
  const rest =
    facts.kind === 'prices'
      ? {
          ...facts,
          entries: facts.entries.filter(({ nameAt, valueAt }) => !gone.has(nameAt.row) && !gone.has(valueAt.row)),
        }
      : facts;
  if (rest.kind === 'prices' && rest.entries.length < 2) return undefined;
  // Two names may share a row: both would be gone, and the other one's question has nothing to do with it.
  return { ...scene, rows, facts: rest };
}
