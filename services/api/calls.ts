/** Calls of single tools, for REST and MCP alike: checked, submitted as runs, waited for. */
import type { ImageRef, JsonObject, RunConfig, ToolSpec } from '../../shared/contract.ts';
import { CotaError } from '../../shared/errors.ts';
import { type Fleet, readinessOf } from '../../shared/fleet.ts';
import { checkImages, imageLimits } from '../../shared/request/images.ts';
import type { RequestedImage } from '../../shared/request.ts';
import { type RunView, statusOf } from '../../shared/response.ts';
import { callConfig, callStep } from '../../shared/run/call.ts';
import { cancelRun } from '../../shared/run/end-run.ts';
import { findRun } from '../../shared/run/find-run.ts';
import { submit } from '../../shared/run/submit.ts';
import type { ApiParts } from './http.ts';

/** Characters of a call's arguments as JSON: they live in Redis. Pictures come as `images`. */
export const MAX_ARGUMENTS = 65_536;

/** Ends every run; it is no tool that somebody carries out. */
const TERMINATE = 'Terminate';

export interface ToolCall {
  readonly tenant: string;
  readonly name: string;
  readonly arguments: JsonObject;
  /** Each an https URL, a data URL, an s3 URL or a file id: `image-0`, `image-1`, ... of the arguments. */
  readonly images: readonly string[];
  readonly priority: RunConfig['priority'];
  readonly idempotency?: { readonly key: string; readonly body: unknown };
}

/** Tools that some worker carries out now and that lack nothing, by name. */
export function callableTools(fleet: Pick<Fleet, 'tools' | 'workers'>): ToolSpec[] {
  return fleet.tools().filter(({ name }) => name !== TERMINATE && readinessOf(name, fleet.workers()).ready > 0);
}

/** @throws CotaError `not_found` for a tool that there is not, `tool_away` with the reason for one that cannot work now */
export function callableTool(name: string, fleet: Pick<Fleet, 'tools' | 'workers'>): ToolSpec {
  const spec = fleet.tools().find((tool) => tool.name === name && name !== TERMINATE);
  if (!spec) {
    const there = callableTools(fleet).map((tool) => tool.name);
    const list = there.length > 0 ? `there are ${there.join(', ')}` : 'no worker has announced any yet';
    throw new CotaError('not_found', `There is no tool '${name.slice(0, 100)}': ${list}.`);
  }
  const { workers, ready, missing } = readinessOf(name, fleet.workers());
  if (ready > 0) return spec;
  const why = workers === 0 ? 'no worker carries it out' : `it is not ready (${missing})`;
  throw new CotaError('tool_away', `${name} cannot be called now: ${why}. GET /v1/tools shows what there is.`, {
    retryAfterMs: 10_000,
  });
}

/**
 * @returns the run of the call
 * @throws CotaError for what is wrong with the call, and where it cannot be taken now
 */
export async function submitCall(parts: ApiParts, call: ToolCall): Promise<RunView> {
  const { env, fleet, vitals } = parts;
  await vitals.assertRoom();
  const spec = callableTool(call.name, fleet);
  const length = JSON.stringify(call.arguments).length;
  if (length > MAX_ARGUMENTS) {
    const words = `The arguments have ${length.toLocaleString('en')} characters as JSON; at most ${MAX_ARGUMENTS.toLocaleString('en')} are taken. Images belong into \`images\`.`;
    throw new CotaError('string_above_max_length', words, { param: 'arguments' });
  }
  if (call.images.length > env.COTA_IMAGES_PER_RUN) {
    const words = `A call takes at most ${env.COTA_IMAGES_PER_RUN} images; there are ${call.images.length}.`;
    throw new CotaError('invalid_value', words, { param: 'images' });
  }
  const requested = call.images.map((image, index): RequestedImage => {
    const param = `images[${index}]`;
    return image.startsWith('file-') ? { fileId: image, param } : { url: image, param };
  });
  const images = await checkImages(requested, imageLimits(parts, call.tenant));
  const config = callConfig(spec, { name: call.name, arguments: call.arguments }, call.priority);
  const { idempotency } = call;
  return submit(parts, {
    tenant: call.tenant,
    config,
    images,
    // A key may name a request for a response too.
    ...(idempotency
      ? { idempotency: { ...idempotency, key: `call ${idempotency.key}`, ttlS: env.COTA_IDEMPOTENCY_TTL_S } }
      : {}),
  });
}

const isOver = (run: RunView): boolean => !['queued', 'in_progress'].includes(statusOf(run));

/**
 * Waits for the end of a call, which is cancelled when whoever asked for it goes away.
 * @param signal aborted when nobody wants the result any more
 * @returns the run as it is when it has ended or the time is up
 */
export async function whenCalled(
  parts: ApiParts,
  run: RunView,
  { tenant, waitMs, signal }: { readonly tenant: string; readonly waitMs: number; readonly signal: AbortSignal },
): Promise<RunView> {
  if (isOver(run)) return run;
  await parts.waits.closed(run.id, waitMs, signal);
  // The call is accepted, so its id is the answer even if nothing more can be read now.
  const now = (await findRun(parts, tenant, run.id).catch(() => run)) ?? run;
  if (signal.aborted && !isOver(now)) await giveUp(parts, tenant, run.id);
  return now;
}

/** Ends a call that nobody waits for any more. */
export async function giveUp(parts: ApiParts, tenant: string, runId: string): Promise<void> {
  try {
    await cancelRun(parts, tenant, runId);
    parts.log.info({ runId }, 'nobody waits for this call any more; it is cancelled');
  } catch (error) {
    parts.log.warn({ runId, error }, 'cannot cancel a call that nobody waits for');
  }
}

/** What came of a call, in the words of its tool where there are any. */
export type CallResult =
  | { readonly is: 'done'; readonly result: JsonObject; readonly images: readonly ImageRef[] }
  | { readonly is: 'failed'; readonly code: string; readonly message: string }
  | { readonly is: 'under_way' };

export function resultOf(run: RunView): CallResult {
  if (!isOver(run)) return { is: 'under_way' };
  const observation = callStep(run)?.observation;
  if (observation?.ok) return { is: 'done', result: observation.result, images: observation.images };
  if (observation) return { is: 'failed', ...observation.error };
  if (run.outcome?.status === 'cancelled')
    return { is: 'failed', code: 'cancelled', message: 'The call was cancelled.' };
  const { code, message } = run.outcome?.error ?? { code: 'server_error', message: 'The call failed.' };
  return { is: 'failed', code, message };
}
