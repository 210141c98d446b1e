import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const path = (file: string) => fileURLToPath(new URL(file, import.meta.url));

/** The networks that come with Cota; the ORIGIN beside each says where it is from. */
export const networks = {
  objects: path('../coco80/centernet.onnx'),
  faces: path('../faces/full-range.onnx'),
};

const hashes = new Map<string, string>();

/** First 12 hex digits of a network's SHA-256: other weights, other results. Read once per process. */
export function networkHash(network: keyof typeof networks): string {
  let hash = hashes.get(network);
  if (hash === undefined) {
    hash = createHash('sha256').update(readFileSync(networks[network])).digest('hex').slice(0, 12);
    hashes.set(network, hash);
  }
  return hash;
}
