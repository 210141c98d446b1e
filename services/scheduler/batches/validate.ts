/** A batch's file -> its plan, or what is wrong with it. */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { BatchEvent } from '../../../shared/batch/batch-machine.ts';
import type { BatchState } from '../../../shared/batch/contract.ts';
import { failedLinesOf } from '../../../shared/batch/failed-lines.ts';
import type { BatchLine } from '../../../shared/batch/line.ts';
import { planBatch } from '../../../shared/batch/plan.ts';
import { paths } from '../../../shared/keys.ts';
import { modelsFor } from '../../../shared/models/trained-view.ts';
import type { Models } from '../../../shared/models.ts';
import { ObjectMissing } from '../../../shared/object-store.ts';
import { InputGone, inputOf } from './open-window.ts';
import { assertLease, type BatchParts, now } from './parts.ts';

/** May be repeated: the plan lies under a fixed key. */
export async function validate(parts: BatchParts, batch: BatchState): Promise<BatchEvent> {
  try {
    if (batch.retryOf !== null && !(await parts.files.get(batch.tenant, batch.inputFileId))) {
      await makeRetryFile(parts, batch, batch.retryOf);
    }
    return await plan(parts, batch);
  } catch (error) {
    if (!(error instanceof InputGone || error instanceof ObjectMissing)) throw error;
    const message = `The file ${batch.inputFileId} was deleted, or has expired, before the batch began.`;
    return invalid([{ code: 'file_not_found', message, param: 'input_file_id', line: null }]);
  }
}

async function plan(parts: BatchParts, batch: BatchState): Promise<BatchEvent> {
  const { env, objects } = parts;
  const planned = await planBatch(await inputOf(parts, batch), {
    endpoint: batch.endpoint,
    maxLines: env.COTA_BATCH_LINES,
    maxLineBytes: env.COTA_BODY_LIMIT_BYTES,
    windowLines: env.COTA_BATCH_WINDOW_LINES,
    defaultModel: parts.models.default,
    ...(batch.dedupe
      ? { sameAs: (line: BatchLine) => sameAs(modelsFor(parts.models, parts.trained, batch.tenant), line) }
      : {}),
    onTwins: (window, twins) =>
      objects.put(paths.batchTwins(batch.tenant, batch.id, window), Buffer.from(JSON.stringify(twins)), {
        contentType: 'application/json',
      }),
    onProgress: () => assertLease(parts),
  });
  if (!planned.ok) return invalid(planned.errors);
  const { windows, lines, twins, model } = planned;
  const document = Buffer.from(JSON.stringify({ version: 1, windows }));
  await objects.put(paths.batchPlan(batch.tenant, batch.id), document, { contentType: 'application/json' });
  return { type: 'validated', now: now(), lines, twins, windows: windows.length, model: model ?? null };
}

const invalid = (errors: Extract<BatchEvent, { type: 'invalid' }>['errors']): BatchEvent => ({
  type: 'invalid',
  now: now(),
  errors,
});

/** Lines that ask the same in the same words; only where the model is asked for its one best answer. */
function sameAs(models: Models, { body }: BatchLine): string | undefined {
  const model = typeof body.model === 'string' ? body.model : models.default;
  const temperature = body.temperature ?? (model === undefined ? undefined : models.get(model)?.temperature);
  return temperature === 0 ? createHash('sha256').update(canonical(body)).digest('hex') : undefined;
}

/** JSON with its keys in order at every depth. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

/** The input of a batch that tries another's failed lines again is made here, where a million lines hold up no request. */
async function makeRetryFile(parts: BatchParts, batch: BatchState, retryOf: string): Promise<void> {
  const { files, batches, objects } = parts;
  const earlier = await batches.find(batch.tenant, retryOf);
  const errors = earlier?.errorFileId ? await files.get(batch.tenant, earlier.errorFileId) : undefined;
  if (!earlier || !errors) throw new InputGone(batch.inputFileId);
  const lines = failedLinesOf(await inputOf(parts, earlier), await files.stream(errors), {
    maxLineBytes: parts.env.COTA_BODY_LIMIT_BYTES,
  });
  const key = paths.batchInput(batch.tenant, batch.id);
  await objects.put(key, Readable.from(lines), { contentType: 'application/jsonl' });
  const kept = await objects.head(key);
  if (!kept) throw new InputGone(batch.inputFileId);
  const about = {
    filename: `retry-of-${earlier.id}.jsonl`,
    purpose: 'batch',
    contentType: 'application/jsonl',
  } as const;
  await files.createFromParts(batch.tenant, { ...about, id: batch.inputFileId }, [{ key, bytes: kept.size }]);
}
