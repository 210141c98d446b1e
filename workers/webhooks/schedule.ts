/**
 * When a delivery is tried again. The table is that of Standard Webhooks: ten tries over three days, the first pauses
 * short for a hiccup, the last ones long for a weekend. Each pause is varied, so that what failed together does not come
 * back together.
 */

/** A pause is longer or shorter by up to this share. */
const JITTER = 0.2;
/** A receiver may ask for more time, but not for ever. */
const LONGEST_ASKED_MS = 24 * 3_600_000;

/**
 * @param tried tries that were made, this one included
 * @param pausesS seconds before the second and each further try
 * @param askedMs what the receiver's Retry-After asks for
 * @param random 0 to 1
 * @returns milliseconds until the next try; undefined when there is none left
 */
export function pauseAfter(
  tried: number,
  pausesS: readonly number[],
  askedMs: number | undefined,
  random: number,
): number | undefined {
  const pause = pausesS[tried - 1];
  if (pause === undefined) return undefined;
  const varied = pause * 1000 * (1 - JITTER + 2 * JITTER * random);
  return Math.max(varied, Math.min(askedMs ?? 0, LONGEST_ASKED_MS));
}

/**
 * Retry-After: seconds or a date.
 * @param now epoch milliseconds
 * @returns milliseconds from now; undefined for what is neither
 */
export function askedPause(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  const ms = /^\d+$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isFinite(ms) && ms > 0 ? ms : undefined;
}
