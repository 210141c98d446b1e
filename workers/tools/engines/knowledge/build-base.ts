/** From files to a knowledge base. */
import type { BaseFacts } from './base-file.ts';
import { readDocuments, sourcesOf } from './read-documents.ts';
import { writeBase } from './write-base.ts';

export interface BuildOptions {
  /** Files and folders. */
  readonly paths: readonly string[];
  readonly out: string;
  /** `en` gives stems and stop words. */
  readonly language: string;
  /** Told after each article; `share` of the files' bytes, 0 to 1. */
  onProgress(articles: number, share: number): void;
  /** Told of each place that gave no article. */
  onProblem(problem: string): void;
  /** Told when all is read and the index is put in order, which takes a while for many articles. */
  onOrder(): void;
  /** Leaves nothing behind when aborted. */
  readonly signal?: AbortSignal;
}

/** The event loop gets a turn after so many articles: for the signal, and for the picture of the progress. */
const TURN = 200;

/**
 * @returns undefined where no article was found: then there is no base
 * @throws RangeError that names a path that cannot be read; the signal's reason
 */
export async function buildBase(options: BuildOptions): Promise<BaseFacts | undefined> {
  const { paths, out, language, signal } = options;
  const sources = sourcesOf(paths);
  const whole = sources.reduce((sum, { bytes }) => sum + bytes, 0);
  let read = 0;
  let since = 0;
  const writer = writeBase(out, language);
  try {
    for (const source of sources) {
      const onBytes = (bytes: number): void => {
        read += bytes;
      };
      for await (const document of readDocuments(source, onBytes)) {
        if ('problem' in document) options.onProblem(document.problem);
        else if (!writer.add(document))
          options.onProblem(`${source.path}: "${document.title}" has no text to be found by`);
        options.onProgress(writer.articles, whole === 0 ? 1 : Math.min(1, read / whole));
        since += 1;
        if (since % TURN === 0) await new Promise(setImmediate);
        signal?.throwIfAborted();
      }
    }
    if (writer.articles === 0) return undefined;
    options.onOrder();
    return writer.finish();
  } finally {
    writer.discard();
  }
}
