/** LocalizeObjects, GetObjects, DetectFaces and VisualizeRegionsOnImage from the action to the result. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import sharp from 'sharp';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../shared/contract.ts';
import { closeDetectors } from './engines/detectors/engine.ts';
import { type Region, regionList, surestFew } from './region-list.ts';
import { executeTool, findTool } from './registry.ts';

const SLOW = { timeout: 120_000 };
let kept: Buffer[] = [];
afterEach(() => {
  kept = [];
});
afterAll(() => closeDetectors());

async function act(name: string, args: JsonObject, bytes: Buffer, signal = new AbortController().signal) {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return executeTool(
    findTool(name),
    { image: 'image-0', ...args },
    {
      signal,
      image: async () => ({
        ref: { name: 'image-0', sha256, contentType: 'image/png', width: 1, height: 1, bytes: 0, key: '' },
        bytes,
      }),
      ask: () => Promise.reject(new Error('nobody to ask')),
      keepImage: async (made) => `image-${kept.push(made)}`,
    },
  );
}

async function resultOf(name: string, args: JsonObject, bytes: Buffer) {
  const outcome = await act(name, args, bytes);
  if (!outcome.ok) throw new Error(outcome.error.message);
  return outcome.result as JsonObject & { image: string; regions: Region[]; objects: string[]; note?: string };
}

const svg = (width: number, height: number, inner: string) =>
  sharp(Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${inner}</svg>`));

/** Middle and radius. */
const DISCS = [
  [154, 179, 92, 'rgb(220,40,30)'],
  [358, 307, 113, 'rgb(40,90,200)'],
  [282, 102, 41, 'rgb(250,220,60)'],
  [102, 410, 51, 'rgb(30,160,60)'],
] as const;

/** Discs before a grey wall, which for the network are frisbees. */
const discs = () =>
  svg(
    512,
    512,
    `<defs><linearGradient id="w" x2="0" y2="1"><stop stop-color="rgb(60,80,100)"/><stop offset="1" stop-color="rgb(180,200,220)"/></linearGradient></defs>
    <rect width="512" height="512" fill="url(#w)"/>${DISCS.map(([x, y, r, fill]) => `<circle cx="${x}" cy="${y}" r="${r}" fill="${fill}"/>`).join('')}`,
  )
    .removeAlpha()
    .png()
    .toBuffer();

/** A face as a child might draw it, with some shading: middle, and how many times 100 pixels. */
function face(x: number, y: number, times: number): string {
  const eye = (at: number) => `<ellipse cx="${at}" cy="-8" rx="8" ry="4.5" fill="#f7f3ef"/>
    <circle cx="${at}" cy="-8" r="4" fill="#3a2a1c"/>
    <path d="M${at - 10},-17 Q${at},-23 ${at + 10},-17" stroke="#2c1d14" stroke-width="3.5" fill="none"/>
    <path d="M${at - 9},-9 Q${at},-15 ${at + 9},-9" stroke="#5c3c2c" stroke-width="1.5" fill="none"/>`;
  return `<g transform="translate(${x} ${y}) scale(${times})"><ellipse cx="0" cy="-12" rx="46" ry="58" fill="#3a2a20"/>
    <rect x="-20" y="40" width="40" height="40" fill="#d09a7c"/><ellipse cx="0" cy="0" rx="40" ry="52" fill="url(#skin)"/>
    <path d="M-40,-10 Q-38,-58 0,-56 Q38,-58 40,-10 Q30,-38 0,-38 Q-30,-38 -40,-10" fill="#3a2a20"/>${eye(-16)}${eye(16)}
    <path d="M-2,-6 Q-6,10 -8,13 Q0,19 8,13" stroke="#a9694f" stroke-width="2.5" fill="none"/>
    <path d="M-15,28 Q0,23 15,28 Q0,40 -15,28" fill="#b5524e"/>
    <path d="M-15,28 Q0,30 15,28" stroke="#7c2f2d" stroke-width="1.5" fill="none"/></g>`;
}

const twoFaces = () =>
  svg(
    800,
    600,
    `<defs><radialGradient id="skin" cx=".42" cy=".4" r=".75"><stop offset="0" stop-color="#f2c9ae"/>
    <stop offset="1" stop-color="#b87f61"/></radialGradient></defs><rect width="800" height="600" fill="#8fa3b5"/>
    ${face(250, 250, 1.6)}${face(580, 320, 1)}`,
  )
    .blur(1)
    .removeAlpha()
    .png()
    .toBuffer();

const middle = ([left = 0, top = 0, right = 0, bottom = 0]: readonly number[]) => [
  (left + right) / 2,
  (top + bottom) / 2,
];

