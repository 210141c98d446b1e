/** /v1/chat/completions: a run whose answer is waited for. */
import { chatChunksOf, chatCompletionOf, chatErrorOf } from '../../../shared/chat/completion.ts';
import { readChatRequest } from '../../../shared/chat/request.ts';
import { CotaError } from '../../../shared/errors.ts';
import { completionIdOf, responseIdOf } from '../../../shared/keys.ts';
import { type RunView, statusOf } from '../../../shared/response.ts';
import { cancelRun } from '../../../shared/run/end-run.ts';
import { findRun } from '../../../shared/run/find-run.ts';
import { follow } from '../../../shared/stream/follow.ts';
import type { ApiParts, ApiReply, ApiRequest, Handler } from '../http.ts';
import { errorReply } from '../http-errors.ts';
import { sseEvent, sseReply, sseWaiting } from '../sse.ts';
import { type CreatedRun, createRun } from './create-run.ts';

export const createChatCompletion: Handler = async (request, parts) => {
  const created = await createRun(request, parts, readChatRequest);
  if (created.wanted.stream) return streamed(request, parts, created);
  const run = await whenEnded(request, parts, created);
  const error = chatErrorOf(run);
  if (error) return failed(error, request);
  return { body: chatCompletionOf(run, parts.env.COTA_PUBLIC_URL ?? '') };
};

/** @throws CotaError when it has not ended in time */
async function whenEnded(request: ApiRequest, parts: ApiParts, created: CreatedRun): Promise<RunView> {
  const { id } = created.run;
  if (isOver(created.run)) return created.run;
  await parts.waits.closed(id, parts.env.COTA_CHAT_WAIT_MS, request.signal);
  const run = await findRun(parts, request.tenant, id);
  if (run === undefined) throw new CotaError('not_found', 'The run of this chat completion was deleted.');
  if (isOver(run)) return run;
  if (request.signal.aborted) await giveUp(request, parts, created);
  else if (parts.waits.released) await interrupted(request, parts, created);
  throw new CotaError('wait_exceeded', stillGoing(run, parts));
}

const isOver = (run: RunView): boolean => !['queued', 'in_progress'].includes(statusOf(run));

function stillGoing({ id, config }: RunView, { env, fleet }: ApiParts): string {
  const path = `/v1/responses/${responseIdOf(id)}`;
  const why = fleet.concurrencyOf(config.model) > 0 ? '' : ` No worker serves the model "${config.model}" now.`;
  return `The run ${id} has not ended within ${env.COTA_CHAT_WAIT_MS / 1000} s and goes on: GET ${path} shows it, POST ${path}/cancel ends it.${why} For long runs use stream: true, or /v1/responses with background: true.`;
}

/**
 * Nobody will read the answer of a chat completion whose client is gone: its run ends. With an Idempotency-Key somebody
 * may come for it, so it goes on.
 */
async function giveUp(request: ApiRequest, parts: ApiParts, { run, key }: CreatedRun): Promise<void> {
  if (key !== undefined) return;
  try {
    await cancelRun(parts, request.tenant, run.id);
    parts.log.info({ runId: run.id, requestId: request.id }, 'the client of this chat is gone; its run is cancelled');
  } catch (error) {
    parts.log.warn({ runId: run.id, error }, 'cannot cancel the run of a client that is gone');
  }
}

/** @throws CotaError: this process stops, and whoever asks the next one would start another run */
async function interrupted(request: ApiRequest, parts: ApiParts, created: CreatedRun): Promise<never> {
  await giveUp(request, parts, created);
  const again = created.key === undefined ? 'ask again' : 'ask again with the same Idempotency-Key';
  throw new CotaError('overloaded', `This process is about to stop: ${again}.`, { retryAfterMs: 1_000 });
}

/** What failed will fail again: attempts were made already, so the official clients are told to make no more. */
function failed(error: CotaError, request: ApiRequest): ApiReply {
  const { status, headers, body } = errorReply(error, request.id);
  return { status, headers: { ...headers, 'x-should-retry': 'false' }, body };
}

function streamed(request: ApiRequest, parts: ApiParts, created: CreatedRun): ApiReply {
  const over = { is: false };
  const whenGone = (): void => {
    if (!over.is) void giveUp(request, parts, created);
  };
  request.signal.addEventListener('abort', whenGone, { once: true });
  if (request.signal.aborted) whenGone();
  return sseReply(chunks(request, parts, created, over));
}

async function* chunks(
  request: ApiRequest,
  parts: ApiParts,
  created: CreatedRun,
  /** Set once nothing is left to be waited for. */
  over: { is: boolean },
): AsyncGenerator<string> {
  const { tenant, signal } = request;
  const runId = created.run.id;
  const baseUrl = parts.env.COTA_PUBLIC_URL ?? '';
  try {
    const following = { tenant, runId, skip: 0, eventsOf: (run: RunView) => chatChunksOf(run, baseUrl), signal };
    for await (const now of follow(parts, following)) {
      if (now.is === 'event') yield sseEvent(now.event);
      if (now.is === 'waiting') yield sseWaiting(created.run.config.model, parts);
      if (now.is === 'stopping') await interrupted(request, parts, created);
      if (now.is === 'gone') throw new CotaError('not_found', `The run of ${completionIdOf(runId)} was deleted.`);
      if (now.is !== 'ended') continue;
      over.is = true;
      const error = chatErrorOf(now.run);
      if (error) throw error;
      yield sseEvent('[DONE]');
    }
  } catch (error) {
    over.is = true;
    if (!(error instanceof CotaError)) parts.log.error({ runId, requestId: request.id, error }, 'a stream broke');
    yield sseEvent(errorReply(error, request.id).body);
    yield sseEvent('[DONE]');
  }
}
