/** OpenAI's error codes for images (ResponseError of the official client) that we give. */
export type ImageRefusalCode =
  | 'empty_image_file'
  | 'image_file_too_large'
  | 'image_too_large'
  | 'image_too_small'
  | 'image_parse_error'
  | 'invalid_image'
  | 'invalid_image_format'
  | 'invalid_base64_image'
  | 'invalid_image_url'
  | 'unsupported_image_media_type';

/** The image cannot be used, now or later. The message tells its sender what to do. */
export class ImageRefused extends Error {
  override readonly name = 'ImageRefused';
  readonly code: ImageRefusalCode;
  constructor(code: ImageRefusalCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Bytes in the unit in which people think of files. */
export function megabytes(bytes: number): string {
  return `${Math.round(bytes / 104_857.6) / 10} MB`;
}
