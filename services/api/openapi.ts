/** /openapi.json out of the table of routes and the zod contract: what is described is what is checked. */
import { z } from 'zod';
import { type ErrorCode, errorTable } from '../../shared/errors.ts';
import { requestFields, vendorFields } from '../../shared/request/fields.ts';
import type { Route } from './http.ts';

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
type JsonMap = Record<string, Json>;

const errorBody = z.strictObject({
  error: z.strictObject({
    message: z.string(),
    type: z.enum([...new Set(Object.values(errorTable).map((rule) => rule.type))] as [string, ...string[]]),
    param: z.string().nullable(),
    code: z.enum(Object.keys(errorTable) as [ErrorCode, ...ErrorCode[]]),
  }),
});

/**
 * @param routes what is served
 * @param names schemas that are described once and referred to
 */
export function openApiOf(
  routes: readonly Route[],
  names: Readonly<Record<string, z.ZodType>>,
  version: string,
): JsonMap {
  const named = new Map<z.ZodType, string>(
    Object.entries({ ...names, Error: errorBody }).map(([name, schema]) => [schema, name]),
  );
  const refer = (schema: z.ZodType, io: 'input' | 'output'): Json => {
    const name = named.get(schema);
    return name === undefined ? schemaOf(schema, io) : { $ref: `#/components/schemas/${name}` };
  };
  const paths: Record<string, JsonMap> = {};
  for (const route of routes) {
    const path = route.path.replace('...}', '}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route, refer) };
  }
  const bodies = new Set(routes.map((route) => route.schema?.body));
  const schemas = [...named].map(([schema, name]) => [name, schemaOf(schema, bodies.has(schema) ? 'input' : 'output')]);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Cota',
      version,
      description: `Questions about images, answered by chains of thought and action.\n\n${fieldsText()}`,
    },
    security: [{ apiKey: [] }],
    paths,
    components: {
      securitySchemes: { apiKey: { type: 'http', scheme: 'bearer' } },
      schemas: Object.fromEntries(schemas) as JsonMap,
    },
  };
}

function operationOf(route: Route, refer: (schema: z.ZodType, io: 'input' | 'output') => Json): Json {
  const { body, reply, query, produces } = route.schema ?? {};
  const inPath = [...route.path.matchAll(/\{(\w+)(?:\.\.\.)?\}/g)].map((match): Json => {
    return { name: match[1] ?? '', in: 'path', required: true, schema: { type: 'string' } };
  });
  const inQuery = Object.entries(query?.shape ?? {}).map(([name, schema]): Json => {
    return { name, in: 'query', required: false, schema: schemaOf(schema as z.ZodType, 'input') };
  });
  const keyed = route.method === 'POST' && body !== undefined ? [IDEMPOTENCY_KEY] : [];
  const answer: Json = reply
    ? { 'application/json': { schema: refer(reply, 'output') } }
    : { [produces ?? 'application/json']: {} };
  return {
    operationId: operationIdOf(route),
    summary: route.summary,
    ...(route.open ? { security: [] } : {}),
    parameters: [...inPath, ...inQuery, ...keyed],
    ...(body
      ? { requestBody: { required: true, content: { 'application/json': { schema: refer(body, 'input') } } } }
      : {}),
    responses: {
      200: { description: 'What was asked for.', content: answer },
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

const IDEMPOTENCY_KEY: Json = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'A retry with the same key and body gets the same response; another body is a 409.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
};

/** JSON Schema without what zod adds for documents of its own. The only recursive type there is, is "any JSON". */
function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, $defs: __, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as JsonMap;
  return withoutRefs(rest);
}

function withoutRefs(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutRefs);
  if (typeof value !== 'object' || value === null) return value;
  if ('$ref' in value) return { description: 'any JSON value' };
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutRefs(inner as Json)]));
}

function fieldsText(): string {
  const fields = Object.entries(requestFields).map(([name, { does, says }]) => `- \`${name}\` (${does}): ${says}`);
  const vendor = Object.entries(vendorFields).map(([name, says]) => `- \`cota.${name}\`: ${says}`);
  return ['What becomes of each field of POST /v1/responses:', ...fields, ...vendor].join('\n');
}
