/** Takes a run's images in: fetches them, checks them, and stores them as they came, under the run. */
import type { ImageRef, ImageSource, Run } from '../../shared/contract.ts';
import { CotaError } from '../../shared/errors.ts';
import { type ImageLimits, inspectImage } from '../../shared/images.ts';
import { ObjectMissing, type ObjectStore } from '../../shared/object-store.ts';
import { FetchFailed, FetchRefused, type SafeFetch } from '../../shared/safe-fetch.ts';
import { storeImage } from './context.ts';

export interface Intake {
  readonly limits: ImageLimits;
  readonly web: SafeFetch;
}

const FETCH_MS = 60_000;
/** Downloads tried, where the other side may yet come to its senses. */
const TRIES = 3;

/**
 * May be repeated: an upload stays under its key, a fetched image lies under its hash.
 * @throws CotaError or ImageRefused with OpenAI's image codes: the run fails; StoreAway: it waits
 */
export async function takeIn(
  run: Run,
  objects: ObjectStore,
  { limits, web }: Intake,
  signal: AbortSignal,
): Promise<readonly ImageRef[]> {
  return Promise.all(
    run.config.sources.map(async (source, index) => {
      const bytes =
        source.from === 'store'
          ? await uploaded(source.key, objects)
          : await fetched(source.url, web, limits, signal, run.fails);
      const { contentType } = await inspectImage(bytes, limits);
      signal.throwIfAborted();
      return storeImage(run, objects, `image-${index}`, bytes, { contentType, ...keyOf(source) });
    }),
  );
}

const keyOf = (source: ImageSource): { readonly key?: string } => (source.from === 'store' ? { key: source.key } : {});

async function uploaded(key: string, objects: ObjectStore): Promise<Buffer> {
  try {
    return (await objects.get(key)).bytes;
  } catch (error) {
    if (!(error instanceof ObjectMissing)) throw error;
    throw new CotaError(
      'image_file_not_found',
      'the uploaded image is no longer in the store; send the request again',
      { cause: error },
    );
  }
}

async function fetched(
  url: string,
  web: SafeFetch,
  limits: ImageLimits,
  signal: AbortSignal,
  failsBefore: number,
): Promise<Buffer> {
  try {
    return (await web.fetch(url, { maxBytes: limits.maxBytes, timeoutMs: FETCH_MS, signal })).body;
  } catch (error) {
    if (error instanceof FetchRefused) {
      throw new CotaError(error.reason === 'too_large' ? 'image_file_too_large' : 'invalid_image_url', error.message, {
        cause: error,
      });
    }
    if (error instanceof FetchFailed) {
      throw new CotaError(
        error.retryable && failsBefore + 1 < TRIES ? 'server_error' : 'failed_to_download_image',
        error.message,
        {
          cause: error,
          ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
        },
      );
    }
    throw error;
  }
}
