import { expect, test } from 'vitest';
import { envelopeOf, eventIdOf, type WebhookEvent } from './events.ts';

const event: WebhookEvent = {
  id: eventIdOf('run_1', 'response.completed'),
  type: 'response.completed',
  createdAt: 1_770_000_000_123,
  data: { id: 'resp_1', status: 'completed' },
};

test('one envelope for Standard Webhooks and for OpenAI, the same bytes each time', () => {
  expect(JSON.parse(envelopeOf(event))).toEqual({
    id: event.id,
    object: 'event',
    type: 'response.completed',
    created_at: 1_770_000_000,
    timestamp: '2026-02-02T02:40:00.123Z',
    data: { id: 'resp_1', status: 'completed' },
  });
  expect(envelopeOf({ ...event })).toBe(envelopeOf(event));
});

test('the same subject and type are the same event', () => {
  expect(eventIdOf('run_1', 'response.completed')).toBe(event.id);
  expect(event.id).toMatch(/^evt_[0-9a-f]{32}$/);
  expect(eventIdOf('run_2', 'response.completed')).not.toBe(event.id);
  expect(eventIdOf('run_1', 'response.failed')).not.toBe(event.id);
});

test('facts that are too long are left out, so that a body stays below 20 kB', () => {
  const metadata = Object.fromEntries(Array.from({ length: 16 }, (_, index) => [`key-${index}`, '語'.repeat(512)]));
  const text = envelopeOf({ ...event, data: { id: 'resp_1', metadata } });
  expect(JSON.parse(text).data).toEqual({ id: 'resp_1' });
  const ascii = Object.fromEntries(
    Array.from({ length: 16 }, (_, index) => [`${index}`.padStart(64, 'k'), 'x'.repeat(512)]),
  );
  const kept = envelopeOf({ ...event, data: { id: 'resp_1', metadata: ascii } });
  expect(Buffer.byteLength(kept)).toBeLessThan(20_000);
  expect(JSON.parse(kept).data.metadata).toEqual(ascii);
});
