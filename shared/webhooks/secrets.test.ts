import { expect, test } from 'vitest';
import { newSecret, openKeyring } from './secrets.ts';

const one = 'the first key of them';
const two = 'the second key of them';
const ring = (COTA_SECRET_KEY: string[], COTA_API_KEY?: string) => openKeyring({ COTA_SECRET_KEY, COTA_API_KEY });

test('secrets are those of Standard Webhooks: 32 random bytes', () => {
  const secrets = Array.from({ length: 20 }, newSecret);
  expect(new Set(secrets).size).toBe(20);
  for (const secret of secrets) {
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(Buffer.from(secret.slice(6), 'base64').length).toBe(32);
  }
});

test('what is sealed shows nothing, differs each time, and opens again', () => {
  const secret = newSecret();
  const keyring = ring([one]);
  const [first, second] = [keyring.seal(secret, 'acme/we_1'), keyring.seal(secret, 'acme/we_1')];
  expect(first).not.toBe(second);
  expect(first).not.toContain(secret.slice(6, 20));
  expect(Buffer.from(first.split(':')[2] ?? '', 'base64').toString('latin1')).not.toContain('whsec_');
  expect(ring([one]).open(first, 'acme/we_1')).toBe(secret);
});

test('it does not open for another owner, nor when a byte was changed', () => {
  const keyring = ring([one]);
  const sealed = keyring.seal(newSecret(), 'acme/we_1');
  expect(() => keyring.open(sealed, 'other/we_1')).toThrow();
  const [version, id, packed = ''] = sealed.split(':');
  const bytes = Buffer.from(packed, 'base64');
  bytes[20] = (bytes[20] ?? 0) ^ 1;
  expect(() => keyring.open(`${version}:${id}:${bytes.toString('base64')}`, 'acme/we_1')).toThrow();
});

test('a new key before the old one seals, and both open; without the old one the message says what to do', () => {
  const secret = newSecret();
  const sealed = ring([one]).seal(secret, 'a');
  const both = ring([two, one]);
  expect(both.open(sealed, 'a')).toBe(secret);
  const anew = both.seal(secret, 'a');
  expect(ring([two]).open(anew, 'a')).toBe(secret);
  expect(() => ring([two]).open(sealed, 'a')).toThrow(/add the earlier key behind the present one/);
});

test('the API key stands in where there is no key, and still opens once there is one', () => {
  const secret = newSecret();
  const sealed = ring([], 'api-key-0123456789').seal(secret, 'a');
  expect(ring([one], 'api-key-0123456789').open(sealed, 'a')).toBe(secret);
  expect(() => ring([])).toThrow(/set COTA_SECRET_KEY/);
});
