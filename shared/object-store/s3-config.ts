/** Settings of the S3 driver and what they mean to the SDK's client. */
import type { S3ClientConfig } from '@aws-sdk/client-s3';

export interface S3StoreConfig {
  readonly bucket: string;
  /** Amazon's of the region when left out. */
  readonly endpoint?: string;
  /** Address of the same service as clients see it, for signed links; `endpoint` when left out. */
  readonly linkEndpoint?: string;
  /** Default `us-east-1`, which services other than Amazon's accept. */
  readonly region?: string;
  /** Both or neither; without them the SDK's usual chain (environment, profile, role). */
  readonly accessKeyId?: string;
  readonly secretAccessKey?: string;
  /** `https://host/bucket/key` instead of `https://bucket.host/key`; most self-hosted services need it. */
  readonly forcePathStyle?: boolean;
  /** `when_required` for services that mishandle the SDK's default CRC32 trailers (some store them as data). */
  readonly checksums?: 'when_required' | 'when_supported';
  /** Let `check` create a missing bucket. */
  readonly createBucket?: boolean;
  /** Milliseconds to connect (default 3,000), without a byte (default 15,000); tries per request (default 3). */
  readonly connectTimeoutMs?: number;
  readonly idleTimeoutMs?: number;
  readonly attempts?: number;
}

/** Throws RangeError for settings that contradict each other. */
export function clientConfig(config: Omit<S3StoreConfig, 'bucket'>, endpoint: string | undefined): S3ClientConfig {
  const { accessKeyId, secretAccessKey } = config;
  if ((accessKeyId === undefined) !== (secretAccessKey === undefined)) {
    throw new RangeError('Set both the access key id and the secret access key of the object store, or neither.');
  }
  const checksums = config.checksums === 'when_required' ? 'WHEN_REQUIRED' : 'WHEN_SUPPORTED';
  const idle = config.idleTimeoutMs ?? 15_000;
  return {
    region: config.region ?? 'us-east-1',
    ...(endpoint !== undefined && { endpoint }),
    ...(accessKeyId !== undefined &&
      secretAccessKey !== undefined && { credentials: { accessKeyId, secretAccessKey } }),
    forcePathStyle: config.forcePathStyle ?? false,
    requestChecksumCalculation: checksums,
    responseChecksumValidation: checksums,
    maxAttempts: config.attempts ?? 3,
    // Time without a byte, not total time: a large object on a slow line must not fail for its size.
    requestHandler: { connectionTimeout: config.connectTimeoutMs ?? 3_000, socketTimeout: idle },
  };
}
