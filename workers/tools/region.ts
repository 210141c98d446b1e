import sharp, { type OutputInfo } from 'sharp';
import { inTurn } from '../../shared/images/in-turn.ts';
import { ToolError } from './tool.ts';

/** Pixels of a picture that is cut from at most: 100 million, as at intake. */
const MOST_PIXELS = 100_000_000;
/** For a call. A large picture takes seconds, and first waits behind those of other runs. */
export const CUT_LIMIT_MS = 60_000;
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

export interface CutOptions {
  readonly size?: (region: Region) => { readonly width: number; readonly height: number };
  readonly signal?: AbortSignal;
}

/**
 * A part of a picture, upright by its EXIF orientation. The same bytes and box give the same bytes: PNG, no metadata.
 * @param margin room left around the box on each side, as a share of the box's own width and height
 * Large pictures are held in memory whole, so this process cuts from one of them at a time.
 * @param options.size the pixels of the cut-out as it should come out, from the pixels that it has
 * @param options.signal is looked at when the turn has come
 * @throws ToolError `unreadable_image` or `empty_box`; the signal's reason
 */
export async function cutOut(bytes: Buffer, box: Box, margin: number, options: CutOptions = {}): Promise<Buffer> {
  return inTurn(await pixelsOf(bytes), () => {
    options.signal?.throwIfAborted();
    return cutNow(bytes, box, margin, options);
  });
}

async function cutNow(
  bytes: Buffer,
  box: Box,
  margin: number,
  { size = (region) => region }: CutOptions,
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

const open = (bytes: Buffer) => sharp(bytes, { limitInputPixels: MOST_PIXELS, pages: 1, failOn: 'error' });

/** From the header alone. */
async function pixelsOf(bytes: Buffer): Promise<number> {
  try {
    const { width, height } = await open(bytes).metadata();
    return width * height;
  } catch (error) {
    throw unreadable(error);
  }
}

async function uprightPixels(bytes: Buffer): Promise<{ data: Buffer; info: OutputInfo }> {
  try {
    return await open(bytes).autoOrient().toColourspace('srgb').raw().toBuffer({ resolveWithObject: true });
  } catch (error) {
    throw unreadable(error);
  }
}

const unreadable = (error: unknown) =>
  new ToolError('unreadable_image', `the picture cannot be read: ${error instanceof Error ? error.message : error}`);

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
