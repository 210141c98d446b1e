/** A line of curl for each route, to copy into a terminal. */
import type { Route } from '../http.ts';
import type { JsonSchema, OpenApi, Operation } from './open-api.ts';

/** A body of the fields that must be there. */
export function exampleBody(schema: JsonSchema, document: OpenApi): unknown {
  if (schema.$ref !== undefined) return exampleBody(resolved(schema, document), document);
  if ('const' in schema) return schema.const;
  if (schema.enum) return schema.enum[0];
  if (schema.default !== undefined) return schema.default;
  const choice = schema.anyOf?.[0] ?? schema.oneOf?.[0];
  if (choice) return exampleBody(choice, document);
  if (schema.type === 'object') {
    const needed = (schema.required ?? []).map((key) => [key, exampleBody(schema.properties?.[key] ?? {}, document)]);
    return Object.fromEntries(needed);
  }
  if (schema.type === 'array') return schema.items && schema.minItems ? [exampleBody(schema.items, document)] : [];
  if (schema.type === 'integer' || schema.type === 'number') return Math.max(1, schema.minimum ?? 1);
  if (schema.type === 'boolean') return true;
  return schema.format === 'uri' ? 'https://example.com/' : '...';
}

function resolved(schema: JsonSchema, document: OpenApi): JsonSchema {
  const name = schema.$ref?.split('/').at(-1);
  return name === undefined ? schema : (document.components.schemas[name] ?? {});
}

export function curlOf(route: Route, operation: Operation, document: OpenApi): string {
  const path = route.path.replace(/\{(\w+)(\.\.\.)?\}/g, (_, name: string) => name.toUpperCase());
  const parts = [`curl "$COTA_URL${path}"`];
  if (!route.open) parts.push('-H "Authorization: Bearer $COTA_API_KEY"');
  if (route.method === 'DELETE') parts.push('-X DELETE');
  const content = operation.requestBody?.content ?? {};
  const form = content['multipart/form-data']?.schema;
  const json = content['application/json']?.schema;
  if (form) parts.push(...formFields(resolved(form, document)));
  else if (json) {
    const body = JSON.stringify(route.example ?? exampleBody(json, document));
    parts.push('-H "Content-Type: application/json"', `-d '${body.replaceAll("'", "'\\''")}'`);
  } else if (route.method === 'POST') parts.push('-X POST');
  return parts.join(' \\\n  ');
}

function formFields({ properties = {}, required = [] }: JsonSchema): string[] {
  return required.map((name) => {
    const field = properties[name];
    const value = name === 'file' ? '@FILE' : String(field?.const ?? field?.enum?.[0] ?? '...');
    return `-F ${name}=${value}`;
  });
}
