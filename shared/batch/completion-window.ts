/** The time that a batch has for all of its lines, as clients write it: `90m`, `24h`, `7d`. */
import { CotaError } from '../errors.ts';

const UNIT_S = { m: 60, h: 3_600, d: 86_400 } as const;
const MOST_S = 14 * 86_400;

/** @throws CotaError for a window that is too long */
export function windowSeconds(text: string): number {
  const unit = UNIT_S[text.at(-1) as keyof typeof UNIT_S];
  const seconds = Number.parseInt(text, 10) * unit;
  if (seconds <= MOST_S) return seconds;
  throw new CotaError('invalid_value', `A completion window is at most 14d; got "${text}".`, {
    param: 'completion_window',
  });
}
