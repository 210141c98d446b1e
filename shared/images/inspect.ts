import sharp from 'sharp';
import { broken, type ImageFacts, readHeader, typeOf } from './header.ts';
import { inTurn } from './in-turn.ts';
import { ImageRefused, megabytes } from './refused.ts';
import { type ImageType, isAnimatedPng } from './sniff.ts';

export interface ImageLimits {
  /** Bytes of the file. OpenAI takes 20 MB. */
  readonly maxBytes: number;
  /** Width times height, read from the header before anything is decoded. */
  readonly maxPixels: number;
  /** Pixels of the shorter side at least; default 1. */
  readonly minSide?: number;
  /** Seconds that decoding may take; default 30. */
  readonly decodeSeconds?: number;
}

/**
 * Says what an image is, once it is known to be whole: what a glance tells, then one full decode. Only then is it
 * worth a run's money. Bytes behind the image's end are let be (phones keep films there).
 * @throws ImageRefused with OpenAI's code and what to do
 */
export async function inspectImage(bytes: Buffer, limits: ImageLimits): Promise<ImageFacts> {
  const facts = await glanceAtImage(bytes, limits);
  await inTurn(facts.width * facts.height, () => decodeAll(bytes, facts.contentType, limits));
  return facts;
}

/**
 * What shows without decoding: kind by the first bytes, limits by the header. Cheap enough to answer a request by; the
 * pixels may still be damaged.
 * @throws ImageRefused with OpenAI's code and what to do
 */
export async function glanceAtImage(bytes: Buffer, limits: ImageLimits): Promise<ImageFacts> {
  if (bytes.length === 0)
    throw new ImageRefused('empty_image_file', 'The image file is empty (0 bytes). Send the whole file.');
  if (bytes.length > limits.maxBytes) {
    throw new ImageRefused(
      'image_file_too_large',
      `The image file has ${bytes.length} bytes; at most ${limits.maxBytes} (${megabytes(limits.maxBytes)}) are taken. Send a smaller one.`,
    );
  }
  const contentType = typeOf(bytes);
  const header = await readHeader(bytes, contentType);
  const { width, height } = header.autoOrient;
  const minSide = limits.minSide ?? 1;
  if (width * height > limits.maxPixels) {
    throw new ImageRefused(
      'image_too_large',
      `The image has ${width} x ${height} pixels; at most ${Math.floor(limits.maxPixels / 1e6)} megapixels are taken. Scale it down.`,
    );
  }
  if (Math.min(width, height) < minSide) {
    throw new ImageRefused(
      'image_too_small',
      `The image has ${width} x ${height} pixels; each side needs ${minSide} or more.`,
    );
  }
  if ((header.pages ?? 1) > 1 || (contentType === 'image/png' && isAnimatedPng(bytes))) {
    throw new ImageRefused(
      'invalid_image_format',
      'The image is an animation. Send the frame you mean as a PNG or JPEG.',
    );
  }
  return { contentType, width, height };
}

/** Decodes every row, at little memory: the picture itself is shrunk on its way through and thrown away. */
async function decodeAll(
  bytes: Buffer,
  contentType: ImageType,
  { maxPixels, decodeSeconds = 30 }: ImageLimits,
): Promise<void> {
  try {
    await sharp(bytes, { failOn: 'error', limitInputPixels: maxPixels, sequentialRead: true })
      // Keeps the decoder from shrinking on its way, which skips what a JPEG lacks at its end: tools read all of it.
      .pipelineColourspace('srgb')
      .resize(16, 16, { fit: 'fill' })
      .timeout({ seconds: decodeSeconds })
      .raw()
      .toBuffer();
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('timeout')) {
      throw new ImageRefused(
        'image_too_large',
        `The image takes more than ${decodeSeconds} seconds to decode. Scale it down or save it anew.`,
        { cause: error },
      );
    }
    throw broken(contentType, error);
  }
}
