/**
 * How a checked request becomes a run: its id is reserved, its images are stored, its record is created, admission is
 * asked. Each part may be repeated with the same outcome, so a request that died half-way is finished by its retry.
 */
import type { Redis } from 'ioredis';
import type { ImageSource, RunConfig } from '../contract.ts';
import { CotaError } from '../errors.ts';
import { newRunId, paths } from '../keys.ts';
import type { ObjectStore } from '../object-store.ts';
import { type RunView, viewOfNew } from '../response.ts';
import type { Log } from '../telemetry.ts';
import type { Admission } from './admission.ts';
import { findRun, wasDeleted } from './find-run.ts';
import { reserve } from './idempotency.ts';
import type { RunStore } from './run-store.ts';

export interface SubmitParts {
  readonly redis: Redis;
  readonly runs: RunStore;
  readonly objects: ObjectStore;
  readonly admission: Admission;
  readonly log: Log;
}

/** An image whose request has been checked: bytes that came with it, or a URL that intake will fetch. */
export type CheckedImage =
  | { readonly from: 'bytes'; readonly bytes: Buffer; readonly contentType: string }
  | { readonly from: 'url'; readonly url: string };

export interface Submission {
  readonly tenant: string;
  readonly config: Omit<RunConfig, 'sources'>;
  readonly images: readonly CheckedImage[];
  readonly idempotency?: { readonly key: string; readonly body: unknown; readonly ttlS: number };
}

/**
 * @returns the run: new, or the one that an earlier request with this Idempotency-Key made
 * @throws StoreAway or a Redis error before the run exists: nothing was accepted. Once it exists, nothing is thrown.
 */
export async function submit(parts: SubmitParts, submission: Submission): Promise<RunView> {
  const { tenant, idempotency } = submission;
  const fresh = newRunId();
  if (!idempotency) return create(parts, submission, fresh);
  const reserved = await reserve(parts.redis, { tenant, ...idempotency }, fresh, idempotency.ttlS);
  if (reserved.fresh) return create(parts, submission, reserved.runId);
  const earlier = await findRun(parts, tenant, reserved.runId);
  if (earlier) {
    // Its request may have died between the record and admission; entering twice is harmless.
    if (earlier.status === 'pending') await enter(parts, { id: earlier.id, tenant, config: earlier.config });
    return earlier;
  }
  if (await wasDeleted(parts.redis, reserved.runId)) {
    throw new CotaError(
      'not_found',
      'The run that this Idempotency-Key made was deleted: send a new key for a new run.',
    );
  }
  return create(parts, submission, reserved.runId);
}

async function create(parts: SubmitParts, submission: Submission, id: string): Promise<RunView> {
  const { runs } = parts;
  const { tenant } = submission;
  const sources = await storeImages(parts.objects, submission, id);
  const config: RunConfig = { ...submission.config, sources };
  await runs.create({ id, tenant, config });
  await enter(parts, { id, tenant, config });
  // From here on the run is accepted: what cannot be read now does not make it undone.
  const created = await runs.read(id).catch(() => undefined);
  return created ?? viewOfNew(id, config, Date.now());
}

type NewRun = Parameters<Admission['enter']>[0];

/** Asks admission; if that fails now, goes on asking behind the answer. The sweeper is the net below. */
async function enter(parts: SubmitParts, run: NewRun): Promise<void> {
  try {
    await parts.admission.enter(run);
  } catch (error) {
    parts.log.warn({ runId: run.id, error }, 'cannot ask admission now; asking again');
    void enterLater(parts, run);
  }
}

const AGAIN_MS = [500, 1_000, 2_000, 5_000, 10_000, 20_000, 30_000];

async function enterLater(parts: SubmitParts, run: NewRun): Promise<void> {
  for (const pause of AGAIN_MS) {
    await new Promise((resolve) => setTimeout(resolve, pause).unref());
    try {
      return await parts.admission.enter(run);
    } catch (error) {
      parts.log.debug({ runId: run.id, error }, 'admission still cannot be asked');
    }
  }
  parts.log.warn({ runId: run.id }, 'admission could not be asked; the sweeper will');
}

async function storeImages(objects: ObjectStore, submission: Submission, id: string): Promise<ImageSource[]> {
  const sources: ImageSource[] = [];
  for (const [index, image] of submission.images.entries()) {
    if (image.from === 'url') {
      sources.push(image);
      continue;
    }
    const key = paths.upload(submission.tenant, id, index);
    await objects.put(key, image.bytes, { contentType: image.contentType });
    sources.push({ from: 'store', key, bytes: image.bytes.length });
  }
  return sources;
}
