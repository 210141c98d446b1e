/** A picture that lacks its last bytes: all who read an image must agree with the door on whether it is one. */
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { inspectImage } from '../../shared/images/inspect.ts';
import { modelPart } from '../../shared/images/model-part.ts';
import { decodePicture } from './engines/picture.ts';
import { cutOut } from './region.ts';

const page = Buffer.from(
  `<svg width="565" height="898"><rect width="565" height="898" fill="white"/><text x="40" y="860" font-size="40">TOTAL 12.50</text></svg>`,
);
const jpeg = await sharp(page).jpeg().toBuffer();
const limits = { maxBytes: 1e7, maxPixels: 20_000_000 };
const says = (reading: Promise<unknown>): Promise<'read' | 'refused'> =>
  reading.then(
    () => 'read',
    () => 'refused',
  );

test.each([0, 1, 2, 3, 10, 50, 200, 1_000])('a JPEG without its last %i bytes', async (missing) => {
  const bytes = jpeg.subarray(0, jpeg.length - missing);
  const readers = await Promise.all([
    says(inspectImage(bytes, limits)),
    says(decodePicture(bytes)),
    says(cutOut(bytes, [0, 0, 1, 1], 0)),
    says(modelPart(bytes, { maxPixels: 1e6 })),
  ]);
  expect(new Set(readers).size).toBe(1);
  if (missing === 0 || missing === 1_000) expect(readers[0]).toBe(missing === 0 ? 'read' : 'refused');
});
