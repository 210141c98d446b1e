/** The document at /openapi.json is valid OpenAPI 3.1, as far as that can be seen without the official schema. */
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { ApiParts, ApiRequest } from './http.ts';
import { allRoutes } from './routes.ts';

const routes = allRoutes('1.2.3');
const bodyOf = async (path: string): Promise<string> => {
  const route = routes.find((one) => one.path === path);
  // These handlers look at neither.
  const reply = await route?.handler({} as ApiRequest, {} as ApiParts);
  return String(reply?.body);
};
const text = await bodyOf('/openapi.json');

const schema = z.record(z.string(), z.unknown());
const content = z.record(z.string().regex(/^[a-z]+\/[a-z0-9.+-]+$/), z.strictObject({ schema: schema.optional() }));
const operation = z.strictObject({
  operationId: z.string().regex(/^[a-z0-9_]+$/),
  tags: z.array(z.string()).length(1),
  summary: z.string().min(5),
  description: z.string().optional(),
  security: z.array(z.record(z.string(), z.array(z.string()))).optional(),
  parameters: z.array(
    z.strictObject({
      name: z.string().min(1),
      in: z.enum(['path', 'query', 'header']),
      required: z.boolean(),
      description: z.string().optional(),
      schema,
    }),
  ),
  requestBody: z.strictObject({ required: z.literal(true), content }).optional(),
  responses: z.record(z.string().regex(/^(\d{3}|default)$/), z.strictObject({ description: z.string(), content })),
});
const openApi = z.strictObject({
  openapi: z.literal('3.1.0'),
  info: z.strictObject({ title: z.string(), version: z.literal('1.2.3'), description: z.string() }),
  security: z.array(z.record(z.string(), z.array(z.string()))),
  tags: z.array(z.strictObject({ name: z.string() })),
  paths: z.record(z.string().startsWith('/'), z.partialRecord(z.enum(['get', 'post', 'delete']), operation)),
  components: z.strictObject({
    securitySchemes: z.record(z.string(), z.strictObject({ type: z.literal('http'), scheme: z.literal('bearer') })),
    schemas: z.record(z.string().regex(/^[A-Za-z0-9._-]+$/), schema),
  }),
});

const document = openApi.parse(JSON.parse(text));
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.values(methods).map((one) => ({ path, ...one })),
);

test('it has every route, each with an id of its own and a subject that is declared', () => {
  expect(operations).toHaveLength(routes.length);
  const ids = operations.map(({ operationId }) => operationId);
  expect(new Set(ids).size).toBe(ids.length);
  const tags = new Set(document.tags.map(({ name }) => name));
  for (const { operationId, tags: own } of operations) expect(tags.has(own[0] ?? ''), operationId).toBe(true);
});

test('paths differ by more than the names of their parameters, which are all declared', () => {
  const shapes = Object.keys(document.paths).map((path) => path.replace(/\{\w+\}/g, '{}'));
  expect(new Set(shapes).size).toBe(shapes.length);
  for (const { path, parameters } of operations) {
    const declared = parameters.filter((one) => one.in === 'path');
    expect(declared.map(({ name }) => `{${name}}`)).toEqual(path.match(/\{\w+\}/g) ?? []);
    expect(declared.every(({ required }) => required)).toBe(true);
    const keys = parameters.map((one) => `${one.in} ${one.name}`);
    expect(new Set(keys).size, path).toBe(keys.length);
  }
});

test('every reference leads somewhere, and every named schema is referred to', () => {
  const refs = new Set([...text.matchAll(/"\$ref":"([^"]+)"/g)].map((match) => match[1] ?? ''));
  const names = Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`);
  expect([...refs].filter((ref) => !names.includes(ref))).toEqual([]);
  expect(names.filter((name) => !refs.has(name))).toEqual([]);
  const schemes = Object.keys(document.components.securitySchemes);
  for (const one of document.security) expect(schemes).toEqual(expect.arrayContaining(Object.keys(one)));
});

const TYPES = ['null', 'boolean', 'object', 'array', 'number', 'string', 'integer'];

test('schemas use the words of JSON Schema 2020-12 as they are meant', () => {
  const seen: string[] = [];
  const walk = (value: unknown, at: string): void => {
    if (typeof value !== 'object' || value === null) throw new Error(`${at}: a schema is an object`);
    seen.push(at);
    for (const [key, inner] of Object.entries(value)) {
      if (key === 'type') expect(TYPES, at).toEqual(expect.arrayContaining([inner].flat()));
      else if (key === 'required') expect(new Set(inner).size, at).toBe(inner.length);
      else if (key === 'properties') for (const [name, one] of Object.entries(inner)) walk(one, `${at}.${name}`);
      else if (['items', 'not', 'propertyNames'].includes(key)) walk(inner, `${at}.${key}`);
      else if (key === 'additionalProperties' && typeof inner !== 'boolean') walk(inner, `${at}.${key}`);
      else if (['anyOf', 'oneOf', 'allOf'].includes(key)) for (const one of inner) walk(one, `${at}.${key}`);
      else if (key === 'pattern') expect(() => new RegExp(inner, 'u'), `${at}: ${inner}`).not.toThrow();
      // Words of OpenAPI 3.0 and of older drafts mean nothing here.
      expect(['nullable', 'example', 'definitions', '$defs', 'id'], at).not.toContain(key);
      if (key.startsWith('exclusive')) expect(typeof inner, at).toBe('number');
    }
    const { properties, required = [] } = value as { properties?: object; required?: string[] };
    if (properties) for (const name of required) expect(Object.keys(properties), at).toContain(name);
  };
  for (const [name, one] of Object.entries(document.components.schemas)) walk(one, name);
  for (const { operationId, parameters, requestBody, responses } of operations) {
    for (const one of parameters) walk(one.schema, `${operationId} ${one.name}`);
    const contents = [requestBody, ...Object.values(responses)].flatMap((one) => Object.values(one?.content ?? {}));
    for (const one of contents) if (one.schema) walk(one.schema, operationId);
  }
  expect(seen.length).toBeGreaterThan(500);
});

test('a body that is given as an example is taken', () => {
  const given = routes.filter((route) => route.example !== undefined);
  expect(given.length).toBeGreaterThanOrEqual(2);
  for (const { path, example, schema: { body } = {} } of given) {
    expect(body?.safeParse(example), path).toMatchObject({ success: true });
  }
});

test('the fields of the create request carry the words of their table', () => {
  const { CreateResponse } = document.components.schemas;
  expect(CreateResponse).toHaveProperty(
    'properties.max_tool_calls.description',
    expect.stringContaining('Tool actions'),
  );
  expect(text).toContain('Seconds from now after which the run fails');
});
