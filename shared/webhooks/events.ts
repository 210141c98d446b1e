/** What happened, in the words that receivers get: one envelope that clients of Standard Webhooks and of OpenAI both read. */
import { createHash } from 'node:crypto';

/** What an endpoint may ask for. */
export const EVENT_TYPES = [
  'response.completed',
  'response.failed',
  'response.cancelled',
  'response.incomplete',
  'batch.completed',
  'batch.failed',
  'batch.expired',
  'batch.cancelled',
  'data_job.completed',
  'data_job.failed',
  'data_job.cancelled',
  'fine_tuning.job.succeeded',
  'fine_tuning.job.failed',
  'fine_tuning.job.cancelled',
] as const;
/** Sent to one endpoint when its owner asks for it, whatever the endpoint's filter. */
export const TEST_EVENT = 'webhook.test';
export type EventType = (typeof EVENT_TYPES)[number] | typeof TEST_EVENT;

export interface WebhookEvent {
  /** The same id is the same event; see `eventIdOf`. */
  readonly id: string;
  readonly type: EventType;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  /** Id of what it happened to, and small facts that save the receiver a request. */
  readonly data: { readonly id: string; readonly [fact: string]: unknown };
}

/** What receivers take at most, after the advice of Standard Webhooks. */
const MAX_BODY_BYTES = 20_000;

/** @param subject id of the run or batch: the same subject can have each type of event once */
export function eventIdOf(subject: string, type: EventType): string {
  return `evt_${createHash('sha256').update(`${type} ${subject}`).digest('hex').slice(0, 32)}`;
}

/**
 * The body of a delivery. It is written once and sent as it is in every try, since each byte is signed.
 * Where the facts are too long, only the id of the subject is sent: the rest can be asked for.
 */
export function envelopeOf({ id, type, createdAt, data }: WebhookEvent): string {
  const head = { id, object: 'event', type, created_at: Math.floor(createdAt / 1000) };
  const timestamp = new Date(createdAt).toISOString();
  const text = JSON.stringify({ ...head, timestamp, data });
  if (Buffer.byteLength(text) < MAX_BODY_BYTES) return text;
  return JSON.stringify({ ...head, timestamp, data: { id: data.id } });
}
