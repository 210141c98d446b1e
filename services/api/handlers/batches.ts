/** /v1/batches: make, look at, list, cancel, try again, results so far. */
import { Readable } from 'node:stream';
import { z } from 'zod';
import { type BatchObject, batchObjectOf, estimate, estimateAhead } from '../../../shared/batch/batch-object.ts';
import { type BatchState, batchEndpoint } from '../../../shared/batch/contract.ts';
import { createBatchRequest, newBatch, retryBatch } from '../../../shared/batch/create-batch.ts';
import { costsOf } from '../../../shared/batch/hand-over.ts';
import { planBatch } from '../../../shared/batch/plan.ts';
import { resultsSoFar } from '../../../shared/batch/results.ts';
import { resultTable } from '../../../shared/batch/table.ts';
import { newDocumentId } from '../../../shared/documents.ts';
import { CotaError } from '../../../shared/errors.ts';
import { parseStrictly } from '../../../shared/request/issues.ts';
import { reserve } from '../../../shared/run/idempotency.ts';
import type { ApiParts, ApiRequest, Handler } from '../http.ts';
import { idempotencyKey } from '../idempotency-key.ts';

export const listBatchesQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  after: z.string().optional(),
});

export const createBatch: Handler = async (request, parts) => {
  const wanted = parseStrictly(createBatchRequest, request.body);
  await parts.vitals.assertRoom();
  const batch = await createOnce(request, parts, request.body, async () => {
    const file = await parts.files.get(request.tenant, wanted.input_file_id);
    return newBatch(request.tenant, wanted, file, seconds(parts));
  });
  return { body: await present(batch, parts) };
};

/**
 * A request that is sent again with its Idempotency-Key finds the batch that it made, whatever has changed since.
 * @param body what the key stands for
 */
async function createOnce(
  request: ApiRequest,
  parts: ApiParts,
  body: unknown,
  make: () => Promise<BatchState>,
): Promise<BatchState> {
  const { batches, redis, env } = parts;
  const key = idempotencyKey(request);
  if (key === undefined) {
    const batch = await make();
    await batches.create(batch);
    return batch;
  }
  const wanted = { tenant: request.tenant, key: `batch ${key}`, body };
  const reserved = await reserve(redis, wanted, newDocumentId('batch_'), env.COTA_IDEMPOTENCY_TTL_S);
  const earlier = reserved.fresh ? undefined : await batches.find(request.tenant, reserved.runId);
  if (earlier) return earlier;
  const batch = { ...(await make()), id: reserved.runId };
  await batches.create(batch);
  return batch;
}

export const getBatch: Handler = async (request, parts) => ({
  body: await present(await found(request, parts), parts),
});

export const listBatches: Handler = async (request, parts) => {
  const { limit, after } = request.query as z.infer<typeof listBatchesQuery>;
  const page = await parts.batches.list(request.tenant, { limit, after, order: 'desc' });
  const data = await Promise.all(page.data.map((batch) => present(batch, parts)));
  const [first_id, last_id] = [data[0]?.id ?? null, data.at(-1)?.id ?? null];
  return { body: { object: 'list', data, first_id, last_id, has_more: page.hasMore } };
};

export const cancelBatch: Handler = async (request, parts) => {
  await found(request, parts);
  const id = request.params.id ?? '';
  const batch = await parts.batches.change(request.tenant, id, { type: 'cancel', now: seconds(parts) });
  if (!batch) throw noBatch(request);
  return { body: await present(batch, parts) };
};

export const retryFailed: Handler = async (request, parts) => {
  const earlier = await found(request, parts);
  await parts.vitals.assertRoom();
  const batch = await createOnce(request, parts, { retry: earlier.id }, async () =>
    retryBatch(earlier, seconds(parts)),
  );
  return { body: await present(batch, parts) };
};

const FORMATS = {
  jsonl: 'application/jsonl; charset=utf-8',
  csv: 'text/csv; charset=utf-8',
  parquet: 'application/vnd.apache.parquet',
} as const;
export const resultsQuery = z.strictObject({
  format: z.enum(['jsonl', 'csv', 'parquet']).default('jsonl'),
  only: z.literal('failed').optional().describe('failed: the lines that have no answer, alone.'),
});

