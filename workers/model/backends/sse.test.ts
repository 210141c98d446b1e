import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readEvents } from './sse.ts';

async function events(text: string, sizes: readonly number[] = []): Promise<string[]> {
  const bytes = new TextEncoder().encode(text);
  async function* cut() {
    let at = 0;
    for (const size of sizes) {
      yield bytes.subarray(at, at + size);
      at += size;
    }
    yield bytes.subarray(at);
  }
  return await Array.fromAsync(readEvents(cut()));
}

it('gives the data of each event, without comments, names and empty events', async () => {
  expect(await events(': hello\n\nevent: x\ndata: one\n\ndata:two\r\ndata: three\r\n\r\n\n\nid: 4\n\n')).toEqual([
    'one',
    'two\nthree',
  ]);
});

it('gives an event that the end of the body closes', async () => {
  expect(await events('data: a\n\ndata: b')).toEqual(['a', 'b']);
  expect(await events('data: a\n')).toEqual(['a']);
});

it('does not mind where the bytes are cut', async () => {
  const line = fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) => text.replace(/[\r\n]/g, ''));
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { maxLength: 6 }),
      fc.array(fc.integer({ min: 0, max: 9 })),
      fc.constantFrom('\n', '\r\n'),
      async (lines, sizes, end) => {
        const text = lines.map((each) => `data: ${each}${end}${end}`).join('');
        expect(await events(text, sizes)).toEqual(lines);
      },
    ),
  );
});
