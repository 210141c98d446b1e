import { expect, test } from 'vitest';
import { keptResults } from './kept-results.ts';

const value = (n: number) => ({ n });

test('a result is computed once, also by two that ask at the same time, and the oldest goes first', async () => {
  let computed = 0;
  const kept = keptResults<{ n: number }>(1_000, () => 200);
  const compute = async () => value(++computed);
  expect(await Promise.all([kept.get('a', compute), kept.get('a', compute)])).toEqual([value(1), value(1)]);
  await kept.get('b', compute);
  await kept.get('a', compute);
  await kept.get('c', compute);
  expect(computed).toBe(3);
  // Room for two of 400: b was used longest ago.
  await kept.get('a', compute);
  expect(computed).toBe(3);
  await kept.get('b', compute);
  expect(computed).toBe(4);
});

test('one that leaves does not spoil it for the others; the last that leaves stops the work', async () => {
  const kept = keptResults<{ n: number }>(1_000, () => 1);
  const { promise, resolve } = Promise.withResolvers<{ n: number }>();
  let seen: AbortSignal | undefined;
  const compute = (signal: AbortSignal) => {
    seen = signal;
    return promise;
  };
  const [first, second] = [new AbortController(), new AbortController()];
  const left = kept.get('a', compute, first.signal);
  const stayed = kept.get('a', compute, second.signal);
  first.abort(new Error('gone'));
  await expect(left).rejects.toThrow('gone');
  expect(seen!.aborted).toBe(false);
  resolve(value(7));
  expect(await stayed).toEqual(value(7));

  const alone = new AbortController();
  const lonely = kept.get(
    'b',
    (signal) => {
      seen = signal;
      return Promise.withResolvers<{ n: number }>().promise;
    },
    alone.signal,
  );
  alone.abort(new Error('gone too'));
  await expect(lonely).rejects.toThrow('gone too');
  expect(seen!.aborted).toBe(true);
  expect(await kept.get('b', async () => value(8))).toEqual(value(8));
});

test('a failure is not kept', async () => {
  const kept = keptResults<{ n: number }>(1_000, () => 1);
  await expect(kept.get('a', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await kept.get('a', async () => value(1))).toEqual(value(1));
});

test('a long key counts too', async () => {
  const kept = keptResults<{ n: number }>(10_000, () => 1);
  let computed = 0;
  const ask = (name: string) => kept.get(name + 'x'.repeat(4_000), async () => value(++computed));
  for (const name of ['a', 'b', 'c']) await ask(name);
  await ask('c');
  expect(computed).toBe(3);
  await ask('a');
  expect(computed).toBe(4);
});
