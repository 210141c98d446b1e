/** Uploads a stream of unknown length to S3 in parts that can each be sent again. */
import type { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';

/** S3 asks for 5 MiB or more a part and takes 10,000: objects up to 78 GiB. One part is held in memory at a time. */
const PART_BYTES = 8 * 1024 * 1024;

export interface UploadTarget {
  readonly Bucket: string;
  readonly Key: string;
  readonly ContentType: string;
}

/**
 * Stores what `source` yields. The object appears only when its last part is in; when the source or the store fails,
 * the parts are given up (a server that cannot do even that keeps them until its own lifecycle rule removes them).
 * Not @aws-sdk/lib-storage: there a failed abort hides the error that caused it, and the abort does fail on servers
 * without AbortMultipartUpload.
 */
export async function uploadStream(client: S3Client, target: UploadTarget, source: Readable): Promise<void> {
  const { Bucket, Key } = target;
  const parts: CompletedPart[] = [];
  let UploadId: string | undefined;
  try {
    for await (const { bytes, last } of partsOf(source)) {
      if (last && UploadId === undefined) {
        await client.send(new PutObjectCommand({ ...target, Body: bytes, ContentLength: bytes.length }));
        return;
      }
      UploadId ??= (await client.send(new CreateMultipartUploadCommand(target))).UploadId;
      const PartNumber = parts.length + 1;
      const { ETag } = await client.send(
        new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body: bytes, ContentLength: bytes.length }),
      );
      parts.push({ PartNumber, ETag });
    }
    await client.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts: parts } }));
  } catch (error) {
    if (UploadId !== undefined) {
      await client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId })).catch(() => undefined);
    }
    throw error;
  }
}

/** Cuts a stream into parts of PART_BYTES; the last one may be shorter, and is empty only for an empty stream. */
async function* partsOf(source: Readable): AsyncGenerator<{ bytes: Buffer; last: boolean }> {
  let chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of source as AsyncIterable<Uint8Array | string>) {
    let rest = Buffer.from(chunk as Uint8Array);
    while (size + rest.length > PART_BYTES) {
      const room = PART_BYTES - size;
      yield { bytes: Buffer.concat([...chunks, rest.subarray(0, room)]), last: false };
      rest = rest.subarray(room);
      chunks = [];
      size = 0;
    }
    chunks.push(rest);
    size += rest.length;
  }
  yield { bytes: Buffer.concat(chunks), last: true };
}
