/** What a MediaWiki says about a question: one request where all goes well. */
import { z } from 'zod';
import { beginning } from '../knowledge/sentences.ts';
import { type Ask, WikiAway } from './request.ts';

export type Article = {
  readonly title: string;
  readonly url: string;
  readonly summary: string;
  /** Titles of further articles that may be meant. */
  readonly others: readonly string[];
  /** What was looked for instead, as the wiki found nothing under the question's own words. */
  readonly corrected?: string;
};

export type LookedUp =
  | { readonly is: 'article'; readonly article: Article }
  /** Only lists of meanings were found. */
  | { readonly is: 'ambiguous'; readonly title: string; readonly meanings: readonly string[] }
  | { readonly is: 'nothing' };

const page = z.object({
  pageid: z.number().optional(),
  title: z.string(),
  /** Place among the hits. */
  index: z.number().default(0),
  fullurl: z.string().optional(),
  extract: z.string().optional(),
  /** A page that lists meanings has `disambiguation`, with an empty text. */
  pageprops: z.object({ disambiguation: z.string().optional() }).optional(),
});
type Page = z.infer<typeof page>;
const pagesAnswer = z.object({ query: z.object({ pages: z.array(page).default([]) }).optional() });
const searchAnswer = z.object({
  query: z
    .object({
      searchinfo: z.object({ suggestion: z.string().optional() }).optional(),
      search: z.array(z.object({ title: z.string(), snippet: z.string().default('') })).default([]),
    })
    .optional(),
});
const linksAnswer = z.object({
  query: z
    .object({ pages: z.array(z.object({ links: z.array(z.object({ title: z.string() })).default([]) })).default([]) })
    .optional(),
});

const HITS = '6';
const MOST_OTHERS = 3;
const MOST_MEANINGS = 12;
/** The search takes no more characters. */
const MOST_CHARACTERS = 280;

/**
 * @param sentences of the summary, from the article's beginning
 * @throws WikiAway; the signal's reason
 */
export async function lookUp(ask: Ask, query: string, sentences: number, signal: AbortSignal): Promise<LookedUp> {
  const words = plainWords(query);
  if (words === '') return { is: 'nothing' };
  let pages = await pagesFor(ask, words, signal);
  let corrected: string | undefined;
  if (pages.length === 0) {
    corrected = await suggestionFor(ask, words, signal);
    if (corrected !== undefined) pages = await pagesFor(ask, plainWords(corrected), signal);
  }
  const [first] = pages;
  if (!first) return { is: 'nothing' };
  const best = pages.find((candidate) => !listsMeanings(candidate));
  if (!best) return { is: 'ambiguous', title: first.title, meanings: await meaningsOf(ask, first.title, signal) };
  const others = pages.filter((one) => one !== best && !listsMeanings(one)).map(({ title }) => title);
  const summary = best.extract ? beginning(best.extract, sentences) : await snippetOf(ask, words, best.title, signal);
  const article = { title: best.title, url: best.fullurl ?? '', summary, others: others.slice(0, MOST_OTHERS) };
  return { is: 'article', article: corrected === undefined ? article : { ...article, corrected } };
}

const listsMeanings = ({ pageprops }: Page): boolean => pageprops?.disambiguation !== undefined;

/**
 * The words without the search's operators: a question is no query in its language, and some of that (`insource:/.../`)
 * costs its servers much.
 */
function plainWords(query: string): string {
  const words = query
    .replace(/[^\p{L}\p{N}\p{M}\s'’.,&%$€£+#_-]/gu, ' ')
    .split(/\s+/)
    .map((word) => word.replace(/^-+/, ''))
    .filter((word) => word !== '');
  let text = '';
  for (const word of words) {
    if (text.length + word.length >= MOST_CHARACTERS) break;
    text += `${text === '' ? '' : ' '}${word}`;
  }
  return text;
}

async function pagesFor(ask: Ask, words: string, signal: AbortSignal): Promise<Page[]> {
  const answer = await ask(
    {
      ...{ action: 'query', redirects: '1' },
      ...{ generator: 'search', gsrsearch: words, gsrlimit: HITS, gsrnamespace: '0' },
      ...{ prop: 'extracts|info|pageprops', inprop: 'url', ppprop: 'disambiguation' },
      ...{ exintro: '1', explaintext: '1', exlimit: HITS },
    },
    signal,
  );
  const { query } = read(pagesAnswer, answer);
  return (query?.pages ?? []).sort((a, b) => a.index - b.index);
}

async function suggestionFor(ask: Ask, words: string, signal: AbortSignal): Promise<string | undefined> {
  const parameters = { action: 'query', list: 'search', srsearch: words, srlimit: '1', srinfo: 'suggestion' };
  const { query } = read(searchAnswer, await ask(parameters, signal));
  return query?.searchinfo?.suggestion;
}

async function meaningsOf(ask: Ask, title: string, signal: AbortSignal): Promise<string[]> {
  const parameters = {
    action: 'query',
    prop: 'links',
    titles: title,
    plnamespace: '0',
    pllimit: String(MOST_MEANINGS),
  };
  const { query } = read(linksAnswer, await ask(parameters, signal));
  return query?.pages.flatMap(({ links }) => links.map((link) => link.title)) ?? [];
}

/** A MediaWiki without the extension TextExtracts gives only the place that matches. */
async function snippetOf(ask: Ask, words: string, title: string, signal: AbortSignal): Promise<string> {
  const parameters = { action: 'query', list: 'search', srsearch: words, srlimit: HITS, srprop: 'snippet' };
  const { query } = read(searchAnswer, await ask(parameters, signal));
  return plainText(query?.search.find((hit) => hit.title === title)?.snippet ?? '');
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#039': "'", nbsp: ' ' };

const plainText = (html: string): string =>
  html
    .replace(/<[^>]{0,200}>/g, '')
    .replace(/&(amp|lt|gt|quot|#039|nbsp);/g, (_, name: string) => ENTITIES[name] ?? '')
    .replace(/\s+/g, ' ')
    .trim();

function read<T>(schema: z.ZodType<T>, answer: unknown): T {
  const checked = schema.safeParse(answer);
  if (checked.success) return checked.data;
  throw new WikiAway('the answer is not that of a MediaWiki: is "endpoint" in tools.yaml its api.php?');
}
