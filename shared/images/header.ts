/** What can be said of an image before it is decoded. */
import './sharp-settings.ts';
import sharp, { type Metadata } from 'sharp';
import { ImageRefused } from './refused.ts';
import { type ImageType, sniff } from './sniff.ts';

export interface ImageFacts {
  readonly contentType: ImageType;
  /** Pixels as the image is looked at: after the EXIF orientation. */
  readonly width: number;
  readonly height: number;
}

/** The kind of a file, if it is one that is taken in; throws ImageRefused otherwise. */
export function typeOf(bytes: Buffer): ImageType {
  // sharp would also open SVG, TIFF, HEIF and more: decoders with a larger surface, one of which (SVG) can refer to
  // other files. Only the four kinds get that far.
  const found = sniff(bytes);
  if (found.is === 'image') return found.type;
  if (found.is === 'other') {
    throw new ImageRefused(
      'invalid_image_format',
      `${found.name} files are not taken. Convert it to PNG, JPEG, WebP or GIF.`,
    );
  }
  throw new ImageRefused(
    'invalid_image',
    'The file is not an image (by its content, whatever its name). Send a PNG, JPEG, WebP or GIF.',
  );
}

/** Sizes and properties, without decoding; whatever the size is. */
export async function readHeader(bytes: Buffer, contentType: ImageType): Promise<Metadata> {
  try {
    return await sharp(bytes, { limitInputPixels: false }).metadata();
  } catch (error) {
    throw broken(contentType, error);
  }
}

/** What a decoder's complaint means to the sender. */
export function broken(type: ImageType, cause: unknown): ImageRefused {
  return new ImageRefused(
    'image_parse_error',
    `The ${type.replace('image/', '').toUpperCase()} file is damaged or cut short. Send the whole file, or open and save it anew.`,
    { cause },
  );
}
