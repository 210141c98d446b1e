/** How many rows of each group a part takes: whole numbers, by declared proportions, that add up exactly. */

/**
 * Whole numbers in proportion to `weights` that add up to `total`: what is lost by rounding down goes to the largest
 * remainders, among equal ones to the first.
 */
export function apportion(total: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((a, b) => a + b, 0);
  if (sum === 0) return weights.map(() => 0);
  const exact = weights.map((weight) => (total * weight) / sum);
  const shares = exact.map(Math.floor);
  const left = total - shares.reduce((a, b) => a + b, 0);
  const order = exact
    .map((value, i) => [value - Math.floor(value), i] as const)
    .sort(([a, i], [b, j]) => b - a || i - j);
  for (const [, i] of order.slice(0, left)) shares[i] = (shares[i] as number) + 1;
  return shares;
}

/**
 * Equal numbers of each group as far as there are enough; what the small ones lack the others give.
 * @returns at most `total` in all, less only where all groups together have less
 */
export function levelled(total: number, sizes: readonly number[]): number[] {
  const order = sizes.map((size, i) => [size, i] as const).sort(([a, i], [b, j]) => a - b || i - j);
  const taken = sizes.map(() => 0);
  let left = Math.min(
    total,
    sizes.reduce((a, b) => a + b, 0),
  );
  for (const [at, [size, i]] of order.entries()) {
    // Those after it are at least as large, so an equal part of what is left is the most that this one may take.
    const share = Math.min(size, Math.floor(left / (order.length - at)));
    taken[i] = share;
    left -= share;
  }
  // Less than one each is left: to the largest.
  for (const [size, i] of order.toReversed()) {
    if (left === 0) break;
    if ((taken[i] as number) >= size) continue;
    taken[i] = (taken[i] as number) + 1;
    left--;
  }
  return taken;
}
