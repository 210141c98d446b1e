/** The kinds of file that articles come in. */
import { extname } from 'node:path';

const KINDS = {
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
  '.csv': 'csv',
  '.tsv': 'tsv',
  '.parquet': 'parquet',
  '.md': 'text',
  '.markdown': 'text',
  '.txt': 'text',
} as const;
export type Kind = (typeof KINDS)[keyof typeof KINDS];
/** For messages and help. */
export const KNOWN_FILES = Object.keys(KINDS).join(', ');

/** @returns undefined for a file of no kind that is read; all but parquet, which is packed within, may end in .gz */
export function kindOf(path: string): Kind | undefined {
  const kind = (KINDS as Readonly<Record<string, Kind>>)[extname(path.replace(/\.gz$/i, '')).toLowerCase()];
  return kind === 'parquet' && /\.gz$/i.test(path) ? undefined : kind;
}
