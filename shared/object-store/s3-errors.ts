/** What errors of the S3 client mean to those who use the store. */
import { type AwayReason, StoreAway } from './contract.ts';

/** What an error of the client says about itself; both fields may be missing for failures of the network. */
export function s3Fault(error: unknown): { readonly name: string; readonly status: number | undefined } {
  if (!(error instanceof Error)) return { name: 'Error', status: undefined };
  const metadata = '$metadata' in error ? (error.$metadata as { httpStatusCode?: number }) : {};
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  return {
    name: error.name === 'Error' || error.name === 'AggregateError' ? code : error.name,
    status: metadata.httpStatusCode,
  };
}

export interface S3Place {
  readonly bucket: string;
  /** For messages: the endpoint that was set, or Amazon's. */
  readonly endpoint: string;
}

/** The outage that an error stands for; undefined when it is none (a missing object, a bad argument). */
export function awayFromS3(error: unknown, place: S3Place): StoreAway | undefined {
  const { name, status } = s3Fault(error);
  const detail = error instanceof Error ? error.message : String(error);
  const away = (reason: AwayReason, message: string) => new StoreAway(reason, message, { cause: error });
  if (name === 'NoSuchBucket') {
    return away(
      'bucket_missing',
      `The bucket "${place.bucket}" does not exist at ${place.endpoint}. Create it, or correct the bucket or endpoint setting.`,
    );
  }
  if (name === 'CredentialsProviderError' || status === 401 || status === 403) {
    return away(
      'denied',
      `${place.endpoint} refused access to the bucket "${place.bucket}" (${name}: ${detail}). Check access key, secret, region and the policy: s3:GetObject, PutObject, DeleteObject and ListBucket are needed.`,
    );
  }
  if (status === 301 || status === 307 || name === 'PermanentRedirect') {
    return away(
      'denied',
      `The bucket "${place.bucket}" lies in another region or behind another endpoint than ${place.endpoint}. Correct the region or endpoint setting.`,
    );
  }
  if (name === 'TimeoutError' || name === 'RequestTimeout' || name === 'ETIMEDOUT' || status === 408) {
    return away(
      'timeout',
      `${place.endpoint} did not answer in time (${detail}). Work goes on by itself when it does.`,
    );
  }
  if (status === 429 || (status !== undefined && status >= 500)) {
    return away(
      'server_error',
      `${place.endpoint} answered ${status} ${name} (${detail}). Work goes on by itself when it recovers.`,
    );
  }
  // Errors of the network carry a code, those of the SDK its metadata. Anything else is a fault in our own code, which
  // waiting would only hide.
  if (
    error instanceof Error &&
    ('code' in error || '$metadata' in error || name === 'AbortError') &&
    (status ?? 200) < 400
  ) {
    return away(
      'unreachable',
      `${place.endpoint} cannot be reached (${name}: ${detail}). Check that it runs and that the endpoint setting is right.`,
    );
  }
  return undefined;
}
