/** A request for a batch -> the batch as it begins. */
import { z } from 'zod';
import { newDocumentId } from '../documents.ts';
import { CotaError } from '../errors.ts';
import type { StoredFile } from '../files/file.ts';
import { windowSeconds } from './completion-window.ts';
import { type BatchState, batchEndpoint, NO_BATCH_USAGE } from './contract.ts';

const metadata = z
  .record(
    z.string().max(64, 'a key has at most 64 characters'),
    z.string().max(512, 'a value has at most 512 characters'),
  )
  .refine((map) => Object.keys(map).length <= 16, 'at most 16 pairs');

/** Body of POST /v1/batches. */
export const createBatchRequest = z.strictObject({
  input_file_id: z.string().describe('A file of purpose "batch": one JSON object a line.'),
  endpoint: batchEndpoint.describe('The url of every line.'),
  completion_window: z
    .string()
    .regex(/^[1-9]\d{0,3}[mhd]$/, 'a number with m, h or d behind it, such as "24h"')
    .describe('From 1m to 14d; lines that are not answered by then are in the error file as batch_expired.'),
  metadata: metadata.nullish(),
  output_expires_after: z
    .strictObject({
      anchor: z.literal('created_at'),
      seconds: z.int().min(3_600).max(2_592_000),
    })
    .nullish()
    .describe('Left out, output and error file stay until they are deleted.'),
  cota: z
    .strictObject({
      dedupe: z
        .boolean()
        .nullish()
        .describe('Answer equal lines once: only lines whose temperature is 0, since others may differ.'),
    })
    .nullish(),
});
export type CreateBatchRequest = z.infer<typeof createBatchRequest>;

/**
 * @param file that input_file_id names; undefined where the tenant has none of that name
 * @param now Unix seconds
 * @throws CotaError that says what is wrong with the file
 */
export function newBatch(
  tenant: string,
  request: CreateBatchRequest,
  file: StoredFile | undefined,
  now: number,
): BatchState {
  const named = request.input_file_id.slice(0, 100);
  const param = 'input_file_id';
  if (!file) throw new CotaError('not_found', `There is no file '${named}', or it was deleted.`, { param });
  if (file.purpose !== 'batch') {
    const words = `The file '${named}' was uploaded for "${file.purpose}": upload it with purpose "batch".`;
    throw new CotaError('invalid_value', words, { param });
  }
  const expiresAt = now + windowSeconds(request.completion_window);
  // An hour for what is still open then.
  if (file.expiresAt !== null && file.expiresAt < expiresAt + 3_600) {
    const words = `The file '${named}' expires before the completion window ends: upload it with a later expiry.`;
    throw new CotaError('invalid_value', words, { param });
  }
  return {
    ...blank(tenant, now, expiresAt),
    endpoint: request.endpoint,
    inputFileId: file.id,
    completionWindow: request.completion_window,
    metadata: request.metadata ?? {},
    outputLifeS: request.output_expires_after?.seconds ?? null,
    dedupe: request.cota?.dedupe ?? false,
  };
}

/**
 * A batch of the failed lines of one that is over.
 * @throws CotaError where there is nothing to try again
 */
export function retryBatch(earlier: BatchState, now: number): BatchState {
  if (!['completed', 'expired', 'cancelled'].includes(earlier.status)) {
    const words =
      earlier.status === 'failed'
        ? 'This batch failed its validation: mend the file and make a new batch.'
        : `This batch is ${earlier.status}: its failed lines are known when it is over.`;
    throw new CotaError('batch_not_over', words);
  }
  if (earlier.errorFileId === null) throw new CotaError('nothing_to_retry', 'No line of this batch failed.');
  return {
    ...blank(earlier.tenant, now, now + windowSeconds(earlier.completionWindow)),
    endpoint: earlier.endpoint,
    inputFileId: newDocumentId('file-'),
    completionWindow: earlier.completionWindow,
    metadata: earlier.metadata,
    outputLifeS: earlier.outputLifeS,
    dedupe: earlier.dedupe,
    retryOf: earlier.id,
  };
}

function blank(tenant: string, now: number, expiresAt: number) {
  return {
    version: 1 as const,
    id: newDocumentId('batch_'),
    tenant,
    retryOf: null as string | null,
    createdAt: now,
    expiresAt,
    status: 'validating' as const,
    ending: null,
    times: {},
    errors: [],
    model: null,
    lines: 0,
    twins: 0,
    windows: 0,
    next: 0,
    open: [],
    counts: { completed: 0, failed: 0 },
    usage: NO_BATCH_USAGE,
    outputFileId: null,
    errorFileId: null,
  };
}
