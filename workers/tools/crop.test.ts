import sharp from 'sharp';
import { expect, test } from 'vitest';
import type { JsonObject } from '../../shared/contract.ts';
import { inTurn } from '../../shared/images/in-turn.ts';
import { pictureContext } from '../../test/tool-services.ts';
import { executeTool, findTool } from './registry.ts';

/** A picture whose red is its column and whose green is its row, so that every pixel tells where it comes from. */
async function gradient(width = 200, height = 100): Promise<Buffer> {
  const rgb = Buffer.alloc(width * height * 3);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) rgb.set([x, y, 0], (y * width + x) * 3);
  return sharp(rgb, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
}

async function act(name: string, args: JsonObject, bytes: Buffer, signal = new AbortController().signal) {
  const kept: Buffer[] = [];
  const context = pictureContext(bytes, (made) => `image-${kept.push(made)}`, signal);
  const outcome = await executeTool(findTool(name), { image: 'image-0', ...args }, context);
  return { outcome, kept };
}

async function pixels(png: Buffer) {
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  const at = (x: number, y: number) => [...data.subarray((y * info.width + x) * info.channels).subarray(0, 3)];
  return { width: info.width, height: info.height, at };
}

test('Crop keeps the box and a tenth of its size around it, pixel for pixel', async () => {
  const { outcome, kept } = await act('Crop', { bbox: [0.25, 0.4, 0.75, 0.8] }, await gradient());
  expect(outcome).toEqual({ ok: true, result: { image: 'image-1' } });
  const { width, height, at } = await pixels(kept[0]!);
  // 100 x 40 pixels and a margin of 10 and 4 on each side, from (40, 36).
  expect([width, height]).toEqual([120, 48]);
  expect(at(0, 0)).toEqual([40, 36, 0]);
  expect(at(119, 47)).toEqual([159, 83, 0]);
});

test('Crop stops at the edges of the image', async () => {
  const { kept } = await act('Crop', { bbox: [0, 0, 1, 1] }, await gradient());
  const { width, height, at } = await pixels(kept[0]!);
  expect([width, height]).toEqual([200, 100]);
  expect(at(199, 99)).toEqual([199, 99, 0]);
});

test('Crop sees a photo upright, as the user does', async () => {
  // Orientation 6: shown after a quarter turn clockwise, so 100 wide and 200 high.
  const photo = await sharp(await gradient())
    .withMetadata({ orientation: 6 })
    .png()
    .toBuffer();
  const { kept } = await act('Crop', { bbox: [0, 0, 1, 0.5] }, photo);
  const { width, height, at } = await pixels(kept[0]!);
  expect([width, height]).toEqual([100, 110]);
  // The left bottom corner of the file has turned to the left top.
  expect(at(0, 0)).toEqual([0, 99, 0]);
});

test('the same action gives the same bytes', async () => {
  const bytes = await gradient();
  for (const [name, args] of [
    ['Crop', { bbox: [0.1, 0.2, 0.5, 0.6] }],
    ['ZoomIn', { bbox: [0.1, 0.2, 0.5, 0.6], zoom_factor: 2.5 }],
  ] satisfies [string, JsonObject][]) {
    const [first, second] = [await act(name, args, bytes), await act(name, args, bytes)];
    expect(first.kept[0]!.equals(second.kept[0]!)).toBe(true);
  }
});

test('ZoomIn enlarges by its factor', async () => {
  const { outcome, kept } = await act('ZoomIn', { bbox: [0.25, 0.4, 0.75, 0.8], zoom_factor: '3' }, await gradient());
  expect(outcome).toEqual({ ok: true, result: { image: 'image-1', zoom_factor: 3 } });
  const { width, height, at } = await pixels(kept[0]!);
  expect([width, height]).toEqual([360, 144]);
  expect(at(180, 72)).toEqual([100, 60, 0]);
});

test('ZoomIn keeps within four million pixels and says by how much it enlarged', async () => {
  const { outcome, kept } = await act('ZoomIn', { bbox: [0, 0, 1, 1], zoom_factor: 20 }, await gradient(1000, 1000));
  expect(outcome).toEqual({ ok: true, result: { image: 'image-1', zoom_factor: 2.05 } });
  const { width, height } = await pixels(kept[0]!);
  expect([width, height]).toEqual([2048, 2048]);
});

test('a part of a large picture may have more pixels than the cap: it is not shrunk', async () => {
  const large = await sharp({ create: { width: 3000, height: 2000, channels: 3, background: '#345' } })
    .jpeg()
    .toBuffer();
  const { outcome, kept } = await act('ZoomIn', { bbox: [0, 0, 1, 1], zoom_factor: 2 }, large);
  expect(outcome).toEqual({ ok: true, result: { image: 'image-1', zoom_factor: 1 } });
  expect(await pixels(kept[0]!)).toMatchObject({ width: 3000, height: 2000 });
});

test('grey, transparent and animated pictures can be cut', async () => {
  const frame = (grey: number) => ({
    create: { width: 20, height: 20, channels: 3 as const, background: { r: grey, g: grey, b: grey } },
  });
  const pictures = [
    await sharp(frame(50)).greyscale().png().toBuffer(),
    await sharp(frame(50)).ensureAlpha(0.5).png().toBuffer(),
    await sharp(frame(50)).webp().toBuffer(),
    await sharp(await Promise.all([50, 200].map((grey) => sharp(frame(grey)).png().toBuffer())), {
      join: { animated: true },
    })
      .gif()
      .toBuffer(),
  ];
  for (const bytes of pictures) {
    const { outcome, kept } = await act('Crop', { bbox: [0, 0, 0.5, 0.5] }, bytes);
    expect(outcome).toEqual({ ok: true, result: { image: 'image-1' } });
    expect(await pixels(kept[0]!)).toMatchObject({ width: 11, height: 11 });
  }
});

test('what cannot be cut is refused with words that help', async () => {
  const tiny = await act('Crop', { bbox: [0.5, 0.5, 0.501, 0.501] }, await gradient());
  expect(tiny.outcome).toMatchObject({
    ok: false,
    error: { code: 'empty_box', message: expect.stringContaining('take a larger one') },
  });
  const text = await act('Crop', { bbox: [0, 0, 1, 1] }, Buffer.from('no picture'));
  expect(text.outcome).toMatchObject({ ok: false, error: { code: 'unreadable_image' } });
});

test('large pictures are cut one at a time, small ones meanwhile; one that is cancelled while it waits is not cut', async () => {
  const large = await sharp({ create: { width: 5000, height: 4000, channels: 3, background: '#345' } })
    .jpeg()
    .toBuffer();
  const { promise: turn, resolve: over } = Promise.withResolvers<void>();
  const other = inTurn(50_000_000, () => turn);
  const done: string[] = [];
  const stop = new AbortController();
  const box = { bbox: [0, 0, 0.1, 0.1] };
  const waiting = act('Crop', box, large).finally(() => done.push('large'));
  const cancelled = act('ZoomIn', { ...box, zoom_factor: 2 }, large, stop.signal);
  expect((await act('Crop', box, await gradient())).outcome.ok).toBe(true);
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(done).toEqual([]);
  stop.abort(new Error('cancelled'));
  await expect(cancelled).rejects.toThrow('cancelled');
  over();
  await other;
  expect((await waiting).kept).toHaveLength(1);
});
