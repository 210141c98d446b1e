/** The images of a create request, checked as far as can be said without fetching and decoding them. */
import { findArtifact } from '../artifact.ts';
import type { Env } from '../env.ts';
import { CotaError, codeOf } from '../errors.ts';
import type { Files } from '../files/files.ts';
import { glanceAtImage, parseDataUrl } from '../images.ts';
import { isS3Url, type ObjectStore, parseS3Url } from '../object-store.ts';
import type { RequestedImage } from '../request.ts';
import type { CheckedImage } from '../run/submit.ts';

export interface RequestedImageLimits {
  readonly maxBytes: number;
  readonly maxPixels: number;
  /** What may be fetched: throws FetchRefused. */
  readonly checkUrl: (url: string) => URL;
  /** Buckets that s3:// URLs may name. */
  readonly buckets: readonly string[];
  /** Where the bytes of a file id lie. @throws CotaError where they cannot be had */
  readonly file: (id: string) => Promise<{ readonly key: string; readonly bytes: number }>;
}

export interface ImageCheckParts {
  readonly env: Env;
  readonly objects: ObjectStore;
  readonly files: Files;
  readonly urls: { readonly check: (url: string) => URL };
}

/** What `checkImages` asks for, for requests of a tenant. */
export function imageLimits({ env, objects, files, urls }: ImageCheckParts, tenant: string): RequestedImageLimits {
  return {
    maxBytes: env.COTA_IMAGE_BYTES,
    maxPixels: env.COTA_IMAGE_PIXELS,
    checkUrl: urls.check,
    buckets: env.COTA_S3_READ_BUCKETS,
    file: (id) => findFile(objects, files, tenant, id),
  };
}

/**
 * @returns in the order of the request
 * @throws CotaError with OpenAI's code for the image and the `param` of the first one that is wrong
 */
export async function checkImages(
  images: readonly RequestedImage[],
  limits: RequestedImageLimits,
): Promise<CheckedImage[]> {
  const checked: CheckedImage[] = [];
  for (const image of images) {
    try {
      checked.push('fileId' in image ? await checkFile(image.fileId, limits) : await check(image.url.trim(), limits));
    } catch (error) {
      throw refusal(error, image.param);
    }
  }
  return checked;
}

async function check(url: string, limits: RequestedImageLimits): Promise<CheckedImage> {
  const { maxBytes, maxPixels, checkUrl, buckets } = limits;
  if (isS3Url(url)) {
    const { bucket, key } = parseS3Url(url, buckets);
    return { from: 'url', url: `s3://${bucket}/${key}` };
  }
  if (!/^data:/i.test(url)) return { from: 'url', url: checkUrl(url).href };
  const { bytes } = parseDataUrl(url, { maxBytes });
  const { contentType } = await glanceAtImage(bytes, { maxBytes, maxPixels });
  return { from: 'bytes', bytes, contentType };
}

async function checkFile(id: string, { file, maxBytes }: RequestedImageLimits): Promise<CheckedImage> {
  const { key, bytes } = await file(id);
  if (bytes > maxBytes) {
    const words = `The file '${id}' has ${bytes.toLocaleString('en')} bytes; an image may have ${maxBytes.toLocaleString('en')}.`;
    throw new CotaError('image_file_too_large', words);
  }
  return { from: 'object', key, bytes };
}

/** An uploaded file, or an image that a run of the tenant has: both are named by a file_id. */
async function findFile(
  objects: ObjectStore,
  files: Files,
  tenant: string,
  id: string,
): Promise<{ key: string; bytes: number }> {
  const sha256 = /^file-([0-9a-f]{64})$/.exec(id)?.[1];
  if (sha256 !== undefined) {
    const artifact = await findArtifact(objects, tenant, sha256);
    if (artifact) return artifact;
  } else {
    const file = await files.get(tenant, id);
    if (file && file.purpose !== 'vision' && file.purpose !== 'user_data') {
      const words = `The file '${id}' was uploaded with purpose "${file.purpose}": images need "vision" or "user_data".`;
      throw new CotaError('invalid_value', words);
    }
    const [part] = file?.parts ?? [];
    if (part) return part;
  }
  const words = `There is no file '${id.slice(0, 100)}', or it was deleted or has expired: upload it with POST /v1/files and purpose "vision".`;
  throw new CotaError('image_file_not_found', words);
}

function refusal(error: unknown, param: string): unknown {
  if (!(error instanceof Error)) return error;
  if (error.name === 'FetchRefused') return new CotaError('invalid_image_url', error.message, { param });
  if (error.name === 'ImageRefused') return new CotaError(codeOf(error), error.message, { param });
  if (error instanceof CotaError && error.param === undefined)
    return new CotaError(error.code, error.message, { param });
  return error;
}
