/** What the API says about itself: OpenAPI for programs, a page for people. */
import type { z } from 'zod';
import type { Route } from '../http.ts';
import { openApiOf } from '../openapi.ts';

/** The two routes that describe all the others, and themselves. */
export function aboutRoutes(
  others: readonly Route[],
  names: Readonly<Record<string, z.ZodType>>,
  version: string,
): readonly Route[] {
  const about: readonly Route[] = [
    {
      method: 'GET',
      path: '/openapi.json',
      handler: async () => ({ body: document, headers: JSON_TYPE }),
      summary: 'This API as OpenAPI 3.1.',
      open: true,
      schema: { produces: 'application/json' },
    },
    {
      method: 'GET',
      path: '/',
      handler: async () => ({ body: page, headers: HTML_TYPE }),
      summary: 'What there is, for people.',
      open: true,
      schema: { produces: 'text/html' },
    },
  ];
  const all = [...others, ...about];
  const document = JSON.stringify(openApiOf(all, names, version));
  const page = pageOf(all, version);
  return about;
}

const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };
const HTML_TYPE = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
};

function pageOf(routes: readonly Route[], version: string): string {
  const rows = routes.map(({ method, path, summary, open }) => {
    const cells = [
      `<code>${method}</code>`,
      `<code>${escapeHtml(path.replace('...}', '}'))}</code>`,
      escapeHtml(summary),
    ];
    return `<tr><td>${[...cells, open ? '' : 'key'].join('</td><td>')}</td></tr>`;
  });
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Cota</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 3rem auto; padding: 0 1rem; color-scheme: light dark; }
  td { padding: .2rem 1rem .2rem 0; vertical-align: top; }
  pre { overflow-x: auto; padding: 1rem; background: #8881; }
</style>
<h1>Cota ${escapeHtml(version)}</h1>
<p>Questions about images, answered by chains of thought and action. Every client of the OpenAI Responses API is a
client of this server: give it this address with <code>/v1</code> and your key.</p>
<pre>curl -H "Authorization: Bearer $COTA_API_KEY" -H "Content-Type: application/json" \\
  -d '{"input": "What is 3 + 4?"}' http://this-host/v1/responses</pre>
<table>
${rows.join('\n')}
</table>
<p>In full: <a href="/openapi.json">/openapi.json</a>. Routes marked "key" ask for <code>Authorization: Bearer</code>.</p>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
