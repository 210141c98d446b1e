/** Reads texts with `<image>` marks back: the pictures into their places, and words that only look like marks as they were. */
import type { ReadPiece } from './read-chain.ts';

const ESCAPED = /<\\(\\*)(image|video|audio|bbox|ref-object|cot-process|start-image)>/g;

/** A plain text as its author wrote it. Lines of JSON need nothing: JSON reads its own escapes. */
export const asWritten = (text: string): string => text.replace(ESCAPED, '<$1$2>');

/** Hands out the pictures of a row, one for each mark. */
export interface Pictures {
  pieces(text: string): ReadPiece[];
  /** @throws Error where a picture of the row has no mark */
  end(): void;
}

/** @param hashes of the row's list of pictures, in its order */
export function picturesIn(hashes: readonly string[]): Pictures {
  let next = 0;
  return {
    pieces: (text) =>
      text.split('<image>').flatMap((piece, i): ReadPiece[] => {
        if (i === 0) return [piece];
        const sha256 = hashes[next++];
        if (sha256 === undefined) throw new Error(`there are more <image> marks than the ${hashes.length} pictures`);
        return [{ sha256 }, piece];
      }),
    end() {
      if (next !== hashes.length) throw new Error(`there are ${hashes.length} pictures and ${next} <image> marks`);
    },
  };
}

/** `images/<hash>.png` -> hash. */
export function hashOfPath(path: unknown): string {
  const hash = typeof path === 'string' ? /^images\/([0-9a-f]{64})\.[a-z]+$/.exec(path)?.[1] : undefined;
  if (hash === undefined) throw new Error(`${JSON.stringify(path)} is no path of a picture`);
  return hash;
}
