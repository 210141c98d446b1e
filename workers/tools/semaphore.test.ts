import { expect, test } from 'vitest';
import { semaphore } from './semaphore.ts';

const never = new AbortController().signal;
const tick = () => new Promise((resolve) => setImmediate(resolve));

function jobs(limit: ReturnType<typeof semaphore>) {
  const begun: string[] = [];
  const ends = new Map<string, (error?: Error) => void>();
  const run = (name: string, signal = never) =>
    limit(() => {
      begun.push(name);
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      ends.set(name, (error) => (error ? reject(error) : resolve(name)));
      return promise;
    }, signal);
  return { begun, run, end: (name: string, error?: Error) => ends.get(name)?.(error) };
}

test('so many go on at a time; the others follow in order, also after one that failed', async () => {
  const { begun, run, end } = jobs(semaphore(2));
  const all = ['a', 'b', 'c', 'd'].map((name) => run(name));
  await tick();
  expect(begun).toEqual(['a', 'b']);
  end('b', new Error('broken'));
  await expect(all[1]).rejects.toThrow('broken');
  await tick();
  expect(begun).toEqual(['a', 'b', 'c']);
  for (const name of ['a', 'c']) end(name);
  await tick();
  expect(begun).toEqual(['a', 'b', 'c', 'd']);
  end('d');
  expect(await Promise.all([all[0], all[2], all[3]])).toEqual(['a', 'c', 'd']);
});

test('one that stops waiting takes no place, nor does one that comes with its signal aborted', async () => {
  const { begun, run, end } = jobs(semaphore(1));
  const first = run('a');
  const stop = new AbortController();
  const cancelled = run('b', stop.signal);
  const last = run('c');
  await tick();
  stop.abort(new Error('cancelled'));
  await expect(cancelled).rejects.toThrow('cancelled');
  await expect(run('d', stop.signal)).rejects.toThrow('cancelled');
  end('a');
  await first;
  await tick();
  expect(begun).toEqual(['a', 'c']);
  end('c');
  expect(await last).toBe('c');
});
