/** The events of a response, sent as they come, from any of them on. */
import { CotaError } from '../../../shared/errors.ts';
import type { RunView } from '../../../shared/response.ts';
import { eventsOf } from '../../../shared/stream/events.ts';
import { follow } from '../../../shared/stream/follow.ts';
import type { ApiParts, ApiReply, ApiRequest } from '../http.ts';
import { errorReply } from '../http-errors.ts';
import { sseComment, sseEvent, sseReply, sseWaiting } from '../sse.ts';

/**
 * The run is none of the stream's: it goes on when the client goes away.
 * @param after number of the last event that the client has; -1 = none
 */
export const streamResponse = (request: ApiRequest, parts: ApiParts, run: RunView, after = -1): ApiReply =>
  sseReply(lines(request, parts, run, after));

async function* lines(
  request: ApiRequest,
  parts: ApiParts,
  { id: runId, config }: RunView,
  after: number,
): AsyncGenerator<string> {
  const { tenant, signal } = request;
  const baseUrl = parts.env.COTA_PUBLIC_URL ?? '';
  let next = after + 1;
  try {
    const following = { tenant, runId, skip: next, eventsOf: (run: RunView) => eventsOf(run, baseUrl), signal };
    for await (const now of follow(parts, following)) {
      switch (now.is) {
        case 'event':
          next = now.event.sequence_number + 1;
          yield sseEvent(now.event, now.event.type);
          break;
        case 'progress':
          yield sseEvent({ type: 'cota.progress', ...now.progress }, 'cota.progress');
          break;
        case 'waiting':
          yield sseWaiting(config.model, parts);
          break;
        case 'stopping':
          yield sseComment(`this process stops; ask for the events after ${next - 1} again`);
          break;
        case 'gone':
          throw new CotaError('not_found', 'The response was deleted.');
        case 'ended':
          break;
      }
    }
  } catch (error) {
    const { message, param, code } = errorReply(error, request.id).body.error;
    if (!(error instanceof CotaError)) parts.log.error({ runId, requestId: request.id, error }, 'a stream broke');
    yield sseEvent({ type: 'error', code, message, param, sequence_number: next }, 'error');
  }
}
