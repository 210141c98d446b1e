import { expect, test } from 'vitest';
import { SettingsError } from '../env.ts';
import { createSafeFetch } from '../safe-fetch.ts';
import { createUrlCheck } from './policy.ts';

test.each([
  ['ftp://example.com/a.png', /"ftp:" URLs are not fetched here\. Use https:\/\/\./],
  ['file:///etc/passwd', /"file:" URLs/],
  ['http://example.com/a.png', /"http:" URLs are not fetched here/],
  ['https://user:pw@example.com/a.png', /user name or password/],
  ['https://user@example.com/a.png', /user name or password/],
  ['https://example.com:8443/a.png', /Port 8443 is not fetched from\. Use 443/],
  ['example.com/a.png', /is not a URL/],
  ['https://', /is not a URL/],
  ['', /is not a URL/],
  [`https://example.com/${'a'.repeat(9_000)}`, /at most 8192/],
])('%.40s is refused without the network', (url, message) => {
  expect(() => createUrlCheck({})(url)).toThrow(message);
});

test('an operator allows addresses, hosts and origins, and hears of entries that cannot be read', () => {
  const check = createUrlCheck({
    allow: ['10.0.0.0/8', '192.168.1.7', 'fd00::/8', 'Images.Intranet', 'http://minio:9000'],
  });
  for (const url of [
    'https://10.1.2.3/',
    'https://192.168.1.7/',
    'https://[fd00::1]/',
    'https://[::ffff:10.1.2.3]/',
    'https://images.intranet/',
    'http://minio:9000/a',
  ]) {
    expect(check(url).href).toBe(new URL(url).href);
  }
  for (const url of [
    'https://192.168.1.8/',
    'https://11.0.0.1:9000/',
    'http://10.1.2.3/',
    'http://minio:9001/',
    'http://images.intranet/',
    'https://[fe80::1]/',
  ]) {
    expect(() => check(url), url).toThrow();
  }
  for (const entry of ['', '*', '10.0.0.0/40', 'ftp://x', 'http://x/path', '*.example.com', 'a b']) {
    expect(() => createUrlCheck({ allow: [entry] }), entry).toThrow(/cannot be allowed/);
  }
});

test('an allow list that cannot be read is a wrong setting, named as such', () => {
  expect(() => createSafeFetch({ allow: ['a b'], setting: 'COTA_WEBHOOK_ALLOW' })).toThrow(SettingsError);
  expect(() => createSafeFetch({ allow: ['http://host/path'] })).toThrow(/^COTA_FETCH_ALLOW: "http:\/\/host\/path"/);
});

test('who is refused for plain http learns which setting would allow it', () => {
  const webhooks = createUrlCheck({ setting: 'COTA_WEBHOOK_ALLOW' });
  expect(() => webhooks('http://example.com/')).toThrow(/Use https:\/\/\..*COTA_WEBHOOK_HTTP=1/);
  expect(() => createUrlCheck({})('http://example.com/')).toThrow(/COTA_FETCH_HTTP=1/);
  expect(() => createUrlCheck({})('ftp://example.com/')).toThrow(/Use https:\/\/\.$/);
});
