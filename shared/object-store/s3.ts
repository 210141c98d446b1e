/**
 * The object store on any S3-compatible service. Uses only what such services have in common: plain put, get, head,
 * delete, ListObjectsV2, multipart upload and presigned GET; never conditional puts, tags or lifecycle calls.
 */
import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  type GetObjectCommandOutput,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import {
  assertKey,
  assertLinkLife,
  assertPrefix,
  assertRange,
  type ByteRange,
  LinkRefused,
  ObjectMissing,
  type ObjectStore,
  StoreAway,
} from './contract.ts';
import { clientConfig, type S3StoreConfig } from './s3-config.ts';
import { awayFromS3, s3Fault } from './s3-errors.ts';
import { uploadStream } from './s3-upload.ts';

/** Opens the store; connects on first use. */
export function openS3Store(config: S3StoreConfig): ObjectStore {
  const { bucket: Bucket } = config;
  const client = new S3Client(clientConfig(config, config.endpoint));
  const linkClient =
    config.linkEndpoint === undefined ? client : new S3Client(clientConfig(config, config.linkEndpoint));
  const place = { bucket: Bucket, endpoint: config.endpoint ?? `Amazon S3 (${config.region ?? 'us-east-1'})` };
  // Some services refuse DeleteObjects without Content-MD5, which the SDK no longer sends; remembered after one refusal.
  let deletesMany = true;

  /** Runs calls and turns their errors into those of the contract. `key` names what a 404 means. */
  async function guarded<T>(key: string | undefined, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof StoreAway || error instanceof ObjectMissing) throw error;
      const { name, status } = s3Fault(error);
      if (key !== undefined && (name === 'NoSuchKey' || name === 'NotFound')) throw new ObjectMissing(key);
      if (status === 416) throw new RangeError(`The range lies outside of "${key}".`, { cause: error });
      throw awayFromS3(error, place) ?? error;
    }
  }

  async function put(
    key: string,
    bytes: Uint8Array | Readable,
    { contentType }: { contentType: string },
  ): Promise<void> {
    assertKey(key);
    const target = { Bucket, Key: key, ContentType: contentType };
    await guarded(undefined, async () => {
      if (!(bytes instanceof Readable)) {
        await client.send(new PutObjectCommand({ ...target, Body: bytes, ContentLength: bytes.byteLength }));
        return;
      }
      await uploadStream(client, target, bytes);
    }).catch((error: unknown) => {
      // A source that failed is the caller's matter and no outage of the store.
      if (bytes instanceof Readable && bytes.errored) throw bytes.errored;
      throw error;
    });
  }

  async function get(key: string) {
    assertKey(key);
    return await guarded(key, async () => {
      const output = await client.send(new GetObjectCommand({ Bucket, Key: key }));
      const chunks: Buffer[] = [];
      for await (const chunk of bodyOf(output, key)) chunks.push(chunk as Buffer);
      return { bytes: Buffer.concat(chunks), contentType: typeOf(output) };
    });
  }

  async function stream(key: string, range?: ByteRange) {
    assertKey(key);
    if (range !== undefined) assertRange(range);
    return await guarded(key, async () => {
      const Range = range && `bytes=${range.start}-${range.end ?? ''}`;
      const output = await client.send(new GetObjectCommand({ Bucket, Key: key, ...(Range && { Range }) }));
      let size = output.ContentLength ?? 0;
      if (range !== undefined) {
        const [, first, last, total] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(output.ContentRange ?? '') ?? [];
        size = Number(total);
        if (Number(first) !== range.start || Number(last) !== Math.min(range.end ?? Infinity, size - 1)) {
          (output.Body as Readable).destroy();
          const got = output.ContentRange ?? 'the whole object';
          throw new StoreAway(
            'server_error',
            `${place.endpoint} answered ${Range} with ${got}: it does not honour ranges.`,
          );
        }
      }
      return { body: Readable.from(bodyOf(output, key), { objectMode: false }), size, contentType: typeOf(output) };
    });
  }

  /** The body's bytes; an end before the announced length is an error, never a shorter object. */
  async function* bodyOf(output: GetObjectCommandOutput, key: string): AsyncGenerator<Buffer> {
    let size = 0;
    try {
      for await (const chunk of output.Body as Readable) {
        size += (chunk as Buffer).length;
        yield chunk as Buffer;
      }
    } catch (error) {
      throw awayFromS3(error, place) ?? error;
    }
    if (output.ContentLength !== undefined && size !== output.ContentLength) {
      throw new StoreAway(
        'unreachable',
        `${place.endpoint} sent ${size} of ${output.ContentLength} bytes of "${key}".`,
      );
    }
  }

  async function head(key: string) {
    assertKey(key);
    try {
      const output = await guarded(key, () => client.send(new HeadObjectCommand({ Bucket, Key: key })));
      return { size: output.ContentLength ?? 0, contentType: typeOf(output) };
    } catch (error) {
      if (!(error instanceof ObjectMissing)) throw error;
      // A HEAD carries no error text: a missing bucket looks like a missing object.
      if (!(await bucketExists())) throw missingBucket();
      return undefined;
    }
  }

  async function bucketExists(): Promise<boolean> {
    return await guarded('bucket', () => client.send(new HeadBucketCommand({ Bucket }))).then(
      () => true,
      (error: unknown) => {
        if (error instanceof ObjectMissing || (error instanceof StoreAway && error.reason === 'bucket_missing'))
          return false;
        throw error;
      },
    );
  }

  function missingBucket(): StoreAway {
    return awayFromS3(Object.assign(new Error(), { name: 'NoSuchBucket' }), place)!;
  }

  async function remove(key: string): Promise<void> {
    assertKey(key);
    await guarded(key, () => client.send(new DeleteObjectCommand({ Bucket, Key: key }))).catch((error: unknown) => {
      if (!(error instanceof ObjectMissing)) throw error;
    });
  }

  async function deletePrefix(prefix: string): Promise<void> {
    assertPrefix(prefix);
    // Each round starts from the front: what was deleted is gone, so no position in a changing list is needed.
    for (;;) {
      const { keys } = await page(prefix);
      if (keys.length === 0) return;
      await deleteMany(keys.map(({ key }) => key));
    }
  }

  async function deleteMany(keys: readonly string[]): Promise<void> {
    if (deletesMany) {
      try {
        const Delete = { Objects: keys.map((Key) => ({ Key })), Quiet: true };
        const { Errors = [] } = await guarded(undefined, () =>
          client.send(new DeleteObjectsCommand({ Bucket, Delete })),
        );
        if (Errors.length === 0) return;
      } catch (error) {
        if (error instanceof StoreAway) throw error;
        deletesMany = false;
      }
    }
    // One by one, and one after another: also shows which key cannot be deleted and why.
    for (const key of keys) await remove(key);
  }

  async function page(prefix: string, token?: string) {
    const output = await guarded(undefined, () =>
      client.send(
        new ListObjectsV2Command({ Bucket, Prefix: prefix, ...(token !== undefined && { ContinuationToken: token }) }),
      ),
    );
    const keys = (output.Contents ?? []).map(({ Key = '', Size = 0 }) => ({ key: Key, size: Size }));
    return { keys, next: output.IsTruncated === true ? output.NextContinuationToken : undefined };
  }

  async function* list(prefix: string): AsyncGenerator<{ key: string; size: number }> {
    if (prefix !== '') assertPrefix(prefix);
    let token: string | undefined;
    do {
      const { keys, next } = await page(prefix, token);
      yield* keys;
      token = next;
    } while (token !== undefined);
  }

  async function link(key: string, { expiresInSeconds }: { expiresInSeconds: number }): Promise<string> {
    assertKey(key);
    assertLinkLife(expiresInSeconds);
    return await guarded(undefined, () =>
      getSignedUrl(linkClient, new GetObjectCommand({ Bucket, Key: key }), { expiresIn: expiresInSeconds }),
    );
  }

  async function check(): Promise<void> {
    if (config.createBucket === true && !(await bucketExists())) {
      await guarded(undefined, () => client.send(new CreateBucketCommand({ Bucket })));
    }
    const key = `store-check/${randomUUID()}`;
    const bytes = Buffer.from(key);
    await put(key, bytes, { contentType: 'text/plain' });
    const back = await get(key);
    await remove(key);
    if (!back.bytes.equals(bytes)) {
      throw new StoreAway(
        'server_error',
        `${place.endpoint} gave back other bytes than it was given. Set checksums to "when_required".`,
      );
    }
  }

  return {
    driver: 's3',
    put,
    get,
    stream,
    head,
    delete: remove,
    deletePrefix,
    list,
    link,
    verifyLink: () => {
      throw new LinkRefused('invalid', 'Links to this store lead to the S3 service itself; the API serves none.');
    },
    check,
    close: async () => {
      client.destroy();
      linkClient.destroy();
    },
  };
}

function typeOf(output: { ContentType?: string | undefined }): string {
  return output.ContentType ?? 'application/octet-stream';
}
