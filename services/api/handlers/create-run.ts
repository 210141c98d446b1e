/** A request that makes a run, of whatever kind: checked, with its images, and submitted. */
import { checkImages, imageLimits } from '../../../shared/request/images.ts';
import type { RequestContext, RequestedRun } from '../../../shared/request.ts';
import type { RunView } from '../../../shared/response.ts';
import { readRecording } from '../../../shared/run/recording.ts';
import { submit } from '../../../shared/run/submit.ts';
import type { ApiParts, ApiRequest } from '../http.ts';
import { idempotencyKey } from '../idempotency-key.ts';
import { modelsOf } from '../models-of.ts';

export interface CreatedRun {
  readonly wanted: RequestedRun;
  readonly run: RunView;
  /** The Idempotency-Key of the request, by which a client may ask for the same run again. */
  readonly key: string | undefined;
}

const namedIn = (body: unknown): unknown => (body as { model?: unknown } | null | undefined)?.model;

/** @param read turns the body into what a run is pinned to */
export async function createRun(
  request: ApiRequest,
  parts: ApiParts,
  read: (body: unknown, context: RequestContext) => RequestedRun,
): Promise<CreatedRun> {
  const { env, fleet, vitals } = parts;
  await vitals.assertRoom();
  const models = await modelsOf(request.tenant, parts, namedIn(request.body));
  const wanted = read(request.body, {
    tenant: request.tenant,
    models,
    tools: fleet.tools(),
    withheld: fleet.withheld(),
    imagesPerRun: env.COTA_IMAGES_PER_RUN,
    now: vitals.now(),
  });
  const images = await checkImages(wanted.images, imageLimits(parts, request.tenant));
  // A recording that is not there would fail the run seconds later.
  if (wanted.config.replay) await readRecording(parts.objects, wanted.config.replay.key);
  const key = idempotencyKey(request);
  const run = await submit(parts, {
    tenant: request.tenant,
    config: wanted.config,
    images,
    ...(key === undefined ? {} : { idempotency: { key, body: request.body, ttlS: env.COTA_IDEMPOTENCY_TTL_S } }),
  });
  return { wanted, run, key };
}
