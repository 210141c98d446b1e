/** What each part of a mixture takes of what there is: numbers per source and group, decided before any row is looked at. */
import type { MixPart, MixRecipe } from '../../../shared/data/recipe/mix.ts';
import { CotaError } from '../../../shared/errors.ts';
import { apportion, levelled } from './quota.ts';

/** Chains of a part that are alike in all that matters to it. */
export interface Pool {
  readonly source: string;
  /** Family, tools or skill where the part is balanced; else empty. */
  readonly group: string;
  readonly size: number;
}

export interface PartPlan {
  /** Rows to take of each pool, in the order of the pools. */
  readonly take: readonly number[];
  readonly wanted: number;
  /** Less than `wanted` where there is a shortage. */
  readonly rows: number;
}

const invalid = (part: MixPart, message: string): CotaError =>
  new CotaError('invalid_request', `Mixture part ${part.name}: ${message}`, { param: 'mix.parts' });

/**
 * Parts in an order in which each comes after the one that its ratio names; otherwise as in the recipe.
 * @throws CotaError for names that are not there, twice there, or go round in a circle
 */
export function ordered({ parts }: MixRecipe): readonly MixPart[] {
  const byName = new Map(parts.map((part) => [part.name, part] as const));
  for (const part of parts) {
    if (byName.get(part.name) !== part) throw invalid(part, 'there are two of this name.');
    if (part.balance && part.rows === undefined)
      throw invalid(part, `balance levels nothing where all rows are taken; say how many with rows.`);
    if (typeof part.rows === 'object' && !byName.has(part.rows.of))
      throw invalid(part, `its rows are a ratio to part ${part.rows.of}, which there is not.`);
  }
  const done: MixPart[] = [];
  const visit = (part: MixPart, path: readonly MixPart[]): void => {
    if (done.includes(part)) return;
    if (path.includes(part)) throw invalid(part, 'its rows depend on its own, by way of other parts.');
    if (typeof part.rows === 'object') visit(byName.get(part.rows.of) as MixPart, [...path, part]);
    done.push(part);
  };
  for (const part of parts) visit(part, []);
  return done;
}

/**
 * @param pools what there is for this part, by source and group; the order decides between equals, so it must be fixed
 * @param before rows of the parts that are planned already
 * @throws CotaError for a shortage where the recipe does not take what there is
 */
export function planPart(
  part: MixPart,
  pools: readonly Pool[],
  before: ReadonlyMap<string, number>,
  shortage: MixRecipe['shortage'],
): PartPlan {
  const sources = [...new Set(pools.map(({ source }) => source))];
  const available = sources.map((source) => {
    const size = pools.reduce((sum, pool) => sum + (pool.source === source ? pool.size : 0), 0);
    return Math.min(size, part.cap_per_source ?? size);
  });
  const all = available.reduce((a, b) => a + b, 0);
  const asked =
    typeof part.rows === 'object' ? Math.round((before.get(part.rows.of) ?? 0) * part.rows.ratio) : part.rows;
  const { perSource, wanted } = part.weights
    ? weighted(part, part.weights, sources, available, asked)
    : { perSource: undefined, wanted: asked ?? all };
  const rows = perSource ? perSource.reduce((a, b) => a + b, 0) : Math.min(wanted, all);
  if (rows < wanted && shortage === 'fail')
    throw invalid(
      part,
      `it asks for ${wanted} rows and there are ${rows}. Make or let through more, ask for fewer, or set mix.shortage to take.`,
    );
  return { take: spread(part, pools, sources, available, perSource, rows), wanted, rows };
}

/** Rows of each source by the part's weights; as many in all as the scarcest allows where no number is asked for. */
function weighted(
  part: MixPart,
  weights: Readonly<Record<string, number>>,
  sources: readonly string[],
  available: readonly number[],
  asked: number | undefined,
): { perSource: number[]; wanted: number } {
  const shares = sources.map((source) => (Object.hasOwn(weights, source) ? (weights[source] ?? 0) : 0));
  const sum = Object.values(weights).reduce((a, b) => a + b, 0);
  if (sum === 0) throw invalid(part, 'all its weights are 0.');
  const missing = Object.keys(weights).filter((source) => (weights[source] as number) > 0 && !sources.includes(source));
  if (asked === undefined && missing.length === 0) {
    const most = Math.min(
      ...shares.flatMap((share, i) => (share > 0 ? [((available[i] as number) * sum) / share] : [])),
    );
    // Rounding may ask the scarcest source for one more than it has: then one less in all.
    for (let total = Math.floor(most + 1e-9); total > 0; total--) {
      const perSource = apportion(total, shares);
      if (perSource.every((count, i) => count <= (available[i] as number))) return { perSource, wanted: total };
    }
  }
  const wanted = asked ?? available.reduce((a, b) => a + b, 0);
  // Sources that are weighted and not there count, so that nobody takes their share unseen.
  const targets = apportion(wanted, [...shares, ...missing.map((source) => weights[source] as number)]);
  return { perSource: sources.map((_, i) => Math.min(targets[i] as number, available[i] as number)), wanted };
}

/** From rows per source, or in all, to rows of each pool. */
function spread(
  part: MixPart,
  pools: readonly Pool[],
  sources: readonly string[],
  available: readonly number[],
  perSource: readonly number[] | undefined,
  rows: number,
): number[] {
  const take = pools.map(() => 0);
  const fill = (members: readonly number[], total: number, level: boolean): void => {
    const sizes = members.map((i) => (pools[i] as Pool).size);
    const counts = level ? levelled(total, sizes) : inProportion(total, sizes);
    for (const [k, i] of members.entries()) take[i] = counts[k] as number;
  };
  const of = (source: string): number[] => pools.flatMap((pool, i) => (pool.source === source ? [i] : []));
  if (perSource) {
    for (const [k, source] of sources.entries()) fill(of(source), perSource[k] as number, part.balance !== undefined);
    return take;
  }
  if (part.balance === undefined || part.cap_per_source !== undefined) {
    // Without weights a source's rows go by what it has, within its cap.
    const counts = inProportion(rows, available);
    for (const [k, source] of sources.entries()) fill(of(source), counts[k] as number, part.balance !== undefined);
    return take;
  }
  // Levelled across all sources: a group's rows come from the sources that have it, by what they have.
  const groups = [...new Set(pools.map(({ group }) => group))];
  const members = groups.map((group) => pools.flatMap((pool, i) => (pool.group === group ? [i] : [])));
  const sizes = members.map((list) => list.reduce((sum, i) => sum + (pools[i] as Pool).size, 0));
  for (const [k, count] of levelled(rows, sizes).entries()) fill(members[k] as number[], count, false);
  return take;
}

/** Like `apportion`, and never more than a size: with the sizes as weights no share is larger. */
const inProportion = (total: number, sizes: readonly number[]): number[] => apportion(total, sizes);
