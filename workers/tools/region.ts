import sharp, { type OutputInfo } from 'sharp';
import { ToolError } from './tool.ts';

/** Pixels of a picture that is cut from at most: 100 million, as at intake. */
const MOST_PIXELS = 100_000_000;
/** Smaller cut-outs than this say nothing and break what looks at them next. */
const SMALLEST_SIDE = 2;

/** [left, top, right, bottom] as fractions of the upright picture. */
export type Box = readonly number[];

/** A place in whole pixels, and the size of the picture that it lies in. */
export interface Region {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/**
 * A part of a picture, upright by its EXIF orientation. The same bytes and box give the same bytes: PNG, no metadata.
 * @param margin room left around the box on each side, as a share of the box's own width and height
 * @param size the pixels of the cut-out as it should come out, from the pixels that it has
 * @throws ToolError `unreadable_image` or `empty_box`
 */
export async function cutOut(
  bytes: Buffer,
  box: Box,
  margin: number,
  size: (region: Region) => { readonly width: number; readonly height: number } = (region) => region,
): Promise<Buffer> {
  const upright = await uprightPixels(bytes);
  const region = regionOf(box, margin, upright.info);
  const { width, height } = size(region);
  const { width: w, height: h, channels } = upright.info;
  return sharp(upright.data, { raw: { width: w, height: h, channels } })
    .extract(region)
    .resize(width, height, { fit: 'fill', kernel: 'lanczos3' })
    .png({ compressionLevel: 6, adaptiveFiltering: false, palette: false })
    .toBuffer();
}

async function uprightPixels(bytes: Buffer): Promise<{ data: Buffer; info: OutputInfo }> {
  try {
    return await sharp(bytes, { limitInputPixels: MOST_PIXELS, pages: 1 })
      .autoOrient()
      .toColourspace('srgb')
      .raw()
      .toBuffer({ resolveWithObject: true });
  } catch (error) {
    throw new ToolError(
      'unreadable_image',
      `the picture cannot be read: ${error instanceof Error ? error.message : error}`,
    );
  }
}

function regionOf(
  [left = 0, top = 0, right = 1, bottom = 1]: Box,
  margin: number,
  { width, height }: { readonly width: number; readonly height: number },
): Region {
  const [w, h] = [(right - left) * width, (bottom - top) * height];
  if (Math.min(w, h) < SMALLEST_SIDE)
    throw new ToolError(
      'empty_box',
      `bbox covers only ${w.toFixed(1)} x ${h.toFixed(1)} pixels of this ${width} x ${height} image: take a larger one`,
    );
  // Fractions are seldom exact: a pixel that is touched by a millionth is not meant.
  const from = (at: number) => Math.max(0, Math.floor(at + 1e-6));
  const to = (at: number, end: number) => Math.min(end, Math.ceil(at - 1e-6));
  const [x0, y0] = [from(left * width - w * margin), from(top * height - h * margin)];
  const [x1, y1] = [to(right * width + w * margin, width), to(bottom * height + h * margin, height)];
  return { left: x0, top: y0, width: x1 - x0, height: y1 - y0 };
}
