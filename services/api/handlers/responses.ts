/** /v1/responses: create, look at, cancel, delete. */

import { CotaError } from '../../../shared/errors.ts';
import { responseIdOf, runIdOf } from '../../../shared/keys.ts';
import { checkImages } from '../../../shared/request/images.ts';
import { readRequest } from '../../../shared/request.ts';
import type { ResponseObject } from '../../../shared/response/schema.ts';
import { type RunView, responseOf } from '../../../shared/response.ts';
import { cancelRun, deleteRun } from '../../../shared/run/end-run.ts';
import { findRun } from '../../../shared/run/find-run.ts';
import { readRecording } from '../../../shared/run/recording.ts';
import { submit } from '../../../shared/run/submit.ts';
import type { ApiParts, ApiRequest, Handler } from '../http.ts';

export const createResponse: Handler = async (request, parts) => {
  const { env, models, fleet, vitals, waits } = parts;
  await vitals.assertRoom();
  const wanted = readRequest(request.body, {
    tenant: request.tenant,
    models,
    tools: fleet.tools(),
    imagesPerRun: env.COTA_IMAGES_PER_RUN,
    now: vitals.now(),
  });
  const images = await checkImages(wanted.images, {
    maxBytes: env.COTA_IMAGE_BYTES,
    maxPixels: env.COTA_IMAGE_PIXELS,
    checkUrl: parts.urls.check,
  });
  // A recording that is not there would fail the run seconds later.
  if (wanted.config.replay) await readRecording(parts.objects, wanted.config.replay.key);
  const key = idempotencyKey(request);
  const run = await submit(parts, {
    tenant: request.tenant,
    config: wanted.config,
    images,
    ...(key === undefined ? {} : { idempotency: { key, body: request.body, ttlS: env.COTA_IDEMPOTENCY_TTL_S } }),
  });
  if (wanted.background || run.status === 'closed') return { body: present(run, parts) };
  await waits.closed(run.id, env.COTA_WAIT_MS, request.signal);
  // The run is accepted, so its id is the answer even if nothing more can be read now.
  const now = await findRun(parts, request.tenant, run.id).catch(() => run);
  return { body: present(now ?? run, parts) };
};

export const getResponse: Handler = async (request, parts) => {
  const run = await findRun(parts, request.tenant, runIdIn(request));
  if (!run) throw noResponse(request);
  return { body: present(run, parts) };
};

export const cancelResponse: Handler = async (request, parts) => {
  const run = await cancelRun(parts, request.tenant, runIdIn(request));
  if (!run) throw noResponse(request);
  return { body: present(run, parts) };
};

export const deleteResponse: Handler = async (request, parts) => {
  const runId = runIdIn(request);
  const { COTA_IDEMPOTENCY_TTL_S, COTA_CLOSED_TTL_S } = parts.env;
  const deleted = await deleteRun(parts, request.tenant, runId, Math.max(COTA_IDEMPOTENCY_TTL_S, COTA_CLOSED_TTL_S));
  if (!deleted) throw noResponse(request);
  return { body: { id: responseIdOf(runId), object: 'response', deleted: true } };
};

/** The response, and for a run that waits, why it may have to wait long: nobody serves its model. */
function present(run: RunView, { env, fleet }: ApiParts): ResponseObject {
  const response = responseOf(run, env.COTA_PUBLIC_URL ?? '');
  const { model } = run.config;
  const waiting = response.status === 'queued' || response.status === 'in_progress';
  if (!waiting || fleet.concurrencyOf(model) > 0) return response;
  const notice = `No worker serves the model "${model}" now; the run goes on when one does.`;
  return { ...response, cota: { ...response.cota, notice } };
}

function runIdIn(request: ApiRequest): string {
  const runId = runIdOf(request.params.id ?? '');
  if (runId === undefined) throw noResponse(request);
  return runId;
}

const noResponse = (request: ApiRequest): CotaError =>
  new CotaError('not_found', `There is no response '${(request.params.id ?? '').slice(0, 100)}', or it was deleted.`);

/** @throws CotaError for a key that is empty, too long, or sent twice */
function idempotencyKey(request: ApiRequest): string | undefined {
  const key = request.headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (typeof key === 'string' && /^[\x20-\x7e]{1,255}$/.test(key)) return key;
  throw new CotaError('invalid_value', 'Idempotency-Key must be 1 to 255 printable ASCII characters, sent once.', {
    param: 'Idempotency-Key',
  });
}
