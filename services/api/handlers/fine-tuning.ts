/** /v1/fine_tuning/jobs: make, look at, list, cancel, pause, resume, delete. */
import { z } from 'zod';
import { CotaError } from '../../../shared/errors.ts';
import { reserve } from '../../../shared/run/idempotency.ts';
import { newTrainJob, newTrainJobId } from '../../../shared/train/create-job.ts';
import { isTrainJobOver, type TrainJob } from '../../../shared/train/job.ts';
import { type TrainJobObject, trainJobObjectOf } from '../../../shared/train/job-object.ts';
import type { ApiParts, ApiRequest, Handler } from '../http.ts';
import { idempotencyKey } from '../idempotency-key.ts';

export const listTrainJobsQuery = z
  .object({
    limit: z.coerce.number().int().min(1).max(100).default(20),
    after: z.string().optional(),
  })
  .catchall(z.string());

export const createTrainJob: Handler = async (request, parts) => {
  const { vitals, tenancy, trainJobs, redis, env } = parts;
  const { tenant, body } = request;
  await vitals.assertRoom();
  await tenancy.meter.assertRoom(tenant, 1);
  const key = idempotencyKey(request);
  // What a command does on the worker's machine is as much as its operator may do.
  const mayCommand = request.caller?.scopes.includes('admin') ?? false;
  const wanted = { files: parts.files, dataJobs: parts.dataJobs, recipes: parts.trainRecipes };
  const make = async (id: string): Promise<TrainJob> => {
    const job = await newTrainJob(wanted, { tenant, body, mayCommand, id, now: vitals.now() });
    const most = env.COTA_TRAIN_OPEN;
    if (await trainJobs.createWithin(most, job)) return job;
    const words = `${most} fine-tuning jobs are not over yet, as many as may be at a time: wait for one, or cancel one.`;
    throw new CotaError('rate_limit_exceeded', words);
  };
  const reply = (job: TrainJob) => ({ body: present(job, parts), audit: { target: job.id } });
  if (key === undefined) return reply(await make(newTrainJobId()));
  const reserved = await reserve(
    redis,
    { tenant, key: `train ${key}`, body },
    newTrainJobId(),
    env.COTA_IDEMPOTENCY_TTL_S,
  );
  const earlier = reserved.fresh ? undefined : await trainJobs.find(tenant, reserved.runId);
  return reply(earlier ?? (await make(reserved.runId)));
};

export const getTrainJob: Handler = async (request, parts) => ({
  body: present(await foundTrainJob(request, parts), parts),
});

/** Documents that are read for a page whose metadata fit. */
const LOOK = 100;

export const listTrainJobs: Handler = async (request, parts) => {
  const { limit, after, ...others } = request.query as z.infer<typeof listTrainJobsQuery>;
  const wanted = metadataOf(others);
  const found: TrainJob[] = [];
  for (let last = after, more = true; more && found.length <= limit; ) {
    const page = await parts.trainJobs.list(request.tenant, { limit: LOOK, after: last, order: 'desc' });
    found.push(...page.data.filter(({ metadata = {} }) => wanted.every(([name, value]) => metadata[name] === value)));
    last = page.data.at(-1)?.id;
    more = page.hasMore;
  }
  const data = found.slice(0, limit).map((job) => present(job, parts));
  const [first_id, last_id] = [data[0]?.id ?? null, data.at(-1)?.id ?? null];
  return { body: { object: 'list', data, first_id, last_id, has_more: found.length > limit } };
};

/** `metadata[name]=value`, as OpenAI's clients send it. */
function metadataOf(others: Readonly<Record<string, string>>): readonly (readonly [string, string])[] {
  return Object.entries(others).flatMap(([key, value]): [string, string][] => {
    if (key === 'metadata' && (value === 'null' || value === '')) return [];
    const [, name] = /^metadata\[(.{1,64})\]$/.exec(key) ?? [];
    if (name !== undefined) return [[name, value]];
    const words = `Unknown parameter: '${key.slice(0, 100)}'. The list takes after, limit and metadata[name].`;
    throw new CotaError('unknown_parameter', words, { param: key.slice(0, 100) });
  });
}

export const cancelTrainJob: Handler = async (request, parts) => {
  const { id, status } = await foundTrainJob(request, parts);
  if (status === 'succeeded' || status === 'failed') {
    throw new CotaError('invalid_request', `The fine-tuning job has ${status} already: nothing is left to cancel.`);
  }
  return { body: present(await one(request, parts.trainJobs.end(request.tenant, id, 'cancelled')), parts) };
};

export const pauseTrainJob: Handler = async (request, parts) => {
  const { id } = await foundTrainJob(request, parts);
  return { body: present(await one(request, parts.trainJobs.pause(request.tenant, id)), parts) };
};

export const resumeTrainJob: Handler = async (request, parts) => {
  const { id } = await foundTrainJob(request, parts);
  return { body: present(await one(request, parts.trainJobs.resume(request.tenant, id)), parts) };
};

export const deleteTrainJob: Handler = async (request, parts) => {
  const { trainJobs, tenancy } = parts;
  const { tenant } = request;
  const job = await foundTrainJob(request, parts);
  if (!isTrainJobOver(job)) {
    throw new CotaError('still_running', `The fine-tuning job is ${job.status}: cancel it first, or wait for its end.`);
  }
  // Its worker may be about to write something.
  if ((await trainJobs.state.read(job.id))?.isHeld) {
    const words = 'The fine-tuning job has ended, and a worker is still letting go of it: try again in a few seconds.';
    throw new CotaError('overloaded', words, { retryAfterMs: 2_000 });
  }
  await tenancy.meter.add(tenant, -(await trainJobs.remove(tenant, job.id)));
  return { body: { id: job.id, object: 'fine_tuning.job', deleted: true } };
};

const present = (job: TrainJob, { fleet, vitals }: Pick<ApiParts, 'fleet' | 'vitals'>): TrainJobObject =>
  trainJobObjectOf(job, {
    hands: fleet.workers().reduce((sum, worker) => sum + (worker.trainings ?? 0), 0),
    now: vitals.now(),
  });

export async function foundTrainJob(
  request: ApiRequest,
  { trainJobs }: Pick<ApiParts, 'trainJobs'>,
): Promise<TrainJob> {
  return one(request, trainJobs.find(request.tenant, request.params.id ?? ''));
}

async function one({ params }: ApiRequest, job: Promise<TrainJob | undefined>): Promise<TrainJob> {
  const found = await job;
  if (found) return found;
  const id = (params.id ?? '').slice(0, 100);
  throw new CotaError('not_found', `There is no fine-tuning job '${id}', or it was deleted.`);
}
