import { expect, test } from 'vitest';
import { argumentsSchema, exampleOf, pictureForm, shownSchema } from './schema.ts';

test.each([
  ['image', { type: 'string' }, 'data_url'],
  ['inputImage', { type: 'string' }, 'data_url'],
  ['photos', { type: 'array', items: { type: 'string' } }, 'data_url'],
  ['screenshot_url', { type: 'string', format: 'uri' }, 'data_url'],
  ['payload', { type: 'string', contentEncoding: 'base64' }, 'base64'],
  ['image_base64', { type: 'string' }, 'base64'],
  ['thing', { type: 'string', format: 'data-url' }, 'data_url'],
  ['image_name', { type: 'string' }, undefined],
  ['imagery', { type: 'string' }, undefined],
  ['image', { type: 'integer' }, undefined],
  ['image', { type: 'string', enum: ['jpeg', 'png'] }, undefined],
  ['query', { type: 'string' }, undefined],
])('an argument %s of %j takes a picture as: %s', (name, schema, form) => {
  expect(pictureForm(name, schema)).toBe(form);
});

const schema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  type: 'object',
  properties: {
    picture: { type: 'string', format: 'uri', description: 'What to look at.' },
    times: { type: 'integer', minimum: 2 },
    mode: { enum: ['fast', 'slow'] },
    tags: { type: 'array', items: { type: 'string' } },
    extra: { type: 'object', properties: { a: { type: 'boolean' } }, required: ['a'] },
  },
  required: ['picture', 'times', 'mode', 'tags', 'extra'],
};

test('arguments are checked as their own schema says, in words', () => {
  const check = argumentsSchema(schema);
  expect(check.safeParse(exampleOf(schema)).success).toBe(true);
  const wrong = check.safeParse({ picture: 'image-0', times: 1, mode: 'odd', tags: [], extra: {} });
  expect(wrong.error?.issues[0]?.message).toMatch(
    /times must be >= 2.*mode must be equal to one of.*extra must have required property 'a'/,
  );
});

test('models see that a picture is given by its name, and an example of all that must be there', () => {
  expect(shownSchema(schema)).toMatchObject({
    properties: {
      picture: { type: 'string', description: 'What to look at. (the name of an image, such as "image-0")' },
    },
  });
  expect(shownSchema(schema)).not.toHaveProperty('$schema');
  expect(exampleOf(schema)).toEqual({ picture: 'image-0', times: 2, mode: 'fast', tags: ['text'], extra: { a: true } });
});

test('two schemas with one $id are two', () => {
  const named = (property: string) => ({
    $id: 'https://example.com/arguments',
    type: 'object',
    properties: { [property]: { type: 'string' } },
    required: [property],
  });
  expect(argumentsSchema(named('path')).safeParse({ path: 'x' }).success).toBe(true);
  const other = argumentsSchema(named('query'));
  expect(other.safeParse({ query: 'x' }).success).toBe(true);
  expect(other.safeParse({ path: 'x' }).success).toBe(false);
});
