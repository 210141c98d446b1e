/**
 * How a checked request becomes a run: its id is reserved, its images are stored, its record is created, admission is
 * asked. Each part may be repeated with the same outcome, so a request that died half-way is finished by its retry.
 */
import type { Redis } from 'ioredis';
import type { ImageSource, RunConfig } from '../contract.ts';
import { CotaError } from '../errors.ts';
import { newRunId, paths } from '../keys.ts';
import { ObjectMissing, type ObjectStore } from '../object-store.ts';
import { type RunView, viewOfNew } from '../response.ts';
import type { Log } from '../telemetry.ts';
import type { Tenancy } from '../tenants/tenancy.ts';
import type { Admission } from './admission.ts';
import { findRun, wasDeleted } from './find-run.ts';
import { reserve } from './idempotency.ts';
import { rememberRun } from './recent-runs.ts';
import type { RunStore } from './run-store.ts';

export interface SubmitParts {
  readonly redis: Redis;
  readonly runs: RunStore;
  readonly objects: ObjectStore;
  readonly admission: Admission;
  readonly tenancy: Pick<Tenancy, 'openRuns'>;
  readonly log: Log;
}

/**
 * An image whose request has been checked: bytes that came with it, what intake will fetch or copy, or an image of an
 * earlier run, which is copied at once since that run may be deleted at any time.
 */
export type CheckedImage =
  | { readonly from: 'bytes'; readonly bytes: Buffer; readonly contentType: string }
  | { readonly from: 'url'; readonly url: string }
  | { readonly from: 'object'; readonly key: string; readonly bytes: number }
  | { readonly from: 'run'; readonly key: string };

export interface Submission {
  readonly tenant: string;
  readonly config: Omit<RunConfig, 'sources'>;
  readonly images: readonly CheckedImage[];
  readonly idempotency?: { readonly key: string; readonly body: unknown; readonly ttlS: number };
}

/**
 * @returns the run: new, or the one that an earlier request with this Idempotency-Key made
 * @throws CotaError `too_many_open_runs` where the tenant has no place for one more
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
  const counted = submission.config.batch === undefined;
  if (counted) await parts.tenancy.openRuns.enter(tenant, id);
  const sources = await prepare(parts, submission, id).catch(async (error: unknown) => {
    if (counted) await parts.tenancy.openRuns.leave({ tenant, id }).catch(() => undefined);
    throw error;
  });
  const config: RunConfig = { ...submission.config, sources };
  await runs.create({ id, tenant, config });
  await enter(parts, { id, tenant, config });
  // From here on the run is accepted: what cannot be read now does not make it undone.
  const created = await runs.read(id).catch(() => undefined);
  return created ?? viewOfNew(id, config, Date.now());
}

async function prepare(parts: SubmitParts, submission: Submission, id: string): Promise<ImageSource[]> {
  if (submission.config.batch === undefined) await rememberRun(parts.redis, submission.tenant, id);
  return storeImages(parts.objects, submission, id);
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

/** Stores images that came with a request under the run that they are for. May be repeated. */
export async function storeImages(
  objects: ObjectStore,
  submission: Pick<Submission, 'tenant' | 'images'>,
  id: string,
): Promise<ImageSource[]> {
  const sources: ImageSource[] = [];
  for (const [index, image] of submission.images.entries()) {
    if (image.from === 'url') {
      sources.push(image);
      continue;
    }
    if (image.from === 'object') {
      sources.push({ from: 'store', key: image.key, bytes: image.bytes, copy: true });
      continue;
    }
    const key = paths.upload(submission.tenant, id, index);
    if (image.from === 'run') {
      sources.push({ from: 'store', key, bytes: await copyImage(objects, image.key, key) });
      continue;
    }
    await objects.put(key, image.bytes, { contentType: image.contentType });
    sources.push({ from: 'store', key, bytes: image.bytes.length });
  }
  return sources;
}

/** @returns bytes of the image */
async function copyImage(objects: ObjectStore, from: string, to: string): Promise<number> {
  try {
    const { body, size, contentType } = await objects.stream(from);
    await objects.put(to, body, { contentType });
    return size;
  } catch (error) {
    if (!(error instanceof ObjectMissing)) throw error;
    throw new CotaError('image_file_not_found', 'An image of the run is no longer in the store: it is being deleted.', {
      cause: error,
    });
  }
}
