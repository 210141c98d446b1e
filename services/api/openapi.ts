/** /openapi.json out of the table of routes and the zod contract: what is described is what is checked. */
import { z } from 'zod';
import { chatFields } from '../../shared/chat/fields.ts';
import { type ErrorCode, errorTable } from '../../shared/errors.ts';
import { type FieldRule, requestFields, vendorFields } from '../../shared/request/fields.ts';
import type { Route, RouteGroup } from './http.ts';
import { type Json, type JsonMap, schemaOf } from './json-schema.ts';

const errorBody = z.strictObject({
  error: z.strictObject({
    message: z.string(),
    type: z.enum([...new Set(Object.values(errorTable).map((rule) => rule.type))] as [string, ...string[]]),
    param: z.string().nullable(),
    code: z.enum(Object.keys(errorTable) as [ErrorCode, ...ErrorCode[]]),
  }),
});

/** @param groups what is served, with the schemas that are described once and referred to */
export function openApiOf(groups: readonly RouteGroup[], version: string): JsonMap {
  const routes = groups.flatMap((group) => group.routes);
  const names: Readonly<Record<string, z.ZodType>> = Object.assign({}, ...groups.map((group) => group.names));
  const named = new Map<z.core.$ZodType, string>(
    Object.entries({ ...names, Error: errorBody }).map(([name, schema]) => [schema, name]),
  );
  const bodies = new Set<z.core.$ZodType | undefined>(routes.map((route) => route.schema?.body));
  /** What a body may hold and what an answer holds differ in what must be there: only answers are referred to. */
  const within = (schema: z.core.$ZodType): string | undefined => (bodies.has(schema) ? undefined : named.get(schema));
  const refer = (schema: z.ZodType, io: 'input' | 'output'): Json => {
    const name = named.get(schema);
    return name === undefined ? schemaOf(schema, io, within) : { $ref: `#/components/schemas/${name}` };
  };
  const paths: Record<string, JsonMap> = {};
  for (const { title, routes: ofGroup } of groups) {
    for (const route of ofGroup) {
      const path = route.path.replace('...}', '}');
      paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route, title, refer) };
    }
  }
  const schemas = Object.entries({ ...names, Error: errorBody }).map(([name, schema]) => {
    return [name, schemaOf(schema, bodies.has(schema) ? 'input' : 'output', within)];
  });
  return {
    openapi: '3.1.0',
    info: {
      title: 'Cota',
      version,
      description: `Questions about images, answered by chains of thought and action.\n\n${fieldsText()}`,
    },
    security: [{ apiKey: [] }],
    tags: groups.map(({ title }) => ({ name: title })),
    paths,
    components: {
      securitySchemes: { apiKey: { type: 'http', scheme: 'bearer' } },
      schemas: Object.fromEntries(schemas) as JsonMap,
    },
  };
}

function operationOf(route: Route, subject: string, refer: (schema: z.ZodType, io: 'input' | 'output') => Json): Json {
  const { body, reply, query, produces, events } = route.schema ?? {};
  const inPath = [...route.path.matchAll(/\{(\w+)(?:\.\.\.)?\}/g)].map((match): Json => {
    return { name: match[1] ?? '', in: 'path', required: true, schema: { type: 'string' } };
  });
  const inQuery = Object.entries(query?.shape ?? {}).map(([name, schema]): Json => {
    const required = !(schema as z.ZodType).safeParse(undefined).success;
    return { name, in: 'query', required, schema: schemaOf(schema as z.ZodType, 'input') };
  });
  const keyed = route.method === 'POST' && body !== undefined && !route.multipart ? [IDEMPOTENCY_KEY] : [];
  const type = route.multipart ? 'multipart/form-data' : 'application/json';
  const answer: Json = reply
    ? { 'application/json': { schema: refer(reply, 'output') } }
    : { [produces ?? 'application/json']: {} };
  const streamed: Json = !events
    ? {}
    : { 'text/event-stream': { schema: events === 'text' ? TEXT : refer(events, 'output') } };
  return {
    operationId: operationIdOf(route),
    tags: [subject],
    summary: route.summary,
    ...(route.open ? { security: [] } : {}),
    parameters: [...inPath, ...inQuery, ...keyed],
    ...(body ? { requestBody: { required: true, content: { [type]: { schema: refer(body, 'input') } } } } : {}),
    responses: {
      200: { description: 'What was asked for.', content: { ...answer, ...streamed } },
      default: {
        description: 'What is wrong and what to do.',
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
      },
    },
  };
}

/** `POST /v1/responses/{id}/cancel` -> `post_responses_id_cancel` */
function operationIdOf({ method, path }: Route): string {
  const words = path.replace(/^\/v1\b/, '').match(/\w+/g) ?? ['root'];
  return [method.toLowerCase(), ...words].join('_');
}

const TEXT: Json = { type: 'string' };

const IDEMPOTENCY_KEY: Json = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'A retry with the same key and body gets the same response; another body is a 409.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
};

function fieldsText(): string {
  const rows = (fields: Readonly<Record<string, FieldRule>>): string[] =>
    Object.entries(fields).map(([name, { does, says }]) => `- \`${name}\` (${does}): ${says}`);
  const vendor = Object.entries(vendorFields).map(([name, says]) => `- \`cota.${name}\`: ${says}`);
  return [
    ...['What becomes of each field of POST /v1/responses:', ...rows(requestFields), ...vendor],
    ...['\nAnd of POST /v1/chat/completions:', ...rows(chatFields)],
  ].join('\n');
}
