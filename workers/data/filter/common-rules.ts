/** Rules that compare chains with each other, each in its turn among those that are still in. */
import type { FilterRecipe } from '../../../shared/data/recipe/filter.ts';
import { random } from '../random.ts';
import type { Decisions } from './decisions.ts';
import { HashIndex, hashDistance } from './picture-hash.ts';
import type { SourceOutcomes } from './reasons.ts';
import { skeletonCap } from './skeleton-share.ts';
import type { Tables } from './tables.ts';
import { judgeSource } from './useless-sources.ts';

/** Outcomes of each source, all chains counted, and whether the source is of use. */
export async function judgeSources(tables: Tables, rule: FilterRecipe['action_useless']): Promise<SourceOutcomes[]> {
  const rows = await tables.rows(
    'SELECT source, outcome, count(*)::INTEGER FROM facts GROUP BY source, outcome ORDER BY source, outcome',
  );
  const sources = new Map<string, Record<string, number>>();
  for (const [source, outcome, count] of rows as [string, string, number][]) {
    const outcomes = sources.get(source) ?? {};
    outcomes[outcome] = count;
    sources.set(source, outcomes);
  }
  return [...sources].map(([source, outcomes]) => judgeSource(source, outcomes, rule));
}

export async function dropUseless(
  tables: Tables,
  decisions: Decisions,
  sources: readonly SourceOutcomes[],
): Promise<void> {
  const useless = new Map(sources.flatMap((it) => (it.judged === 'useless' ? [[it.source, it] as const] : [])));
  if (useless.size === 0) return;
  for await (const [number = [], source = []] of tables.columns('SELECT number, source FROM facts'))
    for (let i = 0; i < number.length; i++) {
      const it = useless.get(source[i] as string);
      if (it)
        decisions.drop(number[i] as number, 'action-useless', {
          detail: `CoT-pos leads by ${it.cotLead}, CoTA-neg by ${it.negativeLead} points`,
        });
    }
}

/** Chains that share a value, group by group: rows of `number` and whatever else is selected. */
async function* groups(tables: Tables, column: string, also = ''): AsyncGenerator<(readonly [number, string])[]> {
  const sql = `SELECT key, number, more FROM (
      SELECT ${column} AS key, number, ${also === '' ? "''" : also} AS more, count(*) OVER (PARTITION BY ${column}) AS size
      FROM facts WHERE reason = '' AND ${column} <> '')
    WHERE size > 1 ORDER BY key, number`;
  let group: (readonly [number, string])[] = [];
  let current: string | undefined;
  for await (const [keys = [], numbers = [], more = []] of tables.columns(sql))
    for (let i = 0; i < keys.length; i++) {
      if (keys[i] !== current) {
        if (group.length > 1) yield group;
        group = [];
        current = keys[i] as string;
      }
      group.push([numbers[i] as number, more[i] as string]);
    }
  if (group.length > 1) yield group;
}

/** Of several with one value of a column the first that is still in stays. */
export async function dropEqual(
  tables: Tables,
  decisions: Decisions,
  column: 'id' | 'exact',
  reason: 'same-id' | 'duplicate',
): Promise<void> {
  for await (const group of groups(tables, column)) {
    const [first, ...others] = group.map(([number]) => number).filter((number) => decisions.isAlive(number));
    if (first !== undefined) for (const other of others) decisions.drop(other, reason, { other: first });
  }
}

/** The same question about pictures that look the same, each with each, stays once. */
export async function dropSamePictures(tables: Tables, decisions: Decisions, bits: number): Promise<void> {
  for await (const group of groups(tables, 'asked', 'pictures')) {
    // By the number of pictures; the first one finds, the others confirm.
    const indexes = new Map<number, HashIndex<readonly [number, readonly string[]]>>();
    for (const [number, text] of group) {
      const pictures = text === '' ? [] : text.split(' ');
      if (pictures.length === 0 || pictures.includes('?') || !decisions.isAlive(number)) continue;
      const index = indexes.get(pictures.length) ?? new HashIndex(bits);
      indexes.set(pictures.length, index);
      const same = index
        .within(pictures[0] as string)
        .find(([, other]) => other.every((hash, i) => hashDistance(hash, pictures[i] as string) <= bits));
      if (same) decisions.drop(number, 'same-picture', { other: same[0] });
      else index.add(pictures[0] as string, [number, pictures]);
    }
  }
}

/** @returns the cap that holds now */
export async function capSkeletons(tables: Tables, decisions: Decisions, share: number, seed: number): Promise<number> {
  const members = new Map<string, number[]>();
  let others = 0;
  for await (const [number = [], skeleton = []] of tables.columns(
    "SELECT number, skeleton FROM facts WHERE reason = '' ORDER BY number",
  ))
    for (let i = 0; i < number.length; i++) {
      if (!decisions.isAlive(number[i] as number)) continue;
      if (skeleton[i] === '') {
        others++;
        continue;
      }
      const list = members.get(skeleton[i] as string);
      if (list) list.push(number[i] as number);
      else members.set(skeleton[i] as string, [number[i] as number]);
    }
  const cap = skeletonCap(
    [...members.values()].map(({ length }) => length),
    others,
    share,
  );
  for (const [skeleton, list] of members) {
    if (list.length <= cap) continue;
    // Which of them stay is drawn: the first by id would be those of the first scenes.
    const stay = new Set(random(seed, `skeleton ${skeleton}`).sample(list, cap));
    for (const number of list)
      if (!stay.has(number))
        decisions.drop(number, 'skeleton-share', { detail: `${list.length} chains, ${cap} may stay` });
  }
  return cap;
}
