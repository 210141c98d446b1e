/** The JSON Schema of an MCP tool's arguments: checked by a validator of that language, shown as it is, illustrated. */
import type { JsonSchemaType } from '@modelcontextprotocol/client';
import { AjvJsonSchemaValidator } from '@modelcontextprotocol/client/validators/ajv';
import type { z } from 'zod';
import { type JsonObject, jsonObject } from '../../../shared/contract.ts';

/**
 * What the schema demands, but for the arguments that take pictures: those are names of images here.
 * @throws Error where the schema itself makes no sense
 */
export function argumentsSchema(schema: JsonObject): z.ZodType<JsonObject> {
  // The dialect is said by the schema that is not shown.
  const { $schema: dialect } = schema;
  const checked = { ...shownSchema(schema), ...(dialect === undefined ? {} : { $schema: dialect }) };
  // Each its own: a shared one keeps every schema that it has seen, and gives two with one `$id` the same checks.
  const check = new AjvJsonSchemaValidator().getValidator<JsonObject>(checked as JsonSchemaType);
  return jsonObject.superRefine((value, context) => {
    const { valid, errorMessage } = check(value);
    if (!valid) context.addIssue(errorMessage.replace(/\bdata(?:\/| (?=must))/g, '').slice(0, 1_000));
  });
}

/** How an argument takes a picture. */
export type PictureForm = 'data_url' | 'base64';

/**
 * Servers know nothing of images of runs. An argument is taken to want a picture where its schema is that of a text
 * with `contentEncoding: base64` or `format: data-url`, or where its name says so; a list of such texts likewise.
 */
export function pictureForm(name: string, schema: unknown): PictureForm | undefined {
  if (!isMap(schema)) return undefined;
  if (schema.type === 'array') return pictureForm(name, schema.items);
  if (schema.type !== 'string' || Array.isArray(schema.enum)) return undefined;
  if (schema.contentEncoding === 'base64' || /base64|b64/i.test(name)) return 'base64';
  if (schema.format === 'data-url') return 'data_url';
  return /^(?:.*[-_])?(?:image|picture|photo|screenshot|img)s?(?:[-_](?:url|uri|data))?$/i.test(
    name.replace(/([a-z])([A-Z])/g, '$1_$2'),
  )
    ? 'data_url'
    : undefined;
}

export const propertiesOf = (schema: JsonObject): JsonObject => (isMap(schema.properties) ? schema.properties : {});

/** The schema as models see it: arguments that take pictures say that they take names of images. */
export function shownSchema(schema: JsonObject): JsonObject {
  const { $schema: _, ...shown } = schema;
  const properties = Object.entries(propertiesOf(schema)).map(([name, property]) => {
    if (!isMap(property) || pictureForm(name, property) === undefined) return [name, property] as const;
    const about = typeof property.description === 'string' ? `${property.description} ` : '';
    const description = `${about}(the name of an image, such as "image-0")`;
    const text = { type: 'string' };
    return [
      name,
      property.type === 'array' ? { type: 'array', items: text, description } : { ...text, description },
    ] as const;
  });
  return { ...shown, type: 'object', properties: Object.fromEntries(properties) as JsonObject };
}

/** Arguments as they may look: what must be there, or else the first two. */
export function exampleOf(schema: JsonObject): JsonObject {
  const properties = Object.entries(propertiesOf(schema));
  const required = Array.isArray(schema.required) ? schema.required : [];
  const must = properties.filter(([name]) => required.includes(name));
  const shown = must.length > 0 ? must : properties.slice(0, 2);
  return Object.fromEntries(shown.map(([name, property]) => [name, sampleOf(name, property)])) as JsonObject;
}

function sampleOf(name: string, schema: unknown): z.core.util.JSONType {
  if (!isMap(schema)) return 'text';
  const picture = pictureForm(name, schema);
  if (picture !== undefined) return schema.type === 'array' ? ['image-0'] : 'image-0';
  const given = schema.default ?? schema.const ?? first(schema.examples) ?? first(schema.enum);
  if (given !== undefined) return given;
  switch (Array.isArray(schema.type) ? schema.type[0] : schema.type) {
    case 'integer':
    case 'number':
      return typeof schema.minimum === 'number' ? schema.minimum : 1;
    case 'boolean':
      return true;
    case 'array':
      return [sampleOf(name, schema.items)];
    case 'object':
      return exampleOf(schema);
    default:
      return 'text';
  }
}

const first = (list: unknown): z.core.util.JSONType | undefined =>
  Array.isArray(list) ? (list[0] as z.core.util.JSONType | undefined) : undefined;

function isMap(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
