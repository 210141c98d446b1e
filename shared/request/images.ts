/** The images of a create request, checked as far as can be said without fetching and decoding them. */
import { CotaError, codeOf } from '../errors.ts';
import { glanceAtImage, parseDataUrl } from '../images.ts';
import type { RequestedImage } from '../request.ts';
import type { CheckedImage } from '../run/submit.ts';

export interface RequestedImageLimits {
  readonly maxBytes: number;
  readonly maxPixels: number;
  /** What may be fetched: throws FetchRefused. */
  readonly checkUrl: (url: string) => URL;
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
      checked.push(await check(image.url, limits));
    } catch (error) {
      throw refusal(error, image.param);
    }
  }
  return checked;
}

async function check(url: string, { maxBytes, maxPixels, checkUrl }: RequestedImageLimits): Promise<CheckedImage> {
  if (!/^data:/i.test(url.trimStart())) return { from: 'url', url: checkUrl(url.trim()).href };
  const { bytes } = parseDataUrl(url.trim(), { maxBytes });
  const { contentType } = await glanceAtImage(bytes, { maxBytes, maxPixels });
  return { from: 'bytes', bytes, contentType };
}

function refusal(error: unknown, param: string): unknown {
  if (!(error instanceof Error)) return error;
  if (error.name === 'FetchRefused') return new CotaError('invalid_image_url', error.message, { param });
  if (error.name === 'ImageRefused') return new CotaError(codeOf(error), error.message, { param });
  return error;
}
