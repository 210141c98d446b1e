import { ImageRefused, megabytes } from './refused.ts';
import { IMAGE_TYPES } from './sniff.ts';

export interface DataUrlImage {
  /** As declared; what the bytes are is for inspectImage to say. */
  readonly contentType: string;
  readonly bytes: Buffer;
}

/**
 * Reads an image out of `data:image/png;base64,...`.
 * @param maxBytes of the decoded image; checked before anything is decoded
 * @throws ImageRefused with what to do
 */
export function parseDataUrl(url: string, { maxBytes }: { readonly maxBytes: number }): DataUrlImage {
  const comma = url.indexOf(',');
  if (!/^data:/i.test(url) || comma < 0 || comma > 300) {
    throw new ImageRefused(
      'invalid_image_url',
      'The data URL cannot be read. Write data:image/png;base64,<base64 of the file>.',
    );
  }
  const [type = '', ...parameters] = url
    .slice(5, comma)
    .toLowerCase()
    .split(';')
    .map((part) => part.trim());
  if (type !== 'image/jpg' && !(IMAGE_TYPES as readonly string[]).includes(type)) {
    throw new ImageRefused(
      'unsupported_image_media_type',
      `The data URL declares "${type || 'no media type'}". Send one of ${IMAGE_TYPES.join(', ')}.`,
    );
  }
  if (parameters.at(-1) !== 'base64') {
    throw new ImageRefused(
      'invalid_base64_image',
      `The data URL is not marked as base64. Write data:${type};base64,<base64 of the file>.`,
    );
  }
  // Base64 writes 3 bytes as 4 characters; line breaks and %-codes only make the text longer, so the generous bound of
  // one and a half still keeps a huge text from being copied.
  if (url.length - comma > maxBytes * 2 + 1_000) throw tooLarge(maxBytes);
  const text = clean(url.slice(comma + 1));
  if (text === '')
    throw new ImageRefused('empty_image_file', 'The data URL holds no bytes. Send the whole file as base64.');
  const padding = /={0,2}$/.exec(text)?.[0].length ?? 0;
  const length = text.length - padding;
  if (length % 4 === 1 || (padding > 0 && text.length % 4 !== 0) || !/^[A-Za-z0-9+/]*$/.test(text.slice(0, length))) {
    throw new ImageRefused(
      'invalid_base64_image',
      'The data URL is not valid base64. Encode the file with the standard alphabet (A-Z a-z 0-9 + /) and send all of it.',
    );
  }
  if (Math.floor((length * 3) / 4) > maxBytes) throw tooLarge(maxBytes);
  return { contentType: type === 'image/jpg' ? 'image/jpeg' : type, bytes: Buffer.from(text, 'base64') };
}

/** Undoes what transports do to long texts: line breaks and %-codes. */
function clean(text: string): string {
  const plain = /\s/.test(text) ? text.replace(/\s+/g, '') : text;
  if (!plain.includes('%')) return plain;
  try {
    return decodeURIComponent(plain).replace(/\s+/g, '');
  } catch {
    return plain;
  }
}

function tooLarge(maxBytes: number): ImageRefused {
  return new ImageRefused(
    'image_file_too_large',
    `The image in the data URL is larger than ${megabytes(maxBytes)}. Send a smaller one.`,
  );
}
