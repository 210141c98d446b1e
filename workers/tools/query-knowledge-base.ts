import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import packageJson from '../../package.json' with { type: 'json' };
import { createSafeFetch } from '../../shared/safe-fetch.ts';
import type { ToolsConfig } from '../../shared/tools-config.ts';
import { numberArgument, textArgument } from './arguments.ts';
import { knowledgeFacts, searchKnowledge } from './engines/knowledge/engine.ts';
import { type LookedUp, lookUp } from './engines/mediawiki/look-up.ts';
import { type Ask, openRequests, WikiAway } from './engines/mediawiki/request.ts';
import { EngineEnded } from './engines/warm-engine.ts';
import { type ToolSettings, toolSettings } from './settings.ts';
import { type Tool, ToolError, type ToolStatus } from './tool.ts';

const SENTENCES = 2;
/** A common word in a base of millions of articles takes seconds. */
const SEARCH_LIMIT_MS = 20_000;
/** With waits for others, and for a wiki that is busy. */
const CALL_LIMIT_MS = 60_000;
const HITS = 4;
/** A wiki's answers are kept for an hour: the same question comes with many pictures of the same thing. */
const KEPT = { max: 1_000, ttl: 3_600_000 };

const LANGUAGE = /^[a-z]{2,3}(-[a-z]{2,10}){0,2}$/;

const knowledgeFields = z.object({
  query: textArgument('the subject, as a title or a short question, such as "Eiffel Tower"', 1_000),
  lang: z
    .string('must be the code of a language, such as "en"')
    .regex(LANGUAGE, 'must be the code of a language, such as "en"')
    .describe('the language of the encyclopedia; usually left out')
    .exactOptional(),
  sentences: numberArgument(
    z
      .number('must be a whole number')
      .int('must be a whole number')
      .min(1, 'must be from 1 to 10')
      .max(10, 'must be from 1 to 10')
      .describe(`sentences of the summary; ${SENTENCES} when left out`),
  ).exactOptional(),
});
/** Models write null for what they leave out. */
const knowledgeArguments = z.preprocess(
  (given) =>
    typeof given === 'object' && given !== null
      ? Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null))
      : given,
  knowledgeFields,
);
type Arguments = z.infer<typeof knowledgeArguments>;
type Knowledge = ToolsConfig['knowledge'];
type WikiKnowledge = Extract<Knowledge, { base: 'wikipedia' }>;

/** Of these settings; others (in tests) have their own, with their own pace and memory. */
const opened = new WeakMap<ToolSettings, { asks: Map<string, Ask>; answers: LRUCache<string, LookedUp> }>();

const pathOf = ({ config }: ToolSettings, path: string): string => config.resolve(path);

/**
 * Looks a subject up in Wikipedia or in a base of the operator's own. TACO's own takes the first hit only, breaks where
 * it lists meanings, and gives a result that its caller cannot read where there is none.
 */
export const queryKnowledgeBase: Tool<Arguments> = {
  name: 'QueryKnowledgeBase',
  version: '1',
  get engine() {
    const settings = toolSettings();
    const { knowledge } = settings.config;
    if (knowledge.base === 'wikipedia') return `wikipedia:${knowledge.endpoint ?? knowledge.language}`;
    if (knowledge.base === 'none') return 'none';
    const facts = knowledgeFacts(pathOf(settings, knowledge.path));
    return typeof facts === 'string' ? 'kb' : `kb@${facts.hash}`;
  },
  description: 'Looks a subject up in an encyclopedia and gives a short summary.',
  arguments: knowledgeArguments,
  returns: 'title, url and summary of the best article; others: titles of further articles that may be meant',
  example: { query: 'Eiffel Tower' },
  pool: 'remote',
  timeLimitMs: CALL_LIMIT_MS,
  /** A base in a file says the same until it is built anew, and then its engine has another name; a wiki changes any time. */
  get deterministic() {
    return toolSettings().config.knowledge.base === 'local';
  },
  cache: true,
  status: () => statusOf(toolSettings()),
  async warmUp() {
    const settings = toolSettings();
    const { knowledge } = settings.config;
    // The first search starts the process and opens the file.
    if (knowledge.base === 'local') await searchLocal(pathOf(settings, knowledge.path), 'a', 1);
  },
  async run({ query, lang, sentences = SENTENCES }, { signal }) {
    const settings = toolSettings();
    const { knowledge } = settings.config;
    if (knowledge.base === 'wikipedia')
      return fromWiki(
        await askWiki(settings, knowledge, { query, lang: lang ?? knowledge.language, sentences }, signal),
        query,
      );
    if (knowledge.base === 'none') throw new ToolError('tool_not_ready', NO_BASE);
    return fromLocal(await searchLocal(pathOf(settings, knowledge.path), query, sentences, signal), query);
  },
};

