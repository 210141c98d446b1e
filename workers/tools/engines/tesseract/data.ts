import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import tesseract from 'tesseract.js/package.json' with { type: 'json' };

const require = createRequire(import.meta.url);

/** Folder of the English data that the npm package ships: the integer form of the best network, 3 MB. */
export const dataFolder = join(dirname(require.resolve('@tesseract.js-data/eng/package.json')), '4.0.0_best_int');

/** The package's version and the first 12 hex digits of the data's SHA-256: with others, results may be others. */
export function tesseractEngine(): string {
  const data = readFileSync(join(dataFolder, 'eng.traineddata.gz'));
  return `tesseract-${tesseract.version}-eng@${createHash('sha256').update(data).digest('hex').slice(0, 12)}`;
}