export const getResults: Handler = async (request, parts) => {
  const { format, only } = request.query as z.infer<typeof resultsQuery>;
  const batch = await found(request, parts);
  const lines = resultsSoFar(parts, batch, only);
  const body =
    format === 'jsonl' ? Readable.from(withNewlines(lines), { objectMode: false }) : resultTable(lines, format);
  const name = `${batch.id}.${format}`;
  const headers = { 'content-type': FORMATS[format], 'content-disposition': `attachment; filename="${name}"` };
  return { headers, body };
};

async function* withNewlines(lines: AsyncIterable<string>): AsyncGenerator<Buffer> {
  for await (const line of lines) yield Buffer.from(`${line}\n`);
}

export const estimateRequest = z.strictObject({ input_file_id: z.string(), endpoint: batchEndpoint });
export const batchEstimate = z.strictObject({
  object: z.literal('batch.estimate'),
  lines: z.int(),
  model: z.string().nullable(),
  estimate,
});

/** Files that this process reads at a time for estimates: each takes it some seconds a million lines. */
const ESTIMATES = 2;
let estimating = 0;

/** Reads the whole file, as the batch would, so that what is wrong with it is known before anything is made. */
export const estimateBatch: Handler = async (request, parts) => {
  if (estimating >= ESTIMATES) {
    throw new CotaError('overloaded', 'Other files are being read for their estimates: try again shortly.');
  }
  estimating += 1;
  try {
    return await readEstimate(request, parts);
  } finally {
    estimating -= 1;
  }
};

const readEstimate: Handler = async (request, parts) => {
  const wanted = parseStrictly(estimateRequest, request.body);
  const file = await parts.files.get(request.tenant, wanted.input_file_id);
  const asIf = { ...wanted, completion_window: '24h' };
  newBatch(request.tenant, asIf, file && { ...file, expiresAt: null }, seconds(parts));
  if (!file) throw noBatch(request);
  const planned = await planBatch(await parts.files.stream(file), {
    endpoint: wanted.endpoint,
    maxLines: parts.env.COTA_BATCH_LINES,
    maxLineBytes: parts.env.COTA_BODY_LIMIT_BYTES,
    windowLines: parts.env.COTA_BATCH_WINDOW_LINES,
    defaultModel: parts.models.default,
    onProgress: () => request.signal.throwIfAborted(),
  });
  if (!planned.ok) {
    const [first] = planned.errors;
    const more = planned.errors.length > 1 ? ` (and ${planned.errors.length - 1} more)` : '';
    const where = first?.line == null ? '' : `Line ${first.line}: `;
    throw new CotaError('invalid_value', `${where}${first?.message ?? 'The file is wrong.'}${more}`, {
      param: 'input_file_id',
    });
  }
  const model = planned.model ?? parts.models.default ?? null;
  const costs = model === null ? undefined : await costsOf(parts.redis, model);
  const concurrency = model === null ? 0 : parts.fleet.concurrencyOf(model);
  const { lines } = planned;
  return {
    body: { object: 'batch.estimate', lines, model: planned.model, estimate: estimateAhead(lines, costs, concurrency) },
  };
};

async function present(batch: BatchState, parts: ApiParts): Promise<BatchObject> {
  const { batches, env, redis, fleet, models } = parts;
  const model = batch.model ?? models.default;
  return batchObjectOf(batch, {
    counts: await batches.counts(batch),
    baseUrl: env.COTA_PUBLIC_URL ?? '',
    costs: model === undefined ? undefined : await costsOf(redis, model),
    concurrency: model === undefined ? 0 : fleet.concurrencyOf(model),
    trouble: await batches.notice(batch.id),
    now: seconds(parts),
  });
}

async function found(request: ApiRequest, { batches }: ApiParts): Promise<BatchState> {
  const batch = await batches.find(request.tenant, request.params.id ?? '');
  if (!batch) throw noBatch(request);
  return batch;
}

const noBatch = (request: ApiRequest): CotaError =>
  new CotaError('not_found', `There is no batch '${(request.params.id ?? '').slice(0, 100)}'.`);

const seconds = ({ vitals }: ApiParts): number => Math.floor(vitals.now() / 1000);
