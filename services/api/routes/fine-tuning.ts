/** Fine-tuning jobs: recipes that make models. */
import { z } from 'zod';
import { createTrainJobRequest } from '../../../shared/train/create-job.ts';
import {
  trainCheckpointObject,
  trainEventObject,
  trainFileObject,
  trainJobObject,
} from '../../../shared/train/job-object.ts';
import {
  cancelTrainJob,
  createTrainJob,
  deleteTrainJob,
  getTrainJob,
  listTrainJobs,
  listTrainJobsQuery,
  pauseTrainJob,
  resumeTrainJob,
} from '../handlers/fine-tuning.ts';
import {
  checkpointsQuery,
  eventsQuery,
  getTrainFile,
  getTrainLog,
  listTrainCheckpoints,
  listTrainEvents,
  listTrainFiles,
} from '../handlers/fine-tuning-records.ts';
import type { RouteGroup } from '../http.ts';

const listOf = <T extends z.ZodType>(item: T) =>
  z.strictObject({
    object: z.literal('list'),
    data: z.array(item),
    first_id: z.string().nullable(),
    last_id: z.string().nullable(),
    has_more: z.boolean(),
  });
const events = z.strictObject({
  object: z.literal('list'),
  data: z.array(trainEventObject),
  has_more: z.boolean(),
});
const files = z.strictObject({ object: z.literal('list'), data: z.array(trainFileObject) });
const deleted = z.strictObject({ id: z.string(), object: z.literal('fine_tuning.job'), deleted: z.literal(true) });
const JOB = '/v1/fine_tuning/jobs/{id}';

export const fineTuning: RouteGroup = {
  title: 'Fine-tuning',
  routes: [
    {
      method: 'POST',
      path: '/v1/fine_tuning/jobs',
      handler: createTrainJob,
      summary: 'Train a model by a recipe.',
      errors: ['model_not_found', 'insufficient_quota'],
      example: { model: 'nano', training_file: 'data_01j00000000000000000000000' },
      audit: 'fine_tuning.job.created',
      schema: { body: createTrainJobRequest, reply: trainJobObject },
    },
    {
      method: 'GET',
      path: '/v1/fine_tuning/jobs',
      handler: listTrainJobs,
      summary: 'Fine-tuning jobs, the newest first; `metadata[name]=value` shows those that have it.',
      schema: { query: listTrainJobsQuery, reply: listOf(trainJobObject) },
    },
    {
      method: 'GET',
      path: JOB,
      handler: getTrainJob,
      summary: 'The job as it is now.',
      schema: { reply: trainJobObject },
    },
    {
      method: 'POST',
      path: `${JOB}/cancel`,
      handler: cancelTrainJob,
      summary: 'Stop a fine-tuning job. Its checkpoints stay until it is deleted.',
      schema: { reply: trainJobObject },
    },
    {
      method: 'POST',
      path: `${JOB}/pause`,
      handler: pauseTrainJob,
      summary: 'Let its trainer save a checkpoint and end, until the job is resumed.',
      schema: { reply: trainJobObject },
    },
    {
      method: 'POST',
      path: `${JOB}/resume`,
      handler: resumeTrainJob,
      summary: 'Go on from the last checkpoint of a job that is paused.',
      schema: { reply: trainJobObject },
    },
    {
      method: 'DELETE',
      path: JOB,
      handler: deleteTrainJob,
      summary: 'Remove a fine-tuning job that is over, with its checkpoints and log; the model that it made stays.',
      errors: ['still_running'],
      audit: 'fine_tuning.job.deleted',
      schema: { reply: deleted },
    },
    {
      method: 'GET',
      path: `${JOB}/events`,
      handler: listTrainEvents,
      summary: 'What the job has told: messages, and metrics with step and loss.',
      schema: { query: eventsQuery, reply: events },
    },
    {
      method: 'GET',
      path: `${JOB}/checkpoints`,
      handler: listTrainCheckpoints,
      summary: 'Checkpoints that lie whole in the store, the newest first.',
      schema: { query: checkpointsQuery, reply: listOf(trainCheckpointObject) },
    },
    {
      method: 'GET',
      path: `${JOB}/files`,
      handler: listTrainFiles,
      summary: 'Files that the job keeps: report.html, those of checkpoints, and the trained weights.',
      schema: { reply: files },
    },
    {
      method: 'GET',
      path: `${JOB}/files/{name...}`,
      handler: getTrainFile,
      summary: 'One of them; a Range header gives a part of it.',
      schema: { produces: 'application/octet-stream' },
    },
    {
      method: 'GET',
      path: `${JOB}/log`,
      handler: getTrainLog,
      summary: 'All that the trainer printed. It grows: `Range: bytes=<what you have>-` gives what is new.',
      schema: { produces: 'text/plain' },
    },
  ],
  names: {
    CreateFineTuningJob: createTrainJobRequest,
    FineTuningJob: trainJobObject,
    FineTuningJobEvent: trainEventObject,
    FineTuningJobCheckpoint: trainCheckpointObject,
  },
};