describe('LocalizeObjects', () => {
  test('finds what is asked for, in the words of the question, and draws it', SLOW, async () => {
    const args = { objects: ['flying discs'] };
    const { image, regions, note } = await resultOf('LocalizeObjects', args, await discs());
    expect(image).toBe('image-1');
    expect(note).toBeUndefined();
    const [first] = regions;
    expect(first!.label).toBe('flying discs');
    expect(first!.score).toBeGreaterThan(0.3);
    const [x = 0, y = 0] = middle(first!.bbox);
    const away = DISCS.map(([cx, cy]) => Math.hypot(x - cx / 512, y - cy / 512));
    expect(Math.min(...away)).toBeLessThan(0.02);
    for (const side of first!.bbox) expect(side).toBe(Number(side.toFixed(3)));
    expect(await sharp(kept[0]).metadata()).toMatchObject({ format: 'png', width: 512, height: 512 });
  });

  test('gives the n-th of a label the name label-n', SLOW, async () => {
    const { regions } = await resultOf('LocalizeObjects', { objects: 'frisbee, ball' }, await discs());
    const frisbees = regions.map(({ label }) => label).filter((label) => label.startsWith('frisbee'));
    expect(frisbees.length).toBeGreaterThan(1);
    expect(frisbees).toEqual(frisbees.map((_, i) => (i === 0 ? 'frisbee' : `frisbee-${i + 1}`)));
    expect(regions.map(({ score }) => score)).toEqual(regions.map(({ score }) => score).toSorted((a, b) => b - a));
  });

  test('says what it cannot look for, and makes no image where nothing is found', SLOW, async () => {
    const found = await resultOf('LocalizeObjects', { objects: ['minaret', 'zebra'] }, await discs());
    expect(found).toEqual({ image: 'image-0', regions: [], note: expect.stringContaining('"minaret"') });
    expect(found.note).not.toContain('zebra');
    expect(kept).toEqual([]);
  });

  test('answers a second question about a picture without looking again', SLOW, async () => {
    const bytes = await discs();
    await resultOf('GetObjects', {}, bytes);
    const start = performance.now();
    for (let i = 0; i < 10; i++) await resultOf('GetObjects', {}, bytes);
    // One look takes 150 ms of CPU time and more.
    expect((performance.now() - start) / 10).toBeLessThan(50);
  });
});

test('GetObjects names each kind once, surest first', SLOW, async () => {
  const { objects } = await resultOf('GetObjects', {}, await discs());
  expect(objects).toContain('frisbee');
  expect(new Set(objects).size).toBe(objects.length);
});

describe('DetectFaces', () => {
  const meant = [
    { x: 250 / 800, y: 255 / 600 },
    { x: 580 / 800, y: 323 / 600 },
  ];

  test('finds faces large and small', SLOW, async () => {
    const { image, regions } = await resultOf('DetectFaces', {}, await twoFaces());
    expect(image).toBe('image-1');
    expect(regions.map(({ label }) => label)).toEqual(['face', 'face-2']);
    const places = regions.map(({ bbox }) => middle(bbox)).toSorted((a, b) => a[0]! - b[0]!);
    for (const [i, { x, y }] of meant.entries()) {
      expect(Math.abs(places[i]![0]! - x)).toBeLessThan(0.03);
      expect(Math.abs(places[i]![1]! - y)).toBeLessThan(0.05);
    }
  });

  test('also where they are a fortieth of a large picture, and on a photo that EXIF turns', SLOW, async () => {
    const wide = await sharp(await twoFaces())
      .extend({ left: 1400, right: 800, top: 900, bottom: 700, background: '#8fa3b5' })
      .toBuffer();
    const small = await sharp(wide).rotate(270).jpeg().withMetadata({ orientation: 6 }).toBuffer();
    const { regions } = await resultOf('DetectFaces', {}, small);
    expect(regions).toHaveLength(2);
    const places = regions.map(({ bbox }) => middle(bbox)).toSorted((a, b) => a[0]! - b[0]!);
    expect(Math.abs(places[0]![0]! - 1650 / 3000)).toBeLessThan(0.02);
  });

  test('none where there is none', SLOW, async () => {
    expect(await resultOf('DetectFaces', {}, await discs())).toEqual({ image: 'image-0', regions: [] });
  });
});

