interface HeaderReader {
  get(name: string): string | null;
}

/**
 * How long a server asks to be left alone: `retry-after-ms`, else `Retry-After` in seconds or as an HTTP date, else the
 * reset of whichever of `x-ratelimit-*` is used up.
 * @param now epoch milliseconds
 * @returns milliseconds, or undefined when the server does not say
 */
export function retryAfterMs(headers: HeaderReader, now: number): number | undefined {
  const exact = Number(headers.get('retry-after-ms') ?? Number.NaN);
  if (exact >= 0) return Math.ceil(exact);
  const header = headers.get('retry-after')?.trim() ?? '';
  if (/^\d+(\.\d+)?$/.test(header)) return Math.ceil(Number(header) * 1000);
  const date = Date.parse(header);
  if (!Number.isNaN(date)) return Math.max(0, date - now);
  const resets = ['requests', 'tokens'].flatMap((kind) => {
    const usedUp = Number(headers.get(`x-ratelimit-remaining-${kind}`) ?? Number.NaN) <= 0;
    return usedUp ? (durationMs(headers.get(`x-ratelimit-reset-${kind}`) ?? '') ?? []) : [];
  });
  return resets.length > 0 ? Math.max(...resets) : undefined;
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `1s`, `6m0s`, `120ms`, or a bare number of seconds. */
function durationMs(text: string): number | undefined {
  if (/^\d+(\.\d+)?$/.test(text)) return Math.ceil(Number(text) * 1000);
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) {
    total += Number(amount) * (UNIT_MS[unit ?? ''] ?? 0);
  }
  return Math.ceil(total);
}
