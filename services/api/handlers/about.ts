/** What the API says about itself: OpenAPI for programs, pages for people. */
import type { OpenApi } from '../docs/open-api.ts';
import { docsPage, frontPage } from '../docs/page.ts';
import { HTML_HEADERS } from '../docs/style.ts';
import type { Handler, RouteGroup } from '../http.ts';
import { openApiOf } from '../openapi.ts';

const JSON_HEADERS = { 'content-type': 'application/json; charset=utf-8' };

/** The routes that describe all the others, and themselves. */
export function about(others: readonly RouteGroup[], version: string): RouteGroup {
  const text = (): { document: string; docs: string; front: string } => (made ??= make());
  const page = (which: 'docs' | 'front'): Handler => {
    return async () => ({ body: text()[which], headers: HTML_HEADERS });
  };
  const group: RouteGroup = {
    title: 'About',
    routes: [
      {
        method: 'GET',
        path: '/',
        handler: page('front'),
        summary: 'What there is, for people.',
        open: true,
        schema: { produces: 'text/html' },
      },
      {
        method: 'GET',
        path: '/docs',
        handler: page('docs'),
        summary: 'This page: every route with what it takes and answers.',
        open: true,
        schema: { produces: 'text/html' },
      },
      {
        method: 'GET',
        path: '/openapi.json',
        handler: async () => ({ body: text().document, headers: JSON_HEADERS }),
        summary: 'This API as OpenAPI 3.1.',
        open: true,
        schema: { produces: 'application/json' },
      },
    ],
    names: {},
  };

  let made: ReturnType<typeof make> | undefined;
  function make() {
    const groups = [...others, group];
    const document = openApiOf(groups, version);
    // What openapi.ts made, seen with the eyes of a reader.
    const seen = document as unknown as OpenApi;
    return {
      document: JSON.stringify(document),
      docs: docsPage(groups, seen),
      front: frontPage(groups, seen),
    };
  }
  return group;
}
