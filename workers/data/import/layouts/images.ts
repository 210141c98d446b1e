/** Pictures as layouts name them: bytes, base64, a data URL, a URL, or a path within the archive. */
import type { RawImage } from '../raw.ts';

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** @returns undefined for what names no picture */
export function imageOf(value: unknown): RawImage | undefined {
  if (value instanceof Uint8Array) return value.length > 0 ? { bytes: value } : undefined;
  if (typeof value === 'string') {
    const text = value.trim();
    if (text === '') return undefined;
    if (/^data:/i.test(text)) return { base64: text };
    if (/^(?:https?|s3):\/\//i.test(text)) return { url: text };
    // Longer than any path, and nothing but base64.
    if (text.length > 300 && /^[A-Za-z0-9+/=\s_-]{200}/.test(text)) return { base64: text };
    return { path: text };
  }
  if (!isMap(value)) return undefined;
  const { bytes, path, url, image, base64, image_url: imageUrl } = value;
  if (Array.isArray(bytes)) {
    const good = bytes.every((byte) => Number.isInteger(byte) && byte >= 0 && byte < 256);
    return good && bytes.length > 0 ? { bytes: Uint8Array.from(bytes as number[]) } : undefined;
  }
  if (typeof bytes === 'string' && bytes !== '') return { base64: bytes };
  if (typeof base64 === 'string' && base64 !== '') return { base64 };
  for (const one of [bytes, url, imageUrl, path, image]) {
    const found = one === undefined || one === null ? undefined : imageOf(one);
    if (found) return found;
  }
  return undefined;
}

/** @returns all of them, or what is wrong */
export function imagesOf(value: unknown): RawImage[] | string {
  if (value === undefined || value === null || value === '') return [];
  const list: unknown[] = Array.isArray(value) ? value : [value];
  const images: RawImage[] = [];
  for (const [at, one] of list.entries()) {
    const image = imageOf(one);
    if (!image) return `image ${at} is neither bytes nor the name of a picture`;
    images.push(image);
  }
  return images;
}

export { isMap };