const NO_BASE = 'There is no knowledge base here. Do without it.';

function statusOf(settings: ToolSettings): ToolStatus {
  const { knowledge } = settings.config;
  const missing = (remedy: string): ToolStatus => ({ ready: false, reason: NO_BASE, remedy });
  switch (knowledge.base) {
    case 'none':
      return missing(
        'tools.yaml says knowledge: {base: none}; write {base: wikipedia, contact: ...} or {base: local, path: ...}',
      );
    case 'wikipedia':
      return knowledge.contact !== undefined || knowledge.endpoint !== undefined
        ? { ready: true }
        : missing(
            'Wikipedia asks who calls: write knowledge: {base: wikipedia, contact: you@example.org} into tools.yaml',
          );
    case 'local': {
      const facts = knowledgeFacts(pathOf(settings, knowledge.path));
      if (typeof facts !== 'string') return { ready: true };
      return missing(`${facts}; make one with: cota kb build FILE... --out ${knowledge.path}`);
    }
  }
}

async function searchLocal(path: string, query: string, sentences: number, signal?: AbortSignal) {
  try {
    return await searchKnowledge({ path, query, sentences, limit: HITS }, { timeLimitMs: SEARCH_LIMIT_MS, signal });
  } catch (error) {
    if (error instanceof EngineEnded && error.reason === 'time')
      throw new ToolError('tool_timeout', 'This takes too long to look up: use fewer and rarer words, such as a name.');
    throw error;
  }
}

function fromLocal({ hits, near, corrected }: Awaited<ReturnType<typeof searchLocal>>, query: string) {
  const [best, ...rest] = hits;
  if (!best) throw nothingFound(query, near);
  const others = rest.map(({ title }) => title);
  const { title, url, summary } = best;
  return { title, url, summary, others, ...(corrected === undefined ? {} : { searched_for: corrected }) };
}

async function askWiki(
  settings: ToolSettings,
  knowledge: WikiKnowledge,
  { query, lang, sentences }: Required<Arguments>,
  signal: AbortSignal,
): Promise<LookedUp> {
  if (knowledge.endpoint !== undefined && lang !== knowledge.language)
    throw new ToolError(
      'invalid_arguments',
      `QueryKnowledgeBase: there is only "${knowledge.language}" here: leave "lang" out.`,
    );
  const kept = opened.get(settings) ?? { asks: new Map<string, Ask>(), answers: new LRUCache<string, LookedUp>(KEPT) };
  opened.set(settings, kept);
  const key = JSON.stringify([lang, sentences, query.toLowerCase()]);
  const known = kept.answers.get(key);
  if (known) return known;
  const ask = kept.asks.get(lang) ?? openWiki(knowledge, lang);
  kept.asks.set(lang, ask);
  try {
    const answer = await lookUp(ask, query, sentences, signal);
    kept.answers.set(key, answer);
    return answer;
  } catch (error) {
    if (!(error instanceof WikiAway)) throw error;
    throw new ToolError(
      'knowledge_base_away',
      `The encyclopedia cannot be asked now: ${error.message.replace(/\.$/, '')}. Do without it.`,
    );
  }
}

function openWiki({ endpoint, contact }: WikiKnowledge, lang: string): Ask {
  const at = endpoint ?? `https://${lang}.wikipedia.org/w/api.php`;
  const { origin, protocol } = new URL(at);
  // What the operator names may lie in their own network; Wikipedia may not.
  const web = createSafeFetch({ allow: endpoint ? [origin] : [], allowHttp: protocol === 'http:' });
  return openRequests({ endpoint: at, web, userAgent: `cota/${packageJson.version}${contact ? ` (${contact})` : ''}` });
}

function fromWiki(answer: LookedUp, query: string) {
  if (answer.is === 'nothing') throw nothingFound(query, []);
  if (answer.is === 'ambiguous') {
    const list = answer.meanings.map((title) => JSON.stringify(title)).join(', ');
    throw new ToolError('ambiguous', `"${answer.title}" has several meanings. Ask for one of them: ${list}.`);
  }
  const { title, url, summary, others, corrected } = answer.article;
  return { title, url, summary, others: [...others], ...(corrected === undefined ? {} : { searched_for: corrected }) };
}

function nothingFound(query: string, near: readonly string[]): ToolError {
  const titles = near.map((title) => JSON.stringify(title)).join(', ');
  const hint =
    titles === '' ? 'Try the name of the subject alone, or other words for it' : `Articles that come near: ${titles}`;
  return new ToolError('not_found', `Nothing was found for ${JSON.stringify(query.slice(0, 200))}. ${hint}.`);
}
