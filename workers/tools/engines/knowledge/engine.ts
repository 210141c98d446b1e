/** A knowledge base for tools: what it is, and searches beside the event loop. */
import { statSync } from 'node:fs';
import type { CallOptions } from '../warm-engine.ts';
import { warmProcess } from '../warm-process.ts';
import { type BaseFacts, NotABase, readFacts } from './base-file.ts';
import type { KnowledgeRequest } from './knowledge-process.ts';
import type { Found } from './search.ts';

const searcher = warmProcess(new URL('./knowledge-process.ts', import.meta.url));
const known = new Map<string, { readonly as: string; readonly facts: BaseFacts | string }>();

/**
 * Read again only when the file has changed, so it may be asked for often.
 * @returns what is wrong with the file, where it is no base
 */
export function knowledgeFacts(path: string): BaseFacts | string {
  const stat = statSync(path, { throwIfNoEntry: false });
  const as = `${stat?.ino} ${stat?.size} ${stat?.mtimeMs}`;
  const before = known.get(path);
  if (before?.as === as) return before.facts;
  let facts: BaseFacts | string;
  try {
    facts = readFacts(path);
  } catch (error) {
    facts = error instanceof NotABase ? error.message : `${path} cannot be opened: ${(error as Error).message}`;
  }
  known.set(path, { as, facts });
  return facts;
}

/** @throws EngineError, EngineEnded, the signal's reason; see WarmEngine */
export async function searchKnowledge(request: KnowledgeRequest, options: CallOptions): Promise<Found> {
  return (await searcher.call(request, options)) as Found;
}

/** Ends the process; for tests. */
export const closeKnowledge = (): Promise<void> => searcher.close();
