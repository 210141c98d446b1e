import sharp, { type Metadata } from 'sharp';
import { broken, type ImageFacts, readHeader, typeOf } from './header.ts';
import { inTurn } from './in-turn.ts';
import type { ImageType } from './sniff.ts';

export interface PartLimits {
  readonly maxPixels: number;
  /** Pixels of the longer side; no limit when left out. */
  readonly maxSide?: number;
}

export interface ImagePart extends ImageFacts {
  readonly bytes: Buffer;
}

// Up to here a PNG of a screenshot or diagram stays sharp at a bearable size; photos saved as PNG go on as JPEG.
const PNG_PIXELS = 1_000_000;

/**
 * Prepares a checked image for a model: upright, on white where it was transparent, sRGB, without metadata (place,
 * camera), scaled down once to the limits. The same bytes and limits give the same part.
 */
export async function modelPart(bytes: Buffer, limits: PartLimits): Promise<ImagePart> {
  const source = typeOf(bytes);
  const header = await readHeader(bytes, source);
  const whole = header.autoOrient;
  const { width, height } = fitWithin(whole.width, whole.height, limits);
  if (width === whole.width && height === whole.height && isPlain(bytes, header))
    return { bytes, contentType: source, width, height };

  const lossless = source === 'image/png' || source === 'image/gif';
  const contentType: ImageType = lossless && width * height <= PNG_PIXELS ? 'image/png' : 'image/jpeg';
  try {
    const pipeline = sharp(bytes, { failOn: 'error', limitInputPixels: false })
      .autoOrient()
      .resize(width, height, { fit: 'fill' })
      .flatten({ background: '#ffffff' })
      .toColourspace('srgb');
    // 4:4:4 keeps the edges of coloured letters, which OCR and models read.
    const encoded =
      contentType === 'image/png' ? pipeline.png() : pipeline.jpeg({ quality: 90, chromaSubsampling: '4:4:4' });
    const made = await inTurn(whole.width * whole.height, () => encoded.toBuffer());
    return { bytes: made, contentType, width, height };
  } catch (error) {
    throw broken(source, error);
  }
}

/** The largest size of the same shape within the limits; never larger than the image itself. */
function fitWithin(
  width: number,
  height: number,
  { maxPixels, maxSide = Infinity }: PartLimits,
): { width: number; height: number } {
  const scale = Math.min(1, Math.sqrt(maxPixels / (width * height)), maxSide / Math.max(width, height));
  if (scale === 1) return { width, height };
  return { width: Math.max(1, Math.floor(width * scale)), height: Math.max(1, Math.floor(height * scale)) };
}

/** Whether the file can go to a model as it is: everything that the pipeline would change or leave out is absent. */
function isPlain(bytes: Buffer, header: Metadata): boolean {
  const { format, space, depth, hasAlpha, orientation = 1, exif, icc, xmp, iptc, comments, gainMap } = header;
  if (space !== 'srgb' || depth !== 'uchar' || hasAlpha || orientation !== 1) return false;
  if ([exif, icc, xmp, iptc, comments, gainMap].some((part) => part !== undefined)) return false;
  // Whatever follows the image's end (a film, another file) is not for the model.
  if (format === 'jpeg') return bytes.readUInt16BE(bytes.length - 2) === 0xffd9;
  return format === 'png' && bytes.toString('latin1', bytes.length - 8, bytes.length - 4) === 'IEND';
}
