/** Data jobs: recipes that make, filter, mix and export chains. */
import { z } from 'zod';
import { createDataJobRequest } from '../../../shared/data/create-job.ts';
import { dataFileObject, dataJobObject } from '../../../shared/data/job-object.ts';
import {
  cancelDataJob,
  createDataJob,
  dataFilesQuery,
  deleteDataJob,
  getDataFile,
  getDataJob,
  getDataReport,
  listDataFiles,
  listDataJobs,
  listDataJobsQuery,
} from '../handlers/data.ts';
import type { RouteGroup } from '../http.ts';

const dataJobList = z.strictObject({
  object: z.literal('list'),
  data: z.array(dataJobObject),
  first_id: z.string().nullable(),
  last_id: z.string().nullable(),
  has_more: z.boolean(),
});
const dataFileList = z.strictObject({ object: z.literal('list'), data: z.array(dataFileObject) });
const deleted = z.strictObject({ id: z.string(), object: z.literal('data.job'), deleted: z.literal(true) });

export const data: RouteGroup = {
  title: 'Data',
  routes: [
    {
      method: 'POST',
      path: '/v1/data/jobs',
      handler: createDataJob,
      summary: 'Make training data by a recipe.',
      errors: ['model_not_found', 'insufficient_quota'],
      example: { recipe: { name: 'counts', seed: 1, sources: [{ name: 'counts', program: { chains: 1000 } }] } },
      schema: { body: createDataJobRequest, reply: dataJobObject },
    },
    {
      method: 'GET',
      path: '/v1/data/jobs',
      handler: listDataJobs,
      summary: 'Data jobs, the newest first.',
      schema: { query: listDataJobsQuery, reply: dataJobList },
    },
    {
      method: 'GET',
      path: '/v1/data/jobs/{id}',
      handler: getDataJob,
      summary: 'The job as it is now, stage by stage.',
      schema: { reply: dataJobObject },
    },
    {
      method: 'POST',
      path: '/v1/data/jobs/{id}/cancel',
      handler: cancelDataJob,
      summary: 'Stop a data job. What was written stays until the job is deleted.',
      schema: { reply: dataJobObject },
    },
    {
      method: 'DELETE',
      path: '/v1/data/jobs/{id}',
      handler: deleteDataJob,
      summary: 'Remove a data job that is over, with all that it made.',
      errors: ['still_running'],
      schema: { reply: deleted },
    },
    {
      method: 'GET',
      path: '/v1/data/jobs/{id}/files',
      handler: listDataFiles,
      summary: 'The files that were written so far, with their hashes.',
      schema: { query: dataFilesQuery, reply: dataFileList },
    },
    {
      method: 'GET',
      path: '/v1/data/jobs/{id}/files/{stage}/{name...}',
      handler: getDataFile,
      summary: 'A file of a stage, or a picture (stage images, name its SHA-256); a Range header gives a part of it.',
      schema: { produces: 'application/octet-stream' },
    },
    {
      method: 'GET',
      path: '/v1/data/jobs/{id}/report',
      handler: getDataReport,
      summary: 'The report as a page, once the job is completed.',
      schema: { produces: 'text/html' },
    },
  ],
  names: { CreateDataJob: createDataJobRequest, DataJob: dataJobObject, DataFile: dataFileObject },
};
