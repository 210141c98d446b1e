/** One route on the page: what it does, what it takes, what it answers, what may go wrong, and a line of curl. */
import { scopeOf } from '../door.ts';
import type { Route } from '../http.ts';
import { curlOf } from './curl.ts';
import { errorCodesOf, errorId } from './errors.ts';
import { fieldList, list, refName } from './fields.ts';
import { type Html, html, prose } from './html.ts';
import type { Content, OpenApi, Operation } from './open-api.ts';

/** `/v1/models/{id...}` -> `/v1/models/{id}` */
export const shownPath = (route: Pick<Route, 'path'>): string => route.path.replace('...}', '}');

export function operationOf(route: Route, document: OpenApi): Operation {
  const operation = document.paths[shownPath(route)]?.[route.method.toLowerCase()];
  if (!operation) throw new Error(`/openapi.json lacks ${route.method} ${route.path}`);
  return operation;
}

export function routeHtml(route: Route, document: OpenApi): Html {
  const operation = operationOf(route, document);
  const { operationId, summary, parameters, requestBody, responses } = operation;
  const rows = parameters.map(({ name, required, description, schema }) => ({
    name,
    required,
    schema: description === undefined ? schema : { ...schema, description },
  }));
  const placed = (place: string) =>
    list(
      rows.filter((_, index) => parameters[index]?.in === place),
      'sent',
    );
  const has = (place: string): boolean => parameters.some((parameter) => parameter.in === place);
  return html`<article id="${operationId}">
<h3><a href="#${operationId}"><span class="method ${route.method.toLowerCase()}">${route.method}</span> <code>${shownPath(route)}</code></a></h3>
<p>${prose(summary)} <span class="key">${keyWords(route)}</span></p>
${has('path') && html`<h4>In the path</h4>${placed('path')}`}
${has('query') && html`<h4>Query</h4>${placed('query')}`}
${has('header') && html`<h4>Headers</h4>${placed('header')}`}
${requestBody && html`<h4>Body</h4>${bodyHtml(requestBody.content, document)}`}
<h4>Reply</h4>${replyHtml(responses[200]?.content ?? {})}
${errorsHtml(route)}
<pre>${curlOf(route, operation, document)}</pre>
</article>
`;
}

function keyWords(route: Route): string {
  if (route.open) return 'Open: asks for no key.';
  const scope = scopeOf(route);
  return scope === 'any' ? 'Any API key.' : `An API key with the scope ${scope}.`;
}

/** Named schemas of bodies stand here, where they are needed, rather than among the objects. */
function bodyHtml(content: Content, document: OpenApi): Html {
  return html`${Object.entries(content).map(([type, { schema = {} }]) => {
    const name = refName(schema);
    const form = type === 'multipart/form-data' && html`<p>A form (<code>multipart/form-data</code>).</p>`;
    return html`${form}${fieldList(name === undefined ? schema : (document.components.schemas[name] ?? {}), 'sent')}`;
  })}`;
}

function replyHtml(content: Content): Html {
  return html`${Object.entries(content).map(([type, { schema }]) => {
    if (!schema) return html`<p><code>${type}</code>.</p>`;
    const name = refName(schema);
    const kind = type === 'text/event-stream' ? 'As a stream of events, where one is asked for' : 'JSON';
    if (name !== undefined) return html`<p>${kind}: <a href="#${name}">${name}</a>.</p>`;
    if (type === 'text/event-stream') return html`<p>${kind}.</p>`;
    return html`<details><summary>${kind}</summary>${fieldList(schema, 'answered')}</details>`;
  })}`;
}

function errorsHtml(route: Route): Html | undefined {
  const codes = errorCodesOf(route);
  if (codes.length === 0) return undefined;
  const links = codes.map((code) => html`<a href="#${errorId(code)}"><code>${code}</code></a> `);
  return html`<h4>Errors</h4><p class="codes">${links}</p>`;
}
