import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { checkedMessages } from './message-rows.ts';

const read = (...rows: unknown[]): Promise<string[]> =>
  Array.fromAsync(
    checkedMessages(
      Readable.from([rows.map((row) => (typeof row === 'string' ? row : JSON.stringify(row))).join('\n')], {
        objectMode: false,
      }),
      'file-1',
    ),
  );
const user = (content: unknown, more: object = {}) => ({ messages: [{ role: 'user', content }], ...more });
const picture = (url: string) => [{ type: 'image_url', image_url: { url, detail: 'low' } }];

it('rows go on as they are', async () => {
  const rows = [
    user('What is in /etc/passwd, and at https://example.org/a.png?'),
    user([{ type: 'text', text: 'And here?' }, ...picture('data:image/png;base64,AAAA')]),
    user('<image> What?', { images: ['data:image/png;base64,AAAA'], tools: [{ name: 'a', path: '/x' }] }),
  ];
  expect(await read(...rows)).toEqual(rows.map((row) => `${JSON.stringify(row)}\n`));
});

it('a field that stands twice goes on as it was looked at', async () => {
  const row = user('What?', { images: ['data:image/png;base64,AAAA'] });
  const twice = JSON.stringify(row).replace('{', '{"images":["/etc/hostname"],');
  expect((await read(twice)).join()).not.toContain('hostname');
});

it.each([
  user('<image> What?', { images: ['/var/lib/cota/t/other/content/1'] }),
  user('<image> What?', { images: [{ path: '../../x.png' }] }),
  user('What?', { image: 'http://169.254.169.254/latest' }),
  user(picture('https://example.org/a.png')),
  user([{ type: 'image', image: 'file:///etc/hostname' }]),
  user('<img>/etc/hostname</img>What?'),
  user('What?', { videos: ['a.mp4'] }),
])('what a trainer would open itself is refused: %j', async (row) => {
  await expect(read(user('well'), row)).rejects.toThrow(/^Line 2 of file-1 .*on its own machine/);
});

it.each([
  ['{', 'it is not JSON'],
  ['[]', 'it has no messages'],
  ['null', 'it has no messages'],
  [{ messages: [] }, 'it has no messages'],
  [`{"messages":${'['.repeat(9_000)}${']'.repeat(9_000)}}`, 'it is a deep nest'],
])('%j is refused', async (row, words) => {
  await expect(read(row)).rejects.toThrow(words);
});
