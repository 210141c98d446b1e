import { expect, test } from 'vitest';
import { cacheKey } from './cache-key.ts';
import { findTool } from './registry.ts';

const images = [
  { name: 'image-0', sha256: 'a'.repeat(64) },
  { name: 'image-1', sha256: 'b'.repeat(64) },
];
const ocr = findTool('OCR');
const crop = findTool('Crop');
const box = [0.1, 0.2, 0.3, 0.4];
const key = cacheKey('t1', crop, { image: 'image-0', bbox: box }, images);

test('is 64 hex digits and does not change with the order of arguments', () => {
  expect(key).toMatch(/^[0-9a-f]{64}$/);
  expect(cacheKey('t1', crop, { bbox: box, image: 'image-0' }, images)).toBe(key);
});

test('counts images by their bytes, not by their name', () => {
  const renamed = [images[1]!, { name: 'image-7', sha256: images[0]!.sha256 }];
  expect(cacheKey('t1', crop, { image: 'image-7', bbox: box }, renamed)).toBe(key);
  expect(cacheKey('t1', crop, { image: 'image-1', bbox: box }, images)).not.toBe(key);
});

test('counts arguments as the tool reads them', () => {
  expect(cacheKey('t1', crop, { image: 'image-0.png', bbox: '[0.1, 0.2, 0.3, 0.4]', why: 'logo' }, images)).toBe(key);
});

test('differs by tenant, tool, version, engine and arguments', () => {
  const args = { image: 'image-0', bbox: box };
  const others = [
    cacheKey('t2', crop, args, images),
    cacheKey('t1', { ...crop, name: 'Cut' }, args, images),
    cacheKey('t1', { ...crop, version: '2' }, args, images),
    cacheKey('t1', { ...crop, engine: 'other' }, args, images),
    cacheKey('t1', crop, { image: 'image-0', bbox: [0.1, 0.2, 0.3, 0.5] }, images),
    cacheKey('t1', ocr, { image: 'image-0' }, images),
  ];
  expect(new Set([key, ...others]).size).toBe(others.length + 1);
});

test('arguments that the tool refuses, and images that are not there, have a key too', () => {
  expect(cacheKey('t1', crop, { image: 'image-9', bbox: box }, images)).toMatch(/^[0-9a-f]{64}$/);
  expect(cacheKey('t1', crop, { bbox: 'all' }, images)).toMatch(/^[0-9a-f]{64}$/);
});

test('text that looks like a key cannot stand in for an image', () => {
  const text = cacheKey('t1', findTool('Calculate'), { expression: 'image-0' }, images);
  const hash = cacheKey('t1', findTool('Calculate'), { expression: `sha256:${images[0]!.sha256}` }, images);
  expect(text).not.toBe(hash);
});
