import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { errorTable } from '../../../shared/errors.ts';
import type { ApiParts, ApiRequest } from '../http.ts';
import { allRoutes } from '../routes.ts';
import { fieldRows, typeText } from './fields.ts';
import { html, prose } from './html.ts';

const routes = allRoutes('1.2.3');
async function get(path: string) {
  const route = routes.find((one) => one.path === path);
  // These handlers look at neither.
  const reply = await route?.handler({} as ApiRequest, {} as ApiParts);
  return { page: String(reply?.body), headers: reply?.headers ?? {} };
}
const shown = (text: string): string => text.replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

test('the page has each route once, with what it does and a line of curl', async () => {
  const { page } = await get('/docs');
  const articles = page.split('<article id="').slice(1);
  for (const { method, path, summary } of routes) {
    const plain = path.replace('...}', '}');
    const own = articles.filter((one) => one.includes(`>${method}</span> <code>${plain}</code></a></h3>`));
    expect(own, `${method} ${path}`).toHaveLength(1);
    expect(own[0]).toContain(shown(summary.split('`')[0] ?? ''));
    expect(own[0]).toContain('<pre>curl ');
  }
  expect(page).toContain('background <'.replace(' <', '</code>'));
  expect(page).toContain('Options of Cota itself');
});

test('every link leads to a place that is there, and no id is there twice', async () => {
  const { page } = await get('/docs');
  const ids = [...page.matchAll(/ id="([^"]+)"/g)].map((match) => match[1]);
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
  const links = [...page.matchAll(/href="#([^"]+)"/g)].map((match) => match[1]);
  expect(links.length).toBeGreaterThan(routes.length);
  expect([...new Set(links)].filter((link) => !ids.includes(link))).toEqual([]);
  for (const code of Object.keys(errorTable)) expect(ids).toContain(`error-${code}`);
  const front = await get('/');
  const onward = [...front.page.matchAll(/href="\/docs#([^"]+)"/g)].map((match) => match[1]);
  expect(onward).toHaveLength(routes.length);
  expect(onward.filter((link) => !ids.includes(link))).toEqual([]);
});

test.each(['/', '/docs'])(
  '%s needs nothing from elsewhere, and its policy allows nothing but its style',
  async (path) => {
    const { page, headers } = await get(path);
    expect(page).not.toMatch(/<script|<link|<img|<iframe|\son\w+=|\sstyle=|@import|url\(/i);
    const style = /<style>([\s\S]*?)<\/style>/.exec(page)?.[1] ?? '';
    const digest = createHash('sha256').update(style).digest('base64');
    expect(headers['content-security-policy']).toContain(`default-src 'none'; style-src 'sha256-${digest}'`);
    expect(headers['content-security-policy']).not.toContain('unsafe');
  },
);

test('whatever is put into HTML is escaped', () => {
  expect(html`<a title="${'"x"'}">${'<b>'}${['&', html`<i>${1}</i>`]}${false}</a>`.html).toBe(
    '<a title="&quot;x&quot;">&lt;b&gt;&amp;<i>1</i></a>',
  );
  expect(prose('a `<code>` b').html).toBe('a <code>&lt;code&gt;</code> b');
});

test.each([
  [{ type: 'string', minLength: 1, maxLength: 64 }, 'string, 1 to 64 characters'],
  [{ type: ['string', 'null'] }, 'string or null'],
  [{ anyOf: [{ type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER }, { type: 'null' }] }, 'integer or null'],
  [{ enum: ['auto', 'none', null] }, '"auto", "none" or null'],
  [{ type: 'array', items: { type: 'string' }, maxItems: 16 }, 'array of strings, at most 16 entries'],
  [{ type: 'array', items: { not: {} } }, 'empty array'],
  [{ type: 'object', additionalProperties: { type: 'string' } }, 'map of string'],
  [{ type: 'array', items: { $ref: '#/components/schemas/Batch' } }, 'array of Batch'],
  [{}, 'any JSON'],
])('a type in words: %j', (schema, words) => {
  expect(typeText(schema)).toBe(words);
});

test('fields of inner objects have long names, and those of a choice say whose they are', () => {
  const variant = (type: string, more: object) => ({
    type: 'object',
    properties: { type: { type: 'string', const: type }, id: { type: 'string' }, ...more },
    required: ['type', 'id'],
  });
  const rows = fieldRows({
    type: 'object',
    properties: {
      items: {
        type: 'array',
        items: { oneOf: [variant('a', { x: { type: 'string' } }), variant('b', { y: { type: 'null' } })] },
      },
    },
  });
  expect(rows.map(({ name, of, required, schema }) => [name, of, required, typeText(schema)])).toEqual([
    ['items', undefined, false, 'array of objects'],
    ['items[].type', undefined, true, '"a" or "b"'],
    ['items[].id', undefined, true, 'string'],
    ['items[].x', ['a'], false, 'string'],
    ['items[].y', ['b'], false, 'null'],
  ]);
});
