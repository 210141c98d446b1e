/** A JSON Schema as rows for people: one for each field, those of inner objects below it with a longer name. */
import { type Html, html, prose } from './html.ts';
import type { JsonSchema } from './open-api.ts';

interface Row {
  readonly name: string;
  readonly schema: JsonSchema;
  readonly required: boolean;
  /** `type` of the objects of a choice that have this field; undefined: all of them. */
  readonly of?: readonly string[];
}

/** Deeper than this, only the type is shown: /openapi.json has all of it. */
const DEEPEST = 4;

/** The rows of an object, or of the objects that an array or a choice holds. */
export function fieldRows(schema: JsonSchema, prefix = '', depth = 0): readonly Row[] {
  if (depth > DEEPEST) return [];
  const own = Object.entries(schema.properties ?? {}).flatMap(([key, inner]) => {
    const name = `${prefix}${key}`;
    const row: Row = { name, schema: inner, required: schema.required?.includes(key) ?? false };
    return [row, ...fieldRows(inner, `${name}.`, depth + 1)];
  });
  const items = schema.items ? fieldRows(schema.items, `${prefix.replace(/\.$/, '')}[].`, depth) : [];
  const variants = choices(schema).flatMap((one) => {
    const { type } = one.properties ?? {};
    const rows = fieldRows(one, prefix, depth);
    if (choices(schema).length === 1 || typeof type?.const !== 'string') return rows;
    const of = [type.const];
    return rows.map((row) => (row.of || row.schema === type ? row : { ...row, of }));
  });
  const every = choices(schema).length;
  return distinct([...own, ...items, ...variants]).map(({ of, ...row }) =>
    of === undefined || (of.length === every && every > 1) ? row : { ...row, of },
  );
}

/** Objects of a choice share fields: each is shown once, with every type that it may have. */
function distinct(rows: readonly Row[]): readonly Row[] {
  const byName = new Map<string, Row>();
  for (const row of rows) {
    const before = byName.get(row.name);
    byName.set(row.name, before ? merged(before, row) : row);
  }
  return [...byName.values()];
}

function merged(before: Row, row: Row): Row {
  const of = before.of && row.of ? { of: [...new Set([...before.of, ...row.of])] } : {};
  const { of: _, ...rest } = before;
  if (typeText(before.schema) === typeText(row.schema)) return { ...rest, ...of };
  const { anyOf = [before.schema] } = before.schema;
  return { ...rest, ...of, schema: { anyOf: [...anyOf, row.schema] } };
}

/** May be sent, but only as null: fields that clients know and Cota refuses. */
const isRefused = ({ schema }: Row): boolean => typeText(schema) === 'null';

/** @param use in what is sent, some fields must be there; in what is answered, some may be missing */
export function fieldList(schema: JsonSchema, use: 'sent' | 'answered'): Html {
  const rows = fieldRows(schema);
  if (rows.length === 0) return html`<p>${typeHtml(schema)}${words(schema)}</p>`;
  const [refused, taken] = [rows.filter(isRefused), rows.filter((row) => !isRefused(row))];
  const rest =
    refused.length > 0 &&
    html`<details><summary>${refused.length} fields that are refused, or always null</summary>${list(refused, use)}</details>`;
  return html`${list(taken, use)}${rest}`;
}

export function list(rows: readonly Row[], use: 'sent' | 'answered'): Html {
  return html`<dl>${rows.map(
    ({ name, schema, required, of }) =>
      html`<div><dt><code>${name}</code> <span class="type">${typeHtml(schema)}</span>${mark(required, use)}${of && html`<span class="type">, in ${either(of)}</span>`}</dt>
<dd>${words(schema)}${defaultOf(schema)}</dd></div>
`,
  )}</dl>`;
}

function mark(required: boolean, use: 'sent' | 'answered'): Html | undefined {
  if (use === 'sent') return required ? html` <span class="must">required</span>` : undefined;
  return required ? undefined : html` <span class="type">(may be missing)</span>`;
}

const words = (schema: JsonSchema): Html | undefined => {
  const own = schema.description ?? choices(schema).find((one) => one.description)?.description;
  return own === undefined ? undefined : html` ${prose(own)}`;
};

const defaultOf = (schema: JsonSchema): Html | undefined =>
  schema.default === undefined ? undefined : html` Default: <code>${JSON.stringify(schema.default)}</code>.`;

const choices = (schema: JsonSchema): readonly JsonSchema[] => schema.anyOf ?? schema.oneOf ?? [];

function typeHtml(schema: JsonSchema): Html {
  const name = refName(schema) ?? (schema.items ? refName(schema.items) : undefined);
  if (name === undefined) return html`${typeText(schema)}`;
  return html`${schema.items && 'array of '}<a href="#${name}">${name}</a>`;
}

/** `#/components/schemas/Run` -> `Run` */
export const refName = (schema: JsonSchema): string | undefined => schema.$ref?.split('/').at(-1);

/** "string, at most 64 characters", `"auto" or "none"`, "array of integers" ... */
export function typeText(schema: JsonSchema): string {
  const name = refName(schema);
  if (name !== undefined) return name;
  const variants = choices(schema);
  if (variants.length > 0) return either([...new Set(variants.map(typeText))]);
  if ('const' in schema) return JSON.stringify(schema.const);
  if (schema.enum) return either(schema.enum.map((value) => JSON.stringify(value)));
  if (typeof schema.type === 'object') return either(schema.type.map((type) => typeText({ ...schema, type })));
  if (schema.type === 'array' && (schema.maxItems === 0 || schema.items?.not)) return 'empty array';
  if (schema.type === 'array') {
    const of = !schema.items ? '' : ` of ${many(typeText(schema.items))}`;
    return `array${of}${limits([schema.minItems, schema.maxItems], 'entries')}`;
  }
  if (schema.type === 'string') {
    return `${schema.format === 'uri' ? 'URL' : 'string'}${limits([schema.minLength, schema.maxLength], 'characters')}`;
  }
  if (schema.type === 'object') {
    const { additionalProperties: values } = schema;
    if (!schema.properties && typeof values === 'object') return `map of ${typeText(values)}`;
    return 'object';
  }
  if (schema.type === 'integer' || schema.type === 'number') {
    const above = schema.exclusiveMinimum === 0 ? ' above 0' : '';
    return `${schema.type}${above}${limits([schema.minimum, schema.maximum], '')}`;
  }
  return schema.type ?? 'any JSON';
}

const many = (type: string): string => (/^(string|object|integer|number|boolean|URL)$/.test(type) ? `${type}s` : type);

const either = (types: readonly string[]): string =>
  types.length < 2 ? (types[0] ?? '') : `${types.slice(0, -1).join(', ')} or ${types.at(-1)}`;

/** Numbers at the edge of what can be written exactly are no limits that anybody set. */
const isSet = (limit: number | undefined): limit is number =>
  limit !== undefined && Math.abs(limit) < Number.MAX_SAFE_INTEGER;

function limits([least, most]: readonly [number | undefined, number | undefined], unit: string): string {
  const number = (value: number): string => value.toLocaleString('en');
  const of = unit === '' ? '' : ` ${unit}`;
  if (isSet(least) && isSet(most))
    return least === most ? `, ${number(most)}${of}` : `, ${number(least)} to ${number(most)}${of}`;
  if (isSet(most)) return `, at most ${number(most)}${of}`;
  return isSet(least) && least > 0 ? `, at least ${number(least)}${of}` : '';
}
