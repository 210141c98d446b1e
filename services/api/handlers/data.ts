/** /v1/data/jobs: make, look at, list, cancel, delete, read what was made. */
import { z } from 'zod';
import { createDataJobRequest, newDataJob, newDataJobId } from '../../../shared/data/create-job.ts';
import { type DataJob, isDataFileName, isDataJobOver, shardReport } from '../../../shared/data/job.ts';
import { type DataFileObject, type DataJobObject, dataJobObjectOf } from '../../../shared/data/job-object.ts';
import { CotaError } from '../../../shared/errors.ts';
import { paths } from '../../../shared/keys.ts';
import { ObjectMissing } from '../../../shared/object-store.ts';
import { reserve } from '../../../shared/run/idempotency.ts';
import type { ApiParts, ApiReply, ApiRequest, Handler } from '../http.ts';
import { idempotencyKey } from '../idempotency-key.ts';
import { modelsOf } from '../models-of.ts';
import { sendObject } from '../send-object.ts';

export const listDataJobsQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  after: z.string().optional(),
});
export const dataFilesQuery = z.strictObject({ stage: z.string().optional().describe('Files of one stage only.') });

export const createDataJob: Handler = async (request, parts) => {
  const { vitals, tenancy, dataJobs, redis, env } = parts;
  const { tenant } = request;
  const body = bodyOf(request.body);
  await vitals.assertRoom();
  await tenancy.meter.assertRoom(tenant, 1);
  const key = idempotencyKey(request);
  // A recipe may name a model that was registered a moment ago, elsewhere.
  await parts.trainedView.refresh();
  const models = await modelsOf(tenant, parts);
  const make = (id: string): Promise<DataJob> =>
    newDataJob({ ...parts, models, jobs: dataJobs }, tenant, body.recipe, id, vitals.now());
  if (key === undefined) {
    const job = await make(newDataJobId());
    await dataJobs.create(job);
    return { body: present(job, parts) };
  }
  const wanted = { tenant, key: `data ${key}`, body: request.body };
  const reserved = await reserve(redis, wanted, newDataJobId(), env.COTA_IDEMPOTENCY_TTL_S);
  const earlier = reserved.fresh ? undefined : await dataJobs.find(tenant, reserved.runId);
  if (earlier) return { body: present(earlier, parts) };
  const job = await make(reserved.runId);
  await dataJobs.create(job);
  return { body: present(job, parts) };
};

/** The recipe itself is read where its fields are known by their places. */
function bodyOf(body: unknown): { readonly recipe: unknown } {
  if (typeof body !== 'object' || body === null || !('recipe' in body)) {
    const words = 'Missing required parameter: \'recipe\': {"recipe": {...}}, or the text of a YAML file.';
    throw new CotaError('missing_required_parameter', words, { param: 'recipe' });
  }
  const other = Object.keys(body).find((name) => !Object.hasOwn(createDataJobRequest.shape, name));
  if (other === undefined) return { recipe: body.recipe };
  throw new CotaError('unknown_parameter', `Unknown parameter: '${other.slice(0, 200)}'.`, { param: other });
}

export const getDataJob: Handler = async (request, parts) => ({ body: present(await found(request, parts), parts) });

export const listDataJobs: Handler = async (request, parts) => {
  const { limit, after } = request.query as z.infer<typeof listDataJobsQuery>;
  const page = await parts.dataJobs.list(request.tenant, { limit, after, order: 'desc' });
  const data = page.data.map((job) => present(job, parts));
  const [first_id, last_id] = [data[0]?.id ?? null, data.at(-1)?.id ?? null];
  return { body: { object: 'list', data, first_id, last_id, has_more: page.hasMore } };
};

export const cancelDataJob: Handler = async (request, parts) => {
  const { id } = await found(request, parts);
  const job = await parts.dataJobs.end(request.tenant, id, 'cancelled');
  if (!job) throw noJob(request);
  return { body: present(job, parts) };
};

export const deleteDataJob: Handler = async (request, parts) => {
  const { dataJobs, tenancy } = parts;
  const { tenant } = request;
  const job = await found(request, parts);
  if (!isDataJobOver(job)) {
    throw new CotaError('still_running', `The data job is ${job.status}: cancel it first, or wait for its end.`);
  }
  // Its last shards may be about to write something.
  if (await dataJobs.state.isHeld(job.id)) {
    const words = 'The data job has ended, and a worker is still letting go of it: try again in a few seconds.';
    throw new CotaError('overloaded', words, { retryAfterMs: 2_000 });
  }
  const user = await dataJobs.userOf(tenant, job.id);
  if (user !== undefined) {
    throw new CotaError('still_running', `The data job ${user} reads the chains of this one: wait for its end.`);
  }
  const training = await parts.trainJobs.userOf(tenant, job.id);
  if (training !== undefined) {
    throw new CotaError(
      'still_running',
      `The fine-tuning job ${training} reads the chains of this one: wait for its end.`,
    );
  }
  await tenancy.meter.add(tenant, -(await dataJobs.remove(tenant, job.id)));
  return { body: { id: job.id, object: 'data.job', deleted: true } };
};

