/** Batches: files of requests, each line a whole run. */
import { z } from 'zod';
import { batchObject } from '../../../shared/batch/batch-object.ts';
import { createBatchRequest } from '../../../shared/batch/create-batch.ts';
import {
  batchEstimate,
  cancelBatch,
  createBatch,
  estimateBatch,
  estimateRequest,
  getBatch,
  getResults,
  listBatches,
  listBatchesQuery,
  resultsQuery,
  retryFailed,
} from '../handlers/batches.ts';
import type { RouteGroup } from '../http.ts';

const batchList = z.strictObject({
  object: z.literal('list'),
  data: z.array(batchObject),
  first_id: z.string().nullable(),
  last_id: z.string().nullable(),
  has_more: z.boolean(),
});

export const batches: RouteGroup = {
  title: 'Batches',
  routes: [
    {
      method: 'POST',
      path: '/v1/batches',
      handler: createBatch,
      summary: 'Run every line of a file. The file is checked first; what is wrong with it stands under errors.',
      schema: { body: createBatchRequest, reply: batchObject },
    },
    {
      method: 'GET',
      path: '/v1/batches',
      handler: listBatches,
      summary: 'Batches, the newest first.',
      schema: { query: listBatchesQuery, reply: batchList },
    },
    {
      method: 'POST',
      path: '/v1/batches/estimate',
      handler: estimateBatch,
      summary: 'Check a file and say what a batch of it would take, without making one.',
      schema: { body: estimateRequest, reply: batchEstimate },
    },
    {
      method: 'GET',
      path: '/v1/batches/{id}',
      handler: getBatch,
      summary: 'The batch as it is now, its counts live.',
      schema: { reply: batchObject },
    },
    {
      method: 'POST',
      path: '/v1/batches/{id}/cancel',
      handler: cancelBatch,
      summary: 'Stop a batch. What is finished stays; the other lines are in the error file as batch_cancelled.',
      schema: { reply: batchObject },
    },
    {
      method: 'POST',
      path: '/v1/batches/{id}/retry',
      handler: retryFailed,
      summary: 'A new batch of the lines that are in the error file of this one.',
      schema: { reply: batchObject },
    },
    {
      method: 'GET',
      path: '/v1/batches/{id}/results',
      handler: getResults,
      summary: 'Results of all lines that have ended so far, failed ones among them; as JSON lines, CSV or parquet.',
      schema: { query: resultsQuery, produces: 'application/jsonl' },
    },
  ],
  names: { CreateBatch: createBatchRequest, Batch: batchObject },
};
