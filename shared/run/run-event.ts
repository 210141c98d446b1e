/** What webhooks say of a run that has ended. Pure, so that saying it twice is the same event. */
import type { Run } from '../contract.ts';
import { responseIdOf } from '../keys.ts';
import { type EventType, eventIdOf, type WebhookEvent } from '../webhooks/emit.ts';

/** @param run frozen: with its outcome and the time of its end */
export function eventOfRun(run: Run): WebhookEvent {
  const status = run.outcome?.status ?? 'failed';
  const type: EventType = `response.${status}`;
  const data = {
    id: responseIdOf(run.id),
    status,
    model: run.config.model,
    stop_reason: run.outcome?.stopReason ?? null,
    metadata: run.config.metadata,
  };
  return { id: eventIdOf(run.id, type), type, createdAt: run.endedAt ?? run.createdAt, data };
}
