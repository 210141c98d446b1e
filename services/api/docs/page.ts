/** The page at /docs: every route by subject, made from the same rows as /openapi.json. Works without JavaScript. */
import { SCOPES, scopeWords } from '../../../shared/tenants/scopes.ts';
import type { Route, RouteGroup } from '../http.ts';
import { errorTableHtml } from './errors.ts';
import { fieldList } from './fields.ts';
import { type Html, html } from './html.ts';
import type { OpenApi } from './open-api.ts';
import { operationOf, routeHtml, shownPath } from './route.ts';
import { STYLE } from './style.ts';

export function docsPage(groups: readonly RouteGroup[], document: OpenApi): string {
  const { title, version } = document.info;
  const schemas = Object.entries(document.components.schemas).filter(([name]) => isAnswer(name, document));
  return pageHtml(
    `${title} API`,
    html`<header><h1>${title} API <small>${version}</small></h1>
<p>Every client of the OpenAI API is a client of this one: give it this address with <code>/v1</code>, and your key.
For programs: <a href="/openapi.json">/openapi.json</a>.</p>
<p>Keys go into the header <code>Authorization: Bearer</code>. A key has scopes:
${SCOPES.map((scope) => html` <code>${scope}</code> (${scopeWords[scope]})`)}. The examples below want this first:</p>
<pre>export COTA_URL=http://127.0.0.1:8080 COTA_API_KEY=...</pre></header>
<nav aria-label="Routes">${groups.map((group) => contents(group, document))}
<p><a href="#objects">Objects</a> <a href="#errors">Errors</a></p></nav>
<main>${groups.map(
      (group) => html`<section id="${idOf(group)}"><h2>${group.title}</h2>
${group.routes.map((route) => routeHtml(route, document))}</section>`,
    )}
<section id="objects"><h2>Objects</h2>
${schemas.map(([name, schema]) => html`<article id="${name}"><h3><a href="#${name}">${name}</a></h3>${fieldList(schema, 'answered')}</article>\n`)}</section>
${errorTableHtml()}</main>`,
  );
}

/** Those of bodies stand at their routes, that of errors at the end. */
function isAnswer(name: string, { paths }: OpenApi): boolean {
  const ref = `"#/components/schemas/${name}"`;
  const operations = Object.values(paths).flatMap((path) => Object.values(path));
  return name !== 'Error' && operations.some(({ responses }) => JSON.stringify(responses[200]).includes(ref));
}

/** The page at /: what this is, and where to go on. */
export function frontPage(groups: readonly RouteGroup[], document: OpenApi): string {
  const { title, version } = document.info;
  return pageHtml(
    title,
    html`<header><h1>${title} <small>${version}</small></h1>
<p>Questions about images, answered by chains of thought and action. Every client of the OpenAI API is a client of this
server: give it this address with <code>/v1</code>, and your key.</p>
<pre>curl -H "Authorization: Bearer $COTA_API_KEY" -H "Content-Type: application/json" \\
  -d '{"input": "What is 3 + 4?"}' http://this-host/v1/responses</pre>
<p><a href="/docs">What each route takes and answers</a>; for programs: <a href="/openapi.json">/openapi.json</a>.</p></header>
<main>${groups.map(({ title: subject, routes }) => html`<section><h2>${subject}</h2><dl>${routes.map((route) => line(route, document))}</dl></section>`)}</main>`,
  );
}

const line = (route: Route, document: OpenApi): Html =>
  html`<div><dt><a href="/docs#${operationOf(route, document).operationId}">${routeName(route)}</a></dt><dd>${route.summary}</dd></div>
`;

const contents = (group: RouteGroup, document: OpenApi): Html =>
  html`<details open><summary><a href="#${idOf(group)}">${group.title}</a></summary><ul>
${group.routes.map((route) => html`<li><a href="#${operationOf(route, document).operationId}">${routeName(route)}</a></li>\n`)}</ul></details>`;

const routeName = (route: Route): Html =>
  html`<span class="method ${route.method.toLowerCase()}">${route.method}</span> <code>${shownPath(route)}</code>`;

const idOf = ({ title }: RouteGroup): string => title.toLowerCase().replace(/\W+/g, '-');

function pageHtml(title: string, body: Html): string {
  const head = `<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">`;
  return `<!doctype html>
<html lang="en"><head>${head}<title>${title}</title><style>${STYLE}</style></head>
<body>${body.html}</body></html>
`;
}
