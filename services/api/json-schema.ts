/** JSON Schema out of zod, for /openapi.json: with references to named schemas, and the words of the tables of fields. */
import { z } from 'zod';
import { chatFields } from '../../shared/chat/fields.ts';
import { chatRequest } from '../../shared/chat/schema.ts';
import { type FieldRule, requestFields, vendorFields } from '../../shared/request/fields.ts';
import { createRequest } from '../../shared/request/schema.ts';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type JsonMap = Record<string, Json>;

const COMPONENTS = '#/components/schemas/';

/**
 * Without what zod adds for documents of its own. The only recursive type there is, is "any JSON".
 * @param nameOf schemas that are described once; where one stands within another it is referred to
 */
export function schemaOf(
  schema: z.ZodType,
  io: 'input' | 'output',
  nameOf: (schema: z.core.$ZodType) => string | undefined = () => undefined,
): Json {
  const {
    $schema: _,
    $defs: __,
    ...rest
  } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    override({ zodSchema, jsonSchema }) {
      const here: z.core.$ZodType = zodSchema;
      const name = here === schema || io === 'input' ? undefined : nameOf(here);
      if (name === undefined) return;
      for (const key of Object.keys(jsonSchema)) delete jsonSchema[key];
      jsonSchema.$ref = `${COMPONENTS}${name}`;
    },
  }) as JsonMap;
  const words = WORDS.get(schema);
  return withoutOwnRefs(words ? withWords(rest, words) : rest);
}

const vendorWords = Object.fromEntries(Object.entries(vendorFields).map(([name, says]) => [`cota.${name}`, { says }]));

/** The tables of fields are what these requests are made from: their words belong to the fields. */
const WORDS = new Map<z.ZodType, Words>([
  [createRequest, { ...requestFields, ...vendorWords }],
  [chatRequest, { ...chatFields, ...vendorWords }],
]);
type Words = Readonly<Record<string, Pick<FieldRule, 'says'>>>;

/** @param prefix names of the fields around this object, each with a dot */
function withWords(schema: Json, words: Words, prefix = ''): Json {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return schema;
  const { properties, anyOf, ...rest } = schema as JsonMap;
  const described = Object.entries((properties ?? {}) as JsonMap).map(([key, inner]) => {
    const says = words[`${prefix}${key}`]?.says;
    const below = withWords(inner, words, `${prefix}${key}.`) as JsonMap;
    return [key, says === undefined ? below : { ...below, description: says }];
  });
  return {
    ...rest,
    ...(properties ? { properties: Object.fromEntries(described) } : {}),
    ...(Array.isArray(anyOf) ? { anyOf: anyOf.map((one: Json) => withWords(one, words, prefix)) } : {}),
  };
}

function withoutOwnRefs(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutOwnRefs);
  if (typeof value !== 'object' || value === null) return value;
  if ('$ref' in value && !String(value.$ref).startsWith(COMPONENTS)) return { description: 'any JSON value' };
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutOwnRefs(inner as Json)]));
}
