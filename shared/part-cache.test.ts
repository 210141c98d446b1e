import { expect, test } from 'vitest';
import { openPartCache } from './part-cache.ts';

const part = (size: number) => ({ bytes: Buffer.alloc(size), contentType: 'image/png' });

test('makes a part once, also for many who ask at once', async () => {
  const cache = openPartCache(10_000);
  let made = 0;
  const make = async () => {
    made++;
    await new Promise((resolve) => setTimeout(resolve, 10));
    return part(10);
  };
  const parts = await Promise.all(Array.from({ length: 20 }, () => cache.through('a', make)));
  expect(new Set([...parts, await cache.through('a', make)]).size).toBe(1);
  expect(made).toBe(1);
});

test('stays within its bytes, and lets go of what was used least', async () => {
  const cache = openPartCache(10_000);
  let made = 0;
  const ask = (key: string, size: number) =>
    cache.through(key, async () => {
      made++;
      return part(size);
    });
  for (let i = 0; i < 100; i++) {
    await ask(`k${i}`, 2_000);
    await ask('k0', 2_000);
    expect(cache.bytes).toBeLessThanOrEqual(10_000);
  }
  expect(made).toBe(100);
  await ask('k1', 2_000);
  expect(made).toBe(101);
  for (let i = 0; i < 1_000; i++) await ask(`tiny${i}`, 1);
  expect(cache.bytes).toBeLessThanOrEqual(10_000);
});

test('a part larger than the cache is made each time', async () => {
  const cache = openPartCache(1_000);
  let made = 0;
  for (let i = 0; i < 2; i++) {
    await cache.through('a', async () => {
      made++;
      return part(5_000);
    });
  }
  expect(made).toBe(2);
  expect(cache.bytes).toBe(0);
});

test('a failure reaches all who waited, and the next one tries again', async () => {
  const cache = openPartCache(1_000);
  const fail = () => Promise.reject(new Error('no store'));
  const asked = await Promise.allSettled([cache.through('a', fail), cache.through('a', fail)]);
  expect(asked.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect((await cache.through('a', async () => part(3))).bytes).toHaveLength(3);
});
