/** /v1/responses: create, look at, cancel, delete. */

import { CotaError } from '../../../shared/errors.ts';
import { responseIdOf, runIdOf } from '../../../shared/keys.ts';
import { readRequest } from '../../../shared/request.ts';
import type { ResponseObject } from '../../../shared/response/schema.ts';
import { type RunView, responseOf } from '../../../shared/response.ts';
import { cancelRun, deleteRun } from '../../../shared/run/end-run.ts';
import { findRun } from '../../../shared/run/find-run.ts';
import type { ApiParts, ApiRequest, Handler } from '../http.ts';
import { createRun } from './create-run.ts';
import { streamResponse } from './response-stream.ts';

export const createResponse: Handler = async (request, parts) => {
  const { env, waits } = parts;
  const { wanted, run } = await createRun(request, parts, readRequest);
  if (wanted.stream) return streamResponse(request, parts, run);
  if (wanted.background || run.status === 'closed') return { body: presentRun(run, parts) };
  await waits.closed(run.id, env.COTA_WAIT_MS, request.signal);
  // The run is accepted, so its id is the answer even if nothing more can be read now.
  const now = await findRun(parts, request.tenant, run.id).catch(() => run);
  return { body: presentRun(now ?? run, parts) };
};

export const getResponse: Handler = async (request, parts) => {
  const run = await findRun(parts, request.tenant, runIdIn(request));
  if (!run) throw noResponse(request);
  const { stream, starting_after } = request.query;
  if (stream === 'true') return streamResponse(request, parts, run, Number(starting_after ?? -1));
  return { body: presentRun(run, parts) };
};
export const cancelResponse: Handler = async (request, parts) => {
  const run = await cancelRun(parts, request.tenant, runIdIn(request));
  if (!run) throw noResponse(request);
  return { body: presentRun(run, parts) };
};

export const deleteResponse: Handler = async (request, parts) => {
  const runId = runIdIn(request);
  const { COTA_IDEMPOTENCY_TTL_S, COTA_CLOSED_TTL_S } = parts.env;
  const deleted = await deleteRun(parts, request.tenant, runId, Math.max(COTA_IDEMPOTENCY_TTL_S, COTA_CLOSED_TTL_S));
  if (!deleted) throw noResponse(request);
  return { body: { id: responseIdOf(runId), object: 'response', deleted: true } };
};

/** The response, and for a run that waits, why it may have to wait long: nobody serves its model. */
export function presentRun(run: RunView, { env, fleet }: ApiParts): ResponseObject {
  const response = responseOf(run, env.COTA_PUBLIC_URL ?? '');
  const { model, call } = run.config;
  const waiting = response.status === 'queued' || response.status === 'in_progress';
  const served = call
    ? fleet.workers().some((worker) => worker.tools.includes(call.name))
    : fleet.concurrencyOf(model) > 0;
  if (!waiting || served) return response;
  const notice = call
    ? `No worker carries out ${call.name} now; the call goes on when one does.`
    : `No worker serves the model "${model}" now; the run goes on when one does.`;
  return { ...response, cota: { ...response.cota, notice } };
}

function runIdIn(request: ApiRequest): string {
  const runId = runIdOf(request.params.id ?? '');
  if (runId === undefined) throw noResponse(request);
  return runId;
}

const noResponse = (request: ApiRequest): CotaError =>
  new CotaError('not_found', `There is no response '${(request.params.id ?? '').slice(0, 100)}', or it was deleted.`);
