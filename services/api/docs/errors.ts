/** Which errors a route may answer with, from what it is; and the table of all of them. */
import { type ErrorCode, errorTable } from '../../../shared/errors.ts';
import type { Route } from '../http.ts';
import { type Html, html } from './html.ts';

/** Codes of the checks that every route of its kind passes through; what the route itself may find comes first. */
export function errorCodesOf(route: Route): readonly ErrorCode[] {
  if (route.open) return route.errors ?? [];
  const { body, query } = route.schema ?? {};
  const codes: ErrorCode[] = [...(route.errors ?? [])];
  if (/\{\w+\}|\{\w+\.\.\.\}/.test(route.path)) codes.push('not_found');
  if (body || query) codes.push('invalid_type', 'invalid_value', 'unknown_parameter');
  if (body) codes.push('missing_required_parameter', 'unsupported_media_type', 'body_too_large');
  if (body && !route.multipart) codes.push('invalid_json');
  if (route.opensRun) codes.push('too_many_open_runs', 'overloaded');
  codes.push('invalid_api_key');
  if (route.scope !== 'any') codes.push('insufficient_permissions', 'tenant_disabled', 'rate_limit_exceeded');
  codes.push('redis_away');
  return [...new Set(codes)];
}

export const errorId = (code: string): string => `error-${code}`;

export function errorTableHtml(): Html {
  const entries = Object.entries(errorTable);
  return html`<section id="errors"><h2>Errors</h2>
<p>Every error has the form <code>{"error": {"message", "type", "param", "code"}}</code>. The message says what is wrong
and what to do; <code>param</code> names the field. The same codes stand in a run that failed.</p>
<table><tr><th>code</th><th>status</th><th>type</th></tr>
${entries.map(([code, { http, type }]) => html`<tr id="${errorId(code)}"><td><code>${code}</code></td><td>${http}</td><td>${type}</td></tr>\n`)}</table></section>`;
}
