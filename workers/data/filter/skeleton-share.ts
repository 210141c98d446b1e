import { CotaError } from '../../../shared/errors.ts';

/**
 * How many chains of one skeleton may stay, so that none is more than `share` of all that then stay: dropping some makes
 * the whole smaller, so the cap is the largest number that holds afterwards.
 * @param sizes chains of each skeleton
 * @param others chains that have no skeleton: they count in the whole, and are not capped
 * @throws CotaError where there are too few skeletons for any cap
 */
export function skeletonCap(sizes: readonly number[], others: number, share: number): number {
  const fits = (cap: number): boolean =>
    cap <= share * (others + sizes.reduce((sum, size) => sum + Math.min(size, cap), 0)) + 1e-9;
  const largest = Math.max(0, ...sizes);
  if (fits(largest)) return largest;
  // What the cap leaves grows ever slower with the cap, so where it fits once it fits up to some point and never again.
  let low = 0;
  let high = largest;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (fits(middle)) low = middle;
    else high = middle;
  }
  if (low > 0) return low;
  throw new CotaError(
    'invalid_request',
    `filter.skeleton_share: the ${sizes.length} question skeletons that are left cannot each be ${share * 100} % at most; that takes ${Math.ceil(1 / share)}. Raise the share, or use more families.`,
    { param: 'filter.skeleton_share' },
  );
}
