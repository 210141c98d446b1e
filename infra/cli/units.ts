/** Times and amounts as people write them in options. */
import { UserError } from '../user-error.ts';

const SECONDS = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;

/** `90d` -> seconds; s, m, h and d are known. @throws UserError that names the option */
export function secondsOf(option: string, text: string): number {
  const [, count, unit] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  if (count !== undefined && unit !== undefined) return Number(count) * SECONDS[unit as keyof typeof SECONDS];
  throw new UserError(`--${option} takes a time such as 45m, 12h or 90d, not "${text}"`);
}

const BYTES = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 } as const;

/** `50GB` -> bytes, by 1,024. @throws UserError that names the option */
export function bytesOf(option: string, text: string): number {
  const [, count, unit = ''] = /^(\d+(?:\.\d+)?) ?([kmgt]?)i?b?$/i.exec(text) ?? [];
  const bytes = Math.round(Number(count) * BYTES[unit.toLowerCase() as keyof typeof BYTES]);
  if (count !== undefined && Number.isSafeInteger(bytes)) return bytes;
  throw new UserError(`--${option} takes a number of bytes such as 500MB or 2TB, not "${text}"`);
}

/** Words with commas between them. */
export const wordsOf = (text: string): string[] =>
  text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
