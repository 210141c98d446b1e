/** What a trainer printed, in pieces in the store: the last piece is written again while it grows. */
import { paths } from '../../shared/keys.ts';
import type { ObjectStore } from '../../shared/object-store.ts';

const PIECE_BYTES = 64 * 1024;
const EVERY_MS = 5_000;
/** Of all pieces: the oldest go first. */
const MOST_PIECES = 500;

export interface LogPieces {
  add(line: string): void;
  /** Writes what is left. */
  close(): Promise<void>;
}

/** @param mayWrite asked before each write: another worker, or the deletion of all that its tenant has, may have come */
export async function openLogPieces(
  objects: ObjectStore,
  { tenant, id }: { readonly tenant: string; readonly id: string },
  mayWrite: () => Promise<boolean>,
): Promise<LogPieces> {
  let piece = 0;
  for await (const { key } of objects.list(paths.trainLogs(tenant, id))) {
    piece = Math.max(piece, Number.parseInt(key.slice(key.lastIndexOf('/') + 1), 10) + 1);
  }
  let text = '';
  let written = '';
  let writing: Promise<void> = Promise.resolve();

  async function write(): Promise<void> {
    if (text === written || !(await mayWrite())) return;
    const now = text;
    await objects.put(paths.trainLog(tenant, id, piece), Buffer.from(now), { contentType: 'text/plain' });
    written = now;
    if (now.length < PIECE_BYTES) return;
    text = text.slice(now.length);
    written = '';
    piece += 1;
    if (piece >= MOST_PIECES) await objects.delete(paths.trainLog(tenant, id, piece - MOST_PIECES));
  }
  // A store that is away makes the log late, and stops no training.
  const flush = (): Promise<void> => {
    writing = writing.then(write).catch(() => undefined);
    return writing;
  };
  const timer = setInterval(flush, EVERY_MS);
  return {
    add(line) {
      const before = text.length;
      // While the store is away, only so much is held.
      if (before > 16 * PIECE_BYTES) return;
      text += `${line}\n`;
      if (text.length >= PIECE_BYTES && before < PIECE_BYTES) void flush();
    },
    async close() {
      clearInterval(timer);
      await flush();
      await flush();
    },
  };
}
