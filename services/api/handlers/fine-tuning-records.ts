/** What a fine-tuning job has told and left: events, checkpoints, files, log. */
import { z } from 'zod';
import { CotaError } from '../../../shared/errors.ts';
import { partStream } from '../../../shared/files/part-stream.ts';
import { paths } from '../../../shared/keys.ts';
import { isCheckpointId, listCheckpoints } from '../../../shared/train/checkpoints.ts';
import { readEvents } from '../../../shared/train/events.ts';
import type { TrainFile, TrainJob } from '../../../shared/train/job.ts';
import {
  eventNumber,
  type TrainFileObject,
  trainCheckpointObjectOf,
  trainEventObjectOf,
} from '../../../shared/train/job-object.ts';
import { askedRange } from '../byte-range.ts';
import type { ApiParts, ApiRequest, Handler } from '../http.ts';
import { sendObject } from '../send-object.ts';
import { foundTrainJob } from './fine-tuning.ts';

export const eventsQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(1_000).default(20),
  after: z.string().optional().describe('Id of the last event of the page before.'),
  order: z
    .enum(['asc', 'desc'])
    .default('desc')
    .describe('`asc`: oldest first, so that who asks again with `after` follows the job.'),
});
export const checkpointsQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(10),
  after: z.string().optional(),
});

export const listTrainEvents: Handler = async (request, parts) => {
  const { limit, after, order } = request.query as z.infer<typeof eventsQuery>;
  const job = await foundTrainJob(request, parts);
  const live = job.events === undefined ? await parts.trainJobs.state.read(job.id) : undefined;
  const total = job.events ?? live?.events ?? 0;
  const from = after === undefined ? undefined : eventNumber(job.id, after);
  if (after !== undefined && from === undefined) {
    const words = `'${after.slice(0, 100)}' is no id of an event of this job: \`after\` is the last one of the page before.`;
    throw new CotaError('invalid_value', words, { param: 'after' });
  }
  const [low, high] =
    order === 'desc'
      ? [Math.max(0, (from ?? total) - limit), Math.min(from ?? total, total)]
      : [(from ?? -1) + 1, Math.min((from ?? -1) + 1 + limit, total)];
  const found = await readEvents(parts.objects, parts.trainJobs.state, job, {
    ...{ from: low, to: high, kept: job.events ?? live?.kept ?? 0 },
  });
  const data = found.map(({ number, event }) => trainEventObjectOf(job.id, number, event));
  if (order === 'desc') data.reverse();
  return { body: { object: 'list', data, has_more: order === 'desc' ? low > 0 : high < total } };
};

export const listTrainCheckpoints: Handler = async (request, parts) => {
  const { limit, after } = request.query as z.infer<typeof checkpointsQuery>;
  const job = await foundTrainJob(request, parts);
  const all = (await listCheckpoints(parts.objects, job)).reverse();
  const start = after === undefined ? 0 : all.findIndex(({ id }) => id === after) + 1;
  if (after !== undefined && start === 0) {
    const words = `There is no checkpoint '${after.slice(0, 100)}' of this job, or newer ones have taken its place.`;
    throw new CotaError('invalid_value', words, { param: 'after' });
  }
  const data = all.slice(start, start + limit).map((one) => trainCheckpointObjectOf(job, one));
  const [first_id, last_id] = [data[0]?.id ?? null, data.at(-1)?.id ?? null];
  return { body: { object: 'list', data, first_id, last_id, has_more: start + limit < all.length } };
};

interface Kept extends TrainFileObject {
  readonly key: string;
}

/** All files of a job by the names that a client reads them by. */
async function filesOf(job: TrainJob, { objects }: Pick<ApiParts, 'objects'>): Promise<Kept[]> {
  const shown = (folder: string, { name, bytes, sha256, key }: TrainFile): Kept => ({
    ...{ object: 'fine_tuning.job.file' as const, name: `${folder}/${name}`, bytes, sha256, key },
  });
  const page = paths.trainPage(job.tenant, job.id);
  const size = (await objects.head(page))?.size;
  const checkpoints = await listCheckpoints(objects, job);
  return [
    ...(size === undefined
      ? []
      : [{ object: 'fine_tuning.job.file' as const, name: 'report.html', bytes: size, sha256: null, key: page }]),
    ...(job.status === 'succeeded' ? (job.result?.files ?? []).map((file) => shown('result', file)) : []),
    ...checkpoints.flatMap(({ id, files }) => files.map((file) => shown(`checkpoints/${id}`, file))),
  ];
}

export const listTrainFiles: Handler = async (request, parts) => {
  const files = await filesOf(await foundTrainJob(request, parts), parts);
  return { body: { object: 'list', data: files.map(({ key: _, ...file }) => file) } };
};

export const getTrainFile: Handler = async (request, parts) => {
  const job = await foundTrainJob(request, parts);
  const { name = '' } = request.params;
  const missing = (): CotaError =>
    new CotaError('not_found', `The fine-tuning job has no file '${name.slice(0, 200)}'; its /files lists them.`);
  const [folder = '', checkpoint = ''] = name.split('/');
  if (folder === 'checkpoints' && !isCheckpointId(checkpoint)) throw missing();
  const file = (await filesOf(job, parts)).find((one) => one.name === name);
  if (!file) throw missing();
  const reply = await sendObject(request, parts, file.key, missing);
  const type = { 'content-type': 'text/html; charset=utf-8' };
  return name === 'report.html' ? { ...reply, headers: { ...reply.headers, ...type } } : reply;
};

export const getTrainLog: Handler = async (request, parts) => {
  const job = await foundTrainJob(request, parts);
  const pieces: { key: string; bytes: number }[] = [];
  for await (const { key, size } of parts.objects.list(paths.trainLogs(job.tenant, job.id))) {
    pieces.push({ key, bytes: size });
  }
  pieces.sort((a, b) => (a.key < b.key ? -1 : 1));
  const size = pieces.reduce((sum, { bytes }) => sum + bytes, 0);
  return { ...(await logReply(request, parts, pieces, size)) };
};

/** A log grows: a range that begins at its end is what a follower asks for next, and no fault. */
async function logReply(
  request: ApiRequest,
  { objects }: Pick<ApiParts, 'objects'>,
  pieces: readonly { readonly key: string; readonly bytes: number }[],
  size: number,
) {
  const headers = { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' };
  const { range: asked } = request.headers;
  if (size === 0 || asked === `bytes=${size}-`) {
    return { body: '', headers: { ...headers, 'content-length': '0' } };
  }
  const range = askedRange(asked, size);
  return {
    status: range ? 206 : 200,
    body: await partStream(objects, pieces, range),
    headers: {
      ...headers,
      'content-length': String(range ? range.end - range.start + 1 : size),
      ...(range ? { 'content-range': `bytes ${range.start}-${range.end}/${size}` } : {}),
      'accept-ranges': 'bytes',
    },
  };
}
