import '../../../shared/images/sharp-settings.ts';
import sharp from 'sharp';

/** Pixels of an upright picture: RGB, 3 bytes each, row by row. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly rgb: Uint8Array;
}

/** Pixels that are decoded at most: 100 million, more than phones make, and under half a gigabyte while decoding. */
const MOST_PIXELS = 100_000_000;
/** Longest side that is kept in memory for cutting out lines: 4096 x 4096 x 3 bytes = 50 MB at worst. */
const LONGEST_SIDE = 4096;

/** Thrown when bytes cannot be read as a picture; the message is fit for the model. */
export class PictureError extends Error {
  override readonly name = 'PictureError';
}

/**
 * Decodes PNG, JPEG, WebP, GIF (its first frame), TIFF and what else sharp reads; turns it upright by its EXIF
 * orientation, lays transparency over white, and makes grey and CMYK pictures RGB.
 * @throws PictureError when the bytes are no picture or it has too many pixels
 */
export async function decodePicture(bytes: Uint8Array): Promise<Picture> {
  try {
    const { data, info } = await sharp(bytes, { limitInputPixels: MOST_PIXELS, failOn: 'error', pages: 1 })
      .autoOrient()
      .flatten({ background: '#ffffff' })
      .toColourspace('srgb')
      .resize({ width: LONGEST_SIDE, height: LONGEST_SIDE, fit: 'inside', withoutEnlargement: true })
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, rgb: info.channels === 3 ? data : spread(data) };
  } catch (error) {
    throw new PictureError(`the picture cannot be read: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  }
}

/** Grey to RGB, where the decoder kept one channel. */
function spread(grey: Uint8Array): Uint8Array {
  const rgb = new Uint8Array(grey.length * 3);
  for (let i = 0; i < grey.length; i++) rgb.fill(grey[i]!, i * 3, i * 3 + 3);
  return rgb;
}

/** The picture at another size (Lanczos when shrinking, cubic when growing). */
export async function resizePicture(picture: Picture, width: number, height: number): Promise<Picture> {
  if (width === picture.width && height === picture.height) return picture;
  const kernel = width < picture.width ? 'lanczos3' : 'cubic';
  const rgb = await sharp(picture.rgb, { raw: { width: picture.width, height: picture.height, channels: 3 } })
    .resize(width, height, { fit: 'fill', kernel })
    .raw()
    .toBuffer();
  return { width, height, rgb };
}
