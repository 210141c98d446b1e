/** Batches for the factory's stages: what a data worker asks of the cluster as the tenant of its job. */
import { createHash } from 'node:crypto';
import { encodeTime } from 'ulid';
import type { BatchStore } from '../../../shared/batch/batch-store.ts';
import { type BatchState, isOver } from '../../../shared/batch/contract.ts';
import { newBatch } from '../../../shared/batch/create-batch.ts';
import { CotaError } from '../../../shared/errors.ts';
import type { Files } from '../../../shared/files/files.ts';
import type { ObjectStore } from '../../../shared/object-store.ts';
import type { Services } from '../factory/services.ts';

export interface BatchesParts {
  readonly objects: Pick<ObjectStore, 'head'>;
  readonly files: Pick<Files, 'createFromParts'>;
  readonly batches: Pick<BatchStore, 'create' | 'find' | 'counts'>;
}

/** The longest that there is: a million questions to a slow model take days. */
const COMPLETION_WINDOW = '14d';

/** @param tenant whose runs they are: of the data job */
export function openBatches(parts: BatchesParts, tenant: string): Pick<Services, 'startBatch' | 'batchState'> {
  const { objects, files, batches } = parts;

  async function startBatch(name: string, key: string): Promise<string> {
    const id = `batch_${idFor(tenant, name)}`;
    if (await batches.find(tenant, id)) return id;
    const input = await objects.head(key);
    if (!input) throw new CotaError('not_found', `There is no ${key} in the object store: it was deleted.`);
    const about = {
      filename: `${name.replaceAll('/', '-')}.jsonl`,
      purpose: 'batch',
      contentType: 'application/jsonl',
    } as const;
    const fileId = `file-${idFor(tenant, `${name} input`)}`;
    const file = await files.createFromParts(tenant, { ...about, id: fileId }, [{ key, bytes: input.size }]);
    const wanted = {
      input_file_id: file.id,
      endpoint: '/v1/responses' as const,
      completion_window: COMPLETION_WINDOW,
      metadata: { data_job: name.slice(0, 512) },
    };
    await batches.create({ ...newBatch(tenant, wanted, file, Math.floor(Date.now() / 1000)), id });
    return id;
  }

  return {
    startBatch,
    async batchState(id) {
      const batch = await batches.find(tenant, id);
      if (!batch)
        throw new CotaError('not_found', `The batch ${id} that the job waits for is gone: start the job anew.`);
      assertGood(batch);
      const { completed, failed } = await batches.counts(batch);
      return { over: isOver(batch.status), done: completed + failed, total: batch.lines };
    },
  };
}

/** @throws CotaError for a batch that gives no whole result */
function assertGood(batch: BatchState): void {
  const { id, status } = batch;
  if (status === 'failed') {
    const [first] = batch.errors;
    const where = first?.line == null ? '' : ` (line ${first.line})`;
    throw new CotaError(
      'invalid_request',
      `The batch ${id} of this job was refused: ${first?.message ?? 'its file is wrong'}${where}`,
    );
  }
  if (status === 'expired') {
    const words = `The batch ${id} of this job expired: ${COMPLETION_WINDOW} were not enough for its ${batch.lines.toLocaleString('en')} questions. Start more workers for its model, or set a limit in the recipe, and start the job anew.`;
    throw new CotaError('deadline_exceeded', words);
  }
  if (status === 'cancelled' || status === 'cancelling') {
    throw new CotaError(
      'run_cancelled',
      `The batch ${id} of this job was cancelled: start the job anew to ask its questions.`,
    );
  }
}

const BASE32 = '0123456789abcdefghjkmnpqrstvwxyz';

/**
 * 26 characters that follow from the name, so that whoever starts it twice starts one. Its first ten are the time that
 * the job's own id holds, where it holds one: lists of batches are sorted by it.
 */
function idFor(tenant: string, name: string): string {
  const time =
    /(?:^|[_-])([0-7][0-9a-hjkmnp-tv-z]{9})[0-9a-hjkmnp-tv-z]{16}(?![0-9a-z])/.exec(name)?.[1] ??
    encodeTime(0).toLowerCase();
  const digest = createHash('sha256').update(`${tenant} ${name}`).digest();
  return time + Array.from(digest.subarray(0, 16), (byte) => BASE32[byte % 32]).join('');
}
