/** Carries an action out with the cluster's tools: a call is a run without a model, whose trace nobody keeps. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../../../shared/cluster.ts';
import type { ImageRef, ToolSpec } from '../../../shared/contract.ts';
import type { ChainImage, ChainObservation } from '../../../shared/data/chain.ts';
import { CotaError, codeOf, isErrorCode, ruleOf } from '../../../shared/errors.ts';
import { readinessOf } from '../../../shared/fleet.ts';
import { callConfig, callStep } from '../../../shared/run/call.ts';
import { deleteRun } from '../../../shared/run/end-run.ts';
import { findRun } from '../../../shared/run/find-run.ts';
import { openRunWaits } from '../../../shared/run/run-waits.ts';
import { type CheckedImage, submit } from '../../../shared/run/submit.ts';
import { semaphore } from '../../tools/semaphore.ts';
import { keepPicture, type PictureOwner, placeOf } from '../factory/pictures.ts';
import type { Services, ToolAnswer, ToolCall } from '../factory/services.ts';

type ActingParts = Pick<
  Cluster,
  'redis' | 'runs' | 'objects' | 'admission' | 'tenancy' | 'finalizing' | 'fleet' | 'log' | 'env' | 'lifecycle'
>;

/** A place in the cluster that is full now is asked for again this often, and this many times. */
const FULL_MS = 2_000;
const FULL_TRIES = 30;
/** Between two looks whether a call is over that nobody told of. */
const LOOK_MS = 60_000;
/** How long a deleted call cannot be brought back by what is still under way. */
const REMEMBER_S = 600;

/**
 * @param atOnce calls of this process that are under way at a time; the others wait here
 * @returns what gives each job its own hands on the tools
 */
export function openActing(parts: ActingParts, atOnce: number): (job: PictureOwner) => Services['act'] {
  const waits = openRunWaits(parts.redis);
  parts.lifecycle.onStop('calls of tools', () => waits.release());
  const places = semaphore(atOnce);

  async function over(tenant: string, runId: string, signal: AbortSignal) {
    for (;;) {
      await waits.closed(runId, LOOK_MS, signal);
      signal.throwIfAborted();
      const run = await findRun(parts, tenant, runId);
      if (!run) throw new Error(`the call ${runId} was deleted before it was over`);
      if (run.status === 'closed') return run;
    }
  }

  async function start(job: PictureOwner, call: ToolCall, spec: ToolSpec, signal: AbortSignal): Promise<string> {
    const images = await Promise.all(inOrder(call.images).map((image) => checked(parts, job, image)));
    for (let tries = 1; ; tries++) {
      try {
        return (await submit(parts, { tenant: job.tenant, config: callConfig(spec, call.action, 'batch'), images })).id;
      } catch (error) {
        if (ruleOf(codeOf(error)).run !== 'wait' || tries === FULL_TRIES) throw error;
        await sleep(FULL_MS, undefined, { signal });
      }
    }
  }

  async function act(job: PictureOwner, call: ToolCall, signal: AbortSignal): Promise<ToolAnswer> {
    const { tenant } = job;
    const spec = toolOf(parts, call.action.name);
    const runId = await start(job, call, spec, signal);
    try {
      const run = await over(tenant, runId, signal);
      const step = callStep(run);
      if (!step) throw failureOf(run.outcome?.error, call.action.name);
      const { observation } = step;
      return { observation: await kept(parts, job, observation), toolVersion: step.toolVersion };
    } finally {
      // What is left of it is deleted with the tenant's old runs, where it cannot be deleted now.
      await deleteRun(parts, tenant, runId, REMEMBER_S).catch((error: unknown) => {
        parts.log.warn({ runId, error }, 'cannot delete a call that is over');
      });
    }
  }

  return (job) => (call, signal) => places(() => act(job, call, signal), signal);
}

/** @throws CotaError `tool_away`: the shard waits until somebody carries it out */
function toolOf({ fleet }: Pick<ActingParts, 'fleet'>, name: string): ToolSpec {
  const spec = fleet.tools().find((tool) => tool.name === name);
  const { workers, ready, missing } = readinessOf(name, fleet.workers());
  if (spec && ready > 0) return spec;
  const why = workers === 0 ? 'no worker carries it out' : `it is not ready (${missing})`;
  throw new CotaError('tool_away', `${name} cannot be called now: ${why}. \`cota tools\` shows what there is.`);
}

/** A run names its images by their places, so these must be `image-0`, `image-1`, ... */
function inOrder(images: readonly ChainImage[]): ChainImage[] {
  const sorted = images.toSorted((a, b) => numberOf(a) - numberOf(b));
  const gap = sorted.findIndex((image, at) => numberOf(image) !== at);
  if (gap >= 0) throw new Error(`a call's images must be image-0, image-1, ...: image-${gap} is missing`);
  return sorted;
}

const numberOf = ({ name }: ChainImage): number => Number(name.slice('image-'.length));

async function checked(
  { objects }: Pick<ActingParts, 'objects'>,
  job: PictureOwner,
  { name, key }: ChainImage,
): Promise<CheckedImage> {
  if (key === undefined) throw new Error(`${name} was never drawn: no tool can look at it`);
  return { from: 'object', ...(await placeOf(objects, job, key)) };
}

function failureOf(error: { readonly code: string; readonly message: string } | undefined, name: string): Error {
  if (error && isErrorCode(error.code)) return new CotaError(error.code, `${name}: ${error.message}`);
  return new Error(`${name}: ${error?.message ?? 'the call ended without a result'}`);
}

type Observed = NonNullable<ReturnType<typeof callStep>>['observation'];

/** The observation as a chain has it, its images moved to where the job's other pictures lie. */
async function kept(
  { objects }: Pick<ActingParts, 'objects'>,
  job: PictureOwner,
  observation: Observed,
): Promise<ChainObservation> {
  if (!observation.ok) return { ok: false, error: observation.error };
  const images = await Promise.all(observation.images.map((image) => keep(objects, job, image)));
  return { ok: true, result: observation.result, ...(images.length > 0 ? { images } : {}) };
}

async function keep(objects: ActingParts['objects'], job: PictureOwner, image: ImageRef): Promise<ChainImage> {
  const { name, width, height, sha256, contentType } = image;
  const { bytes } = await objects.get(image.key);
  const key = await keepPicture(objects, job, { sha256, bytes, contentType });
  return { name, width, height, key, sha256, contentType };
}