describe('any picture', () => {
  const blank = sharp({ create: { width: 300, height: 200, channels: 3, background: '#c8d0c0' } });

  test('tiny, long, grey, transparent, 16 bits: an answer', SLOW, async () => {
    const pictures = [
      await blank.clone().resize(1, 1).png().toBuffer(),
      await blank.clone().resize(2000, 1, { fit: 'fill' }).png().toBuffer(),
      await blank.clone().ensureAlpha(0.3).toColourspace('rgb16').png().toBuffer(),
      await blank.clone().greyscale().jpeg().toBuffer(),
    ];
    for (const bytes of pictures) {
      expect(await resultOf('DetectFaces', {}, bytes)).toMatchObject({ regions: [] });
      expect(Array.isArray((await resultOf('GetObjects', {}, bytes)).objects)).toBe(true);
    }
  });

  test('what is none, is cut off or too large is refused with a reason', SLOW, async () => {
    const huge = Buffer.from(await blank.clone().png().toBuffer());
    huge.writeUInt32BE(40_000, 16);
    huge.writeUInt32BE(40_000, 20);
    for (const bytes of [Buffer.from('hello'), Buffer.alloc(0), huge])
      for (const [name, args] of [
        ['GetObjects', {}],
        ['DetectFaces', {}],
        ['LocalizeObjects', { objects: ['dog'] }],
        ['VisualizeRegionsOnImage', { regions: [{ label: 'a', bbox: [0, 0, 1, 1] }] }],
      ] satisfies [string, JsonObject][])
        expect(await act(name, args, bytes)).toMatchObject({ ok: false, error: { code: 'unreadable_image' } });
  });

  test('a cancelled run stops at once, and the next picture is looked at', SLOW, async () => {
    const stop = new AbortController();
    const cancelled = act(
      'DetectFaces',
      {},
      await sharp(await twoFaces())
        .flop()
        .png()
        .toBuffer(),
      stop.signal,
    );
    setTimeout(() => stop.abort(new Error('cancelled')), 40);
    await expect(cancelled).rejects.toThrow('cancelled');
    expect((await resultOf('DetectFaces', {}, await twoFaces())).regions).toHaveLength(2);
  });
});

describe('VisualizeRegionsOnImage', () => {
  const regions = [{ label: 'left', bbox: [0.1, 0.2, 0.4, 0.8] }];

  test('draws what it is given, as a list, alone, as a text, without labels', async () => {
    const bytes = await discs();
    const given = [
      { regions, color: 'yellow' },
      { regions: regions[0]! },
      { regions: JSON.stringify(regions) },
      { regions: [[0.1, 0.2, 0.4, 0.8]] },
    ];
    for (const args of given)
      expect((await resultOf('VisualizeRegionsOnImage', args, bytes)).image).toMatch(/^image-\d$/);
    expect(kept).toHaveLength(given.length);
    for (const made of kept) expect(made.equals(bytes)).toBe(false);
  });

  test('says what is wrong with a colour, a box, or no region', async () => {
    const bytes = await discs();
    for (const [args, words] of [
      [{ regions, color: 'reddish' }, /must be a colour: red, orange/],
      [{ regions: [] }, /at least one region/],
      [{ regions: [{ label: 'a', bbox: [10, 20, 100, 200] }] }, /fractions of the image/],
      [{ regions: 'dog' }, /must be a list of regions/],
    ] satisfies [JsonObject, RegExp][])
      expect(await act('VisualizeRegionsOnImage', args, bytes)).toMatchObject({
        ok: false,
        error: { code: 'invalid_arguments', message: expect.stringMatching(words) },
      });
  });
});

const photos = new URL('../../../shared/data/mmvet-open/images/', import.meta.url);
describe.skipIf(!existsSync(photos))('on photos (skipped without ../shared/data/mmvet-open)', () => {
  const photo = (name: string) => readFileSync(new URL(name, photos));

  test.each([
    ['v1_20.jpg', ['dog', 'frisbee', 'man']],
    ['v1_128.jpg', ['puppy', 'cat']],
    ['v1_94.jpg', ['smartphone']],
  ] as const)('%s has each of %j', SLOW, async (name, objects) => {
    const { regions } = await resultOf('LocalizeObjects', { objects: [...objects] }, photo(name));
    expect(new Set(regions.map(({ label }) => label))).toEqual(new Set(objects));
  });

  test.each([
    ['v1_108.jpg', 2],
    ['v1_115.jpg', 1],
    ['v1_25.png', 2],
    ['v1_9.png', 0],
  ] as const)('%s has %i faces', SLOW, async (name, count) => {
    expect((await resultOf('DetectFaces', {}, photo(name))).regions).toHaveLength(count);
  });
});

describe('a crowd', () => {
  test('is told by its surest hundred, with how many there are', () => {
    const crowd = Array.from({ length: 900 }, (_, i) => ({
      label: 'person',
      bbox: [0, 0, 0.1, 0.1] as const,
      score: 1 - i / 1000,
    }));
    expect(surestFew(crowd.slice(0, 100))).toEqual({ few: crowd.slice(0, 100) });
    const { few, remark } = surestFew(crowd);
    expect(regionList(few).at(-1)).toMatchObject({ label: 'person-100', score: 0.9 });
    expect(few).toHaveLength(100);
    expect(remark).toBe('900 were found; these are the 100 surest. Crop the image to see the others.');
  });

  test('of names is refused before anybody looks', async () => {
    const objects = Array.from({ length: 13 }, (_, n) => ['a', 'b', 'c', 'd', 'e'].map((c) => `${c}${n}`).join(', '));
    const outcome = await act('LocalizeObjects', { objects }, Buffer.from('no picture'));
    expect(outcome).toMatchObject({ ok: false, error: { code: 'invalid_arguments' } });
    expect(JSON.stringify(outcome)).toContain('names 65 kinds of objects; it may name 64 at most');
  });
});
