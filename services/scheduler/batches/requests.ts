/** A line's body -> its run, by the same rules as a request to the same path. */
import type { BatchState } from '../../../shared/batch/contract.ts';
import type { BatchLine } from '../../../shared/batch/line.ts';
import { readChatRequest } from '../../../shared/chat/request.ts';
import { CotaError, codeOf, ruleOf } from '../../../shared/errors.ts';
import { modelsFor } from '../../../shared/models/trained-view.ts';
import { checkImages, imageLimits } from '../../../shared/request/images.ts';
import { type RequestedRun, readRequest } from '../../../shared/request.ts';
import { readRecording } from '../../../shared/run/recording.ts';
import type { CheckedImage } from '../../../shared/run/submit.ts';
import type { BatchParts } from './parts.ts';

/** Why a line has no run: what its request would have been answered. */
export interface Refusal {
  readonly status: number;
  readonly error: {
    readonly message: string;
    readonly type: string;
    readonly param: string | null;
    readonly code: string;
  };
}

export interface CheckedLine {
  readonly config: RequestedRun['config'];
  readonly images: readonly CheckedImage[];
}

/**
 * @returns the run, or a refusal that another try would meet too
 * @throws what may pass: the store or Redis is away, a tool was never announced
 */
export async function checkLine(
  parts: BatchParts,
  batch: BatchState,
  { body }: BatchLine,
): Promise<CheckedLine | Refusal> {
  const { env, models, trained, fleet, objects } = parts;
  try {
    if (body.stream === true) {
      throw new CotaError('unsupported_parameter', 'A line of a batch cannot be streamed: leave stream out.', {
        param: 'stream',
      });
    }
    const read = batch.endpoint === '/v1/responses' ? readRequest : readChatRequest;
    // What was registered a moment ago must not refuse a line for good.
    if (typeof body.model === 'string') await trained.look(body.model);
    const wanted = read(body, {
      tenant: batch.tenant,
      models: modelsFor(models, trained, batch.tenant),
      tools: fleet.tools(),
      withheld: fleet.withheld(),
      imagesPerRun: env.COTA_IMAGES_PER_RUN,
      now: Date.now(),
    });
    const images = await checkImages(wanted.images, imageLimits(parts, batch.tenant));
    if (wanted.config.replay) await readRecording(objects, wanted.config.replay.key);
    return { config: wanted.config, images };
  } catch (error) {
    const code = codeOf(error);
    if (ruleOf(code).run === 'wait' || !(error instanceof Error) || code === 'server_error') throw error;
    return refusalOf(error);
  }
}

export function refusalOf(error: Error): Refusal {
  const code = codeOf(error);
  const rule = ruleOf(code);
  const param = error instanceof CotaError ? (error.param ?? null) : null;
  return { status: rule.http, error: { message: error.message, type: rule.type, param, code } };
}

export const isRefusal = (line: CheckedLine | Refusal): line is Refusal => 'status' in line;
