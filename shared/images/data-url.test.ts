import { describe, expect, test } from 'vitest';
import { parseDataUrl } from './data-url.ts';

const whole = Buffer.from(Array.from({ length: 1_000 }, (_, i) => (i * 31) % 251));

describe('parseDataUrl', () => {
  const base64 = whole.toString('base64');
  const bound = { maxBytes: 1_000_000 };

  test.each([
    [`data:image/png;base64,${base64}`, 'image/png'],
    [`DATA:IMAGE/PNG;BASE64,${base64}`, 'image/png'],
    [`data:image/jpg;base64,${base64}`, 'image/jpeg'],
    [`data:image/webp;charset=utf-8;base64,${base64}`, 'image/webp'],
    [`data:image/png;base64,${base64.replace(/(.{76})/g, '$1\r\n')}\n`, 'image/png'],
    [`data:image/png;base64,${base64.replace(/=+$/, '')}`, 'image/png'],
    [`data:image/png;base64,${encodeURIComponent(base64)}`, 'image/png'],
  ])('reads %.40s', (url, contentType) => {
    const image = parseDataUrl(url, bound);
    expect(image.contentType).toBe(contentType);
    expect(image.bytes.equals(whole)).toBe(true);
  });

  test.each([
    ['data:image/png;base64', 'invalid_image_url'],
    ['https://example.com/a.png', 'invalid_image_url'],
    ['', 'invalid_image_url'],
    [`data:${'x'.repeat(400)},AAAA`, 'invalid_image_url'],
    ['data:text/plain;base64,AAAA', 'unsupported_image_media_type'],
    ['data:image/svg+xml;base64,AAAA', 'unsupported_image_media_type'],
    ['data:;base64,AAAA', 'unsupported_image_media_type'],
    ['data:,AAAA', 'unsupported_image_media_type'],
    ['data:image/png,AAAA', 'invalid_base64_image'],
    ['data:image/png;base64,', 'empty_image_file'],
    ['data:image/png;base64, \n ', 'empty_image_file'],
    ['data:image/png;base64,AAAAA', 'invalid_base64_image'],
    ['data:image/png;base64,AAA==', 'invalid_base64_image'],
    ['data:image/png;base64,AAAA====', 'invalid_base64_image'],
    ['data:image/png;base64,AA=A', 'invalid_base64_image'],
    ['data:image/png;base64,AA-_', 'invalid_base64_image'],
    ['data:image/png;base64,%%%%', 'invalid_base64_image'],
    ['data:image/png;base64,[object Object]', 'invalid_base64_image'],
    [`data:image/png;base64,${Buffer.alloc(1_000_001).toString('base64')}`, 'image_file_too_large'],
    [`data:image/png;base64,${'A'.repeat(30_000_000)}`, 'image_file_too_large'],
  ])('refuses %.60s as %s', (url, code) => {
    expect(() => parseDataUrl(url, bound)).toThrow(expect.objectContaining({ name: 'ImageRefused', code }));
  });

  test('a file that fills the limit exactly is read', () => {
    const url = `data:image/png;base64,${Buffer.alloc(1_000_000).toString('base64')}`;
    expect(parseDataUrl(url, bound).bytes).toHaveLength(1_000_000);
  });
});
