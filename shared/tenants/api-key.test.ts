import { expect, test } from 'vitest';
import { hashOf, isApiKey, mintApiKey } from './api-key.ts';
import { allows } from './scopes.ts';

test('a key has its form, and its id belongs to its secret', () => {
  const { id, key, hash } = mintApiKey();
  expect(key).toMatch(/^cota_[0-9a-z]{8}_[A-Za-z0-9_-]{43}$/);
  expect(key.startsWith(`cota_${id}_`)).toBe(true);
  expect(hash).toBe(hashOf(key));
  expect(hash).toMatch(/^[0-9a-f]{64}$/);
  expect(isApiKey(key)).toBe(true);
});

test('each single wrong character is noticed without a look-up', () => {
  const { key } = mintApiKey();
  for (let place = 0; place < key.length; place++) {
    const other = key[place] === 'x' ? 'y' : 'x';
    expect(isApiKey(key.slice(0, place) + other + key.slice(place + 1))).toBe(false);
  }
  for (const wrong of ['', 'cota_', `${key}x`, ` ${key}`, key.slice(0, -1), key.toUpperCase()]) {
    expect(isApiKey(wrong)).toBe(false);
  }
});

test('no two keys are alike', () => {
  const keys = Array.from({ length: 500 }, mintApiKey);
  expect(new Set(keys.map(({ key }) => key)).size).toBe(500);
  expect(new Set(keys.map(({ id }) => id)).size).toBe(500);
});

test('runs includes runs:read, and nothing else includes anything', () => {
  expect(allows(['runs'], 'runs:read')).toBe(true);
  expect(allows(['runs:read'], 'runs')).toBe(false);
  expect(allows(['admin'], 'runs:read')).toBe(false);
  expect(allows(['runs'], 'admin')).toBe(false);
  expect(allows([], 'runs:read')).toBe(false);
});
