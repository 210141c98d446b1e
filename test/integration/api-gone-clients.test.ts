/** Clients that leave while their request is at the door hold nothing afterwards, and nothing is done for them. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { API_KEY, type ApiHarness, startApiHarness } from '../api-harness.ts';

let harness: ApiHarness;
beforeAll(async () => {
  harness = await startApiHarness({ COTA_QUOTA_REQUESTS_AT_ONCE: '2' });
});
afterAll(() => harness?.stop());

/** Sent and given up again while Redis, which the door asks, does not answer. */
async function leaveAtTheDoor(path: string, body: object): Promise<unknown> {
  return fetch(harness.api.url + path, {
    method: 'POST',
    signal: AbortSignal.timeout(150),
    headers: { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  }).catch((error: unknown) => (error instanceof Error ? error.name : error));
}

test('a tenant whose clients left at the door is not locked out', async () => {
  const { redis } = harness.cluster.shared;
  await redis.client('PAUSE', 600, 'ALL');
  const left = await Promise.all([1, 2, 3].map(() => leaveAtTheDoor('/v1/responses', { input: 'answer' })));
  expect(left).toEqual(['TimeoutError', 'TimeoutError', 'TimeoutError']);
  // Answered once Redis is there again, which is after all of them have come through.
  expect(await redis.ping()).toBe('PONG');
  const replies = [];
  for (let i = 0; i < 3; i++) replies.push(await harness.post('/v1/responses', { input: 'answer' }));
  expect(replies.map(({ status }) => status)).toEqual([200, 200, 200]);
});

test('no run goes on for a chat whose client left at the door', async () => {
  const { redis } = harness.cluster.shared;
  await redis.client('PAUSE', 600, 'ALL');
  const chat = { messages: [{ role: 'user', content: 'hold' }] };
  expect(await leaveAtTheDoor('/v1/chat/completions', chat)).toBe('TimeoutError');
  expect(await redis.ping()).toBe('PONG');
  await new Promise((resolve) => setTimeout(resolve, 500));
  const { data } = (await (await harness.fetch('/v1/runs')).json()) as { data: { status: string }[] };
  expect(data.filter(({ status }) => status === 'in_progress' || status === 'queued')).toEqual([]);
});