export const listDataFiles: Handler = async (request, parts) => {
  const { stage } = request.query as z.infer<typeof dataFilesQuery>;
  const job = await found(request, parts);
  const names = job.stages.map(({ name }) => name).filter((name) => stage === undefined || name === stage);
  if (stage !== undefined && names.length === 0) {
    const all = job.stages.map(({ name }) => name).join(', ') || 'none yet';
    throw new CotaError('invalid_value', `This job has no stage "${stage.slice(0, 100)}"; it has ${all}.`, {
      param: 'stage',
    });
  }
  const data: DataFileObject[] = [];
  for (const name of names) data.push(...(await filesOf(job, name, parts)));
  return { body: { object: 'list', data } };
};

/** Reports that are read at a time. */
const AT_ONCE = 16;

async function filesOf(job: DataJob, stage: string, { objects }: ApiParts): Promise<DataFileObject[]> {
  const { shards = 0 } = job.stages.find(({ name }) => name === stage) ?? {};
  const found: DataFileObject[] = [];
  for (let first = 0; first < shards; first += AT_ONCE) {
    const some = Array.from({ length: Math.min(AT_ONCE, shards - first) }, (_, at) => first + at);
    const reports = await Promise.all(
      some.map(async (shard) => {
        try {
          const { bytes } = await objects.get(paths.dataReport(job.tenant, job.id, stage, shard));
          return shardReport.parse(JSON.parse(bytes.toString()));
        } catch (error) {
          // Not made yet.
          if (error instanceof ObjectMissing) return undefined;
          throw error;
        }
      }),
    );
    for (const report of reports) {
      for (const { name, rows, bytes, sha256 } of report?.files ?? []) {
        found.push({ object: 'data.file', stage, name, rows, bytes, sha256 });
      }
    }
  }
  return found;
}

export const getDataFile: Handler = async (request, parts) => {
  const { stage = '', name = '' } = request.params;
  const job = await found(request, parts);
  // What the factory keeps for itself begins with `_`, which these names do not.
  if (!isDataFileName(stage) || !isDataFileName(name)) throw noFile(request);
  return sendFile(request, parts, `${paths.dataStage(job.tenant, job.id, stage)}${name}`);
};

export const getDataReport: Handler = async (request, parts) => {
  const job = await found(request, parts);
  const reply = await sendFile(request, parts, `${paths.dataStage(job.tenant, job.id, 'report')}report.html`).catch(
    (error: unknown) => {
      if (!(error instanceof CotaError) || error.code !== 'not_found') throw error;
      const words = isDataJobOver(job)
        ? 'This data job has no report: its recipe says `report: false`, or it did not come that far.'
        : 'The report is written at the end of the data job: it is not there yet.';
      throw new CotaError('not_found', words);
    },
  );
  return { ...reply, headers: { ...reply.headers, 'content-type': 'text/html; charset=utf-8' } };
};

const sendFile = (request: ApiRequest, parts: ApiParts, key: string): Promise<ApiReply> =>
  sendObject(request, parts, key, () => noFile(request));

const present = (job: DataJob, { fleet, vitals }: Pick<ApiParts, 'fleet' | 'vitals'>): DataJobObject =>
  dataJobObjectOf(job, {
    hands: fleet.workers().reduce((sum, worker) => sum + (worker.hands ?? 0), 0),
    now: vitals.now(),
  });

async function found(request: ApiRequest, { dataJobs }: Pick<ApiParts, 'dataJobs'>): Promise<DataJob> {
  const job = await dataJobs.find(request.tenant, request.params.id ?? '');
  if (!job) throw noJob(request);
  return job;
}

const noJob = ({ params }: ApiRequest): CotaError =>
  new CotaError('not_found', `There is no data job '${(params.id ?? '').slice(0, 100)}', or it was deleted.`);
const noFile = ({ params: { stage = 'report', name = 'report.html' } }: ApiRequest): CotaError =>
  new CotaError('not_found', `The data job has no file '${`${stage}/${name}`.slice(0, 200)}'; its /files lists them.`);
