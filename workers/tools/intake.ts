/** Takes a run's images in: fetches them, checks them, and stores them as they came, under the run. */
import type { ImageRef, ImageSource, Run } from '../../shared/contract.ts';
import { CotaError } from '../../shared/errors.ts';
import { type ImageLimits, inspectImage } from '../../shared/images.ts';
import { type BucketReader, isS3Url, ObjectMissing, type ObjectStore } from '../../shared/object-store.ts';
import { FetchFailed, FetchRefused, type SafeFetch } from '../../shared/safe-fetch.ts';
import { abortable } from './abortable.ts';
import { storeImage } from './context.ts';
import { semaphore } from './semaphore.ts';

export interface Intake {
  readonly limits: ImageLimits;
  readonly web: SafeFetch;
  readonly buckets: BucketReader;
}

const FETCH_MS = 60_000;
/** Images that a process holds at a time while it takes them in, whatever its runs bring: 160 MB at 20 MB each. */
const inProcess = semaphore(8);
/** Images of one run among them, so that a run whose hosts are slow leaves room for others. */
const OF_ONE_RUN = 4;
/** Downloads tried, where the other side may yet come to its senses. */
const TRIES = 3;

/**
 * May be repeated: what came with the request stays under its key, what is fetched or copied lies under its hash. The first failure stops the
 * others, and this ends after they have: nothing is stored for a run that has failed.
 * @throws CotaError or ImageRefused with OpenAI's image codes: the run fails; StoreAway: it waits
 */
export async function takeIn(
  run: Run,
  objects: ObjectStore,
  { limits, web, buckets }: Intake,
  signal: AbortSignal,
): Promise<readonly ImageRef[]> {
  const { sources } = run.config;
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const images: ImageRef[] = new Array(sources.length);
  const download: BucketReader['read'] = async (url, options) =>
    (await web.fetch(url, { ...options, timeoutMs: FETCH_MS })).body;

  const take = async (source: ImageSource, index: number): Promise<void> => {
    const bytes =
      source.from === 'store'
        ? await stored(source, objects, limits)
        : await fetched(source.url, isS3Url(source.url) ? buckets.read : download, limits, either, run.fails);
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

/** Of bytes that lie under the run already. */
const keyOf = (source: ImageSource): { readonly key?: string } =>
  source.from === 'store' && !source.copy ? { key: source.key } : {};

async function stored(
  { key, bytes }: Extract<ImageSource, { from: 'store' }>,
  objects: ObjectStore,
  { maxBytes }: ImageLimits,
): Promise<Buffer> {
  if (bytes > maxBytes) {
    throw new CotaError('image_file_too_large', `an image may have at most ${maxBytes.toLocaleString('en')} bytes`);
  }
  try {
    return (await objects.get(key)).bytes;
  } catch (error) {
    if (!(error instanceof ObjectMissing)) throw error;
    throw new CotaError(
      'image_file_not_found',
      'the image is no longer in the store: its file was deleted or has expired; upload it again',
      { cause: error },
    );
  }
}

async function fetched(
  url: string,
  read: BucketReader['read'],
  { maxBytes }: ImageLimits,
  signal: AbortSignal,
  failsBefore: number,
): Promise<Buffer> {
  try {
    return await read(url, { maxBytes, signal });
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
