/** The process that searches a knowledge base: a search in a large one takes long enough to hold up an event loop. */
import { statSync } from 'node:fs';
import { serveEngine } from '../serve-engine.ts';
import { type KnowledgeSearch, openKnowledge } from './search.ts';

export interface KnowledgeRequest {
  readonly path: string;
  readonly query: string;
  readonly sentences: number;
  readonly limit: number;
}

let open: { readonly as: string; readonly knowledge: KnowledgeSearch } | undefined;

serveEngine((request) => {
  const { path, query, ...options } = request as KnowledgeRequest;
  return knowledgeOf(path).search(query, options);
});

/** A base that was built anew has taken the old one's name: it is another file. */
function knowledgeOf(path: string): KnowledgeSearch {
  const stat = statSync(path, { throwIfNoEntry: false });
  const as = `${path} ${stat?.ino} ${stat?.mtimeMs}`;
  if (open?.as === as) return open.knowledge;
  open?.knowledge.close();
  open = undefined;
  const knowledge = openKnowledge(path);
  open = { as, knowledge };
  return knowledge;
}
