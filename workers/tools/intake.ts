/** Takes a run's images in: fetches them, checks them, and stores them as they came, under the run. */
import type { ImageRef, ImageSource, Run } from '../../shared/contract.ts';
import { CotaError } from '../../shared/errors.ts';
import { type ImageLimits, inspectImage } from '../../shared/images.ts';
import { ObjectMissing, type ObjectStore } from '../../shared/object-store.ts';
import { FetchFailed, FetchRefused, type SafeFetch } from '../../shared/safe-fetch.ts';
import { abortable } from './abortable.ts';
import { storeImage } from './context.ts';
import { semaphore } from './semaphore.ts';

export interface Intake {
  readonly limits: ImageLimits;
  readonly web: SafeFetch;
}

const FETCH_MS = 60_000;
/** Images that a process holds at a time while it takes them in, whatever its runs bring: 160 MB at 20 MB each. */
const inProcess = semaphore(8);
/** Images of one run among them, so that a run whose hosts are slow leaves room for others. */
const OF_ONE_RUN = 4;
/** Downloads tried, where the other side may yet come to its senses. */
const TRIES = 3;

/**
 * May be repeated: an upload stays under its key, a fetched image lies under its hash. The first failure stops the
 * others, and this ends after they have: nothing is stored for a run that has failed.
 * @throws CotaError or ImageRefused with OpenAI's image codes: the run fails; StoreAway: it waits
 */
export async function takeIn(
  run: Run,
  objects: ObjectStore,
  { limits, web }: Intake,
  signal: AbortSignal,
): Promise<readonly ImageRef[]> {
  const { sources } = run.config;
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const images: ImageRef[] = new Array(sources.length);

  const take = async (source: ImageSource, index: number): Promise<void> => {
    const bytes =
      source.from === 'store'
        ? await uploaded(source.key, objects)
        : await fetched(source.url, web, limits, either, run.fails);
    const { contentType } = await inspectImage(bytes, limits);
    images[index] = await storeImage(run, objects, `image-${index}`, bytes, either, { contentType, ...keyOf(source) });
  };
  const left = sources.entries();
  const takeThose = async (): Promise<void> => {
    try {
      for (const [index, source] of left) await inProcess(() => take(source, index), either);
    } catch (error) {
      failed.abort(error);
    }
  };
  await abortable(Promise.all(Array.from({ length: OF_ONE_RUN }, takeThose)), signal);
  failed.signal.throwIfAborted();
  return images;
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
