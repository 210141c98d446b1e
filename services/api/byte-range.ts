import { CotaError } from '../../shared/errors.ts';

/** First and last byte, both counted from 0 and included. */
export interface AskedRange {
  readonly start: number;
  readonly end: number;
}

/**
 * What a Range header asks for of so many bytes.
 * @returns undefined where all is to be sent: no header, or one that HTTP lets a server pass over (several ranges, other units)
 * @throws CotaError `range_not_satisfiable`
 */
export function askedRange(header: string | string[] | undefined, size: number): AskedRange | undefined {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/i.exec(typeof header === 'string' ? header.trim() : '') ?? [];
  if (first === '' && last === '') return undefined;
  const range =
    first === ''
      ? { start: Math.max(0, size - Number(last)), end: size - 1 }
      : { start: Number(first), end: last === '' ? size - 1 : Math.min(Number(last), size - 1) };
  if (first !== '' && last !== '' && Number(last) < Number(first)) return undefined;
  if (range.start <= range.end) return range;
  throw new CotaError(
    'range_not_satisfiable',
    `There are ${size.toLocaleString('en')} bytes; the range lies outside.`,
    {
      param: 'Range',
    },
  );
}
