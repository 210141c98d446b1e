import { expect, test } from 'vitest';
import { microBatch } from './micro-batch.ts';

test('what waits is done together, up to the most, and only with its kind', async () => {
  const batches: string[][] = [];
  const ask = microBatch(
    async (items: readonly string[]) => {
      batches.push([...items]);
      await new Promise((resolve) => setTimeout(resolve, 5));
      return items.map((item) => item.toUpperCase());
    },
    { most: 3, kindOf: (item) => item[0]! },
  );
  const first = ask('a0');
  await new Promise((resolve) => setTimeout(resolve, 2));
  const rest = ['a1', 'b1', 'a2', 'a3', 'a4'].map((item) => ask(item));
  expect(await Promise.all([first, ...rest])).toEqual(['A0', 'A1', 'B1', 'A2', 'A3', 'A4']);
  expect(batches).toEqual([['a0'], ['a1', 'a2', 'a3'], ['b1'], ['a4']]);
});

test('a batch that fails is done one by one, and each has its own end', async () => {
  let runs = 0;
  const ask = microBatch(
    async (items: readonly number[]) => {
      runs++;
      if (items.includes(2)) throw new Error(`cannot do ${items.join()}`);
      return items.map((item) => item * 10);
    },
    { most: 8 },
  );
  const ends = await Promise.allSettled([1, 2, 3].map((item) => ask(item)));
  expect(ends.map((end) => (end.status === 'fulfilled' ? end.value : (end.reason as Error).message))).toEqual([
    10,
    'cannot do 2',
    30,
  ]);
  expect(runs).toBe(4);
});

test('what was aborted while it waited is not done', async () => {
  const done: number[] = [];
  const ask = microBatch(
    async (items: readonly number[]) => {
      done.push(...items);
      return items;
    },
    { most: 8 },
  );
  const stop = new AbortController();
  const [kept, dropped] = [ask(1), ask(2, stop.signal)];
  stop.abort(new Error('cancelled'));
  await expect(dropped).rejects.toThrow('cancelled');
  expect(await kept).toBe(1);
  expect(done).toEqual([1]);
});
