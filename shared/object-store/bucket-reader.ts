/** Reads images that requests name as `s3://bucket/key`, from the buckets that the operator opened for that. */
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { FetchFailed, FetchRefused } from '../safe-fetch/errors.ts';
import { clientConfig, type S3StoreConfig } from './s3-config.ts';
import { awayFromS3, s3Fault } from './s3-errors.ts';

export interface BucketReader {
  /**
   * @throws FetchRefused for an object that is too large or a URL that may not be read, FetchFailed where there is no
   *   such object, StoreAway when the service cannot be asked now
   */
  read(url: string, options: { readonly maxBytes: number; readonly signal: AbortSignal }): Promise<Buffer>;
  close(): void;
}

export interface S3Address {
  readonly bucket: string;
  readonly key: string;
}

const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const MAX_KEY_BYTES = 1_024;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
const CONTROL = /[\x00-\x1f\x7f]/;

export const isS3Url = (url: string): boolean => /^s3:/i.test(url);

/**
 * The key is taken as it stands, as the tools of S3 do: nothing in it is decoded.
 * @throws FetchRefused unless it names an object of one of these buckets
 */
export function parseS3Url(url: string, buckets: readonly string[]): S3Address {
  const [, bucket = '', key = ''] = /^s3:\/\/([^/]*)\/([\s\S]*)$/i.exec(url) ?? [];
  if (!BUCKET.test(bucket) || key === '' || Buffer.byteLength(key) > MAX_KEY_BYTES || CONTROL.test(key)) {
    throw new FetchRefused(
      'invalid_url',
      'This s3:// URL cannot be read. Write s3://bucket/key, as it is in the bucket.',
    );
  }
  // Whatever stands between us and the service may resolve dots, and end in another bucket.
  if (key.split('/').some((segment) => segment === '.' || segment === '..')) {
    throw new FetchRefused('invalid_url', 'The key of an s3:// URL may have no part "." or "..".');
  }
  if (!buckets.includes(bucket)) {
    const words = buckets.length === 0 ? 'No bucket may be read here' : `The bucket "${bucket}" may not be read here`;
    throw new FetchRefused('not_allowed', `${words}: the operator names buckets in COTA_S3_READ_BUCKETS.`);
  }
  return { bucket, key };
}

/** @param config of the service; connects on first use */
export function openBucketReader(config: Omit<S3StoreConfig, 'bucket'>, buckets: readonly string[]): BucketReader {
  let client: S3Client | undefined;
  const endpoint = config.endpoint ?? `Amazon S3 (${config.region ?? 'us-east-1'})`;

  return {
    async read(url, { maxBytes, signal }) {
      const { bucket, key } = parseS3Url(url, buckets);
      client ??= new S3Client(clientConfig(config, config.endpoint));
      try {
        const output = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }), { abortSignal: signal });
        const body = output.Body as AsyncIterable<Buffer> & { destroy(): void };
        const length = output.ContentLength;
        const chunks: Buffer[] = [];
        let bytes = 0;
        try {
          if (length !== undefined && length > maxBytes) throw tooLarge(url, maxBytes);
          for await (const chunk of body) {
            signal.throwIfAborted();
            bytes += chunk.length;
            if (bytes > maxBytes) throw tooLarge(url, maxBytes);
            chunks.push(chunk);
          }
        } finally {
          body.destroy();
        }
        if (length !== undefined && bytes !== length)
          throw Object.assign(new Error('cut short'), { code: 'ECONNRESET' });
        return Buffer.concat(chunks);
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof FetchRefused) throw error;
        throw missing(error, url) ?? awayFromS3(error, { bucket, endpoint }) ?? error;
      }
    },
    close: () => client?.destroy(),
  };
}

function tooLarge(url: string, maxBytes: number): FetchRefused {
  return new FetchRefused('too_large', `${shown(url)} is larger than ${maxBytes.toLocaleString('en')} bytes.`);
}

/** What no waiting mends. A service that may not list a bucket says "denied" for a key that is not there. */
function missing(error: unknown, url: string): FetchFailed | undefined {
  const { name } = s3Fault(error);
  const facts = { retryable: false, cause: error };
  if (name === 'NoSuchKey' || name === 'NotFound') return new FetchFailed(`There is no object ${shown(url)}.`, facts);
  if (name === 'NoSuchBucket') return new FetchFailed(`There is no bucket for ${shown(url)}.`, facts);
  if (name === 'AccessDenied' || name === 'InvalidObjectState') {
    return new FetchFailed(`${shown(url)} is not there, or the cluster may not read it (${name}).`, facts);
  }
  return undefined;
}

const shown = (url: string): string => (url.length > 200 ? `${url.slice(0, 200)}...` : url);
