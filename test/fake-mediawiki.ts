/**
 * A loopback server that answers as MediaWiki's API does (formatversion 2, extension TextExtracts), for searches over a
 * handful of articles. A fake, as Wikipedia cannot be made busy, behind, or empty on demand.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';

interface WikiPage {
  readonly title: string;
  readonly extract: string;
  readonly disambiguation?: true;
  readonly links?: readonly string[];
}

export interface FakeWiki {
  readonly endpoint: string;
  readonly asked: readonly {
    readonly query: URLSearchParams;
    readonly request: IncomingMessage;
    readonly at: number;
  }[];
  /** What the next requests are answered with, in place of pages; taken from the front. */
  readonly instead: ((response: ServerResponse) => void)[];
  /** Without TextExtracts there are no extracts. */
  extracts: boolean;
  stop(): Promise<void>;
}

/** @param suggestion by search words that find nothing */
export async function startFakeWiki(
  pages: readonly WikiPage[],
  suggestion: Readonly<Record<string, string>> = {},
): Promise<FakeWiki> {
  const asked: { query: URLSearchParams; request: IncomingMessage; at: number }[] = [];
  const instead: ((response: ServerResponse) => void)[] = [];
  const words = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  const hits = (search: string, limit: number): WikiPage[] =>
    pages
      .filter((page) => words(search).every((word) => words(`${page.title} ${page.extract}`).includes(word)))
      .slice(0, limit);
  const idOf = (page: WikiPage): number => 100 + pages.indexOf(page);

  function answer(query: URLSearchParams): object {
    if (query.get('generator') === 'search') {
      const found = hits(query.get('gsrsearch') ?? '', Number(query.get('gsrlimit')));
      if (found.length === 0) return { batchcomplete: true };
      const listed = found.map((page, at) => ({
        ...{ pageid: idOf(page), ns: 0, title: page.title, index: at + 1 },
        ...(wiki.extracts ? { extract: page.extract } : {}),
        ...{
          contentmodel: 'wikitext',
          pagelanguage: 'en',
          fullurl: `https://wiki.example/${page.title.replaceAll(' ', '_')}`,
        },
        ...(page.disambiguation ? { pageprops: { disambiguation: '' } } : {}),
      }));
      // Pages come by their ids, not by their rank.
      return { batchcomplete: true, query: { pages: listed.reverse() } };
    }
    if (query.get('list') === 'search') {
      const search = query.get('srsearch') ?? '';
      const found = hits(search, Number(query.get('srlimit')));
      const hint = suggestion[search];
      return {
        batchcomplete: true,
        query: {
          searchinfo: {
            totalhits: found.length,
            ...(hint ? { suggestion: hint, suggestionsnippet: `<em>${hint}</em>` } : {}),
          },
          search: found.map((page) => ({
            ...{
              ns: 0,
              title: page.title,
              pageid: idOf(page),
              size: 1,
              wordcount: 1,
              timestamp: '2026-01-01T00:00:00Z',
            },
            snippet: `The <span class="searchmatch">place</span> &quot;that&quot; matches`,
          })),
        },
      };
    }
    if (query.get('prop') === 'links') {
      const page = pages.find(({ title }) => title === query.get('titles'));
      const links = (page?.links ?? []).map((title) => ({ ns: 0, title }));
      return { batchcomplete: true, query: { pages: [{ pageid: 1, ns: 0, title: page?.title, links }] } };
    }
    return { error: { code: 'badvalue', info: 'Unrecognized value for parameter "action".' } };
  }

  const server = createServer((request, response) => {
    const query = new URL(request.url ?? '/', 'http://localhost').searchParams;
    asked.push({ query, request, at: performance.now() });
    const other = instead.shift();
    if (other) return other(response);
    const body = Buffer.from(JSON.stringify(answer(query)));
    const packed = /gzip/.test(String(request.headers['accept-encoding']));
    response.writeHead(200, { 'content-type': 'application/json', ...(packed ? { 'content-encoding': 'gzip' } : {}) });
    response.end(packed ? gzipSync(body) : body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const wiki: FakeWiki = {
    ...{ endpoint: `http://127.0.0.1:${port}/w/api.php`, asked, instead, extracts: true },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return wiki;
}
