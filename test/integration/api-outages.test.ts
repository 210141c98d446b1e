/** Redis or the store away, or full: 503 within seconds in our own words, and what was accepted goes on. */
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runIdOf } from '../../shared/keys.ts';
import { type ApiHarness, dataUrl, PNG, startApiHarness } from '../api-harness.ts';

let harness: ApiHarness;
beforeAll(async () => {
  harness = await startApiHarness({ COTA_WAIT_MS: '20000' });
});
afterAll(() => harness?.stop());

/** Ours, or what Redis' command time-out of 5 s makes of it on a busy machine. */
const WITHIN_MS = 9_000;

async function expectAway(work: () => Promise<Response>, code: string): Promise<void> {
  const started = performance.now();
  const reply = await work();
  const body = (await reply.json()) as { error: { code: string; message: string; type: string } };
  expect({ status: reply.status, code: body.error.code }).toEqual({ status: 503, code });
  expect(body.error.type).toBe('server_error');
  expect(Number(reply.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
  expect(performance.now() - started).toBeLessThan(WITHIN_MS);
}

const create = (input: unknown, more: object = {}) =>
  harness.post('/v1/responses', { input, background: true, ...more });
const idOf = async (reply: Response): Promise<string> => ((await reply.json()) as { id: string }).id;
const statusOf = async (id: string): Promise<string> =>
  ((await (await harness.fetch(`/v1/responses/${id}`)).json()) as { status: string }).status;

describe('Redis', () => {
  test('that is dead: 503 at once, the process lives on, and accepted runs are done when it is back', async () => {
    const id = await idOf(await create('slow'));
    await harness.cluster.redis.kill();
    await expectAway(() => create('answer'), 'redis_away');
    await expectAway(() => harness.fetch(`/v1/responses/${id}`), 'redis_away');
    await expectAway(() => harness.post(`/v1/responses/${id}/cancel`, ''), 'redis_away');
    await expectAway(() => harness.fetch(`/v1/responses/${id}`, { method: 'DELETE' }), 'redis_away');
    await expectAway(() => harness.fetch('/readyz'), 'redis_away');
    expect((await harness.fetch('/livez')).status).toBe(200);
    expect((await harness.fetch('/v1/models')).status).toBe(200);
    await harness.cluster.restartRedis();
    await harness.cluster.until('it is ready again', async () => (await harness.fetch('/readyz')).status === 200);
    await harness.cluster.until('the run is done', async () => (await statusOf(id)) === 'completed');
    expect(await idOf(await create('answer'))).toMatch(/^resp_/);
  });

  test('that is frozen: 503 within seconds, never a hang', async () => {
    harness.cluster.redis.signal('SIGSTOP');
    try {
      // What was seen a moment ago still counts.
      await new Promise((resolve) => setTimeout(resolve, 1_100));
      await Promise.all([
        expectAway(() => create('answer'), 'redis_away'),
        expectAway(() => harness.fetch('/readyz'), 'redis_away'),
      ]);
    } finally {
      harness.cluster.redis.signal('SIGCONT');
    }
    await harness.cluster.until('it is ready again', async () => (await harness.fetch('/readyz')).status === 200);
  });

  test('that dies while a request waits: the request gets its answer all the same', async () => {
    const waiting = harness.post('/v1/responses', { input: 'slow' });
    await new Promise((resolve) => setTimeout(resolve, 250));
    await harness.cluster.restartRedis();
    const body = (await (await waiting).json()) as { status: string; error: unknown };
    expect(body).toMatchObject({ status: 'completed', error: null });
  });

  test('over three quarters full: 503 for new work, none for looking and ending', async () => {
    const { redis } = harness.cluster.shared;
    const id = await idOf(await create('answer', { model: 'org/unserved' }));
    const used = Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1]);
    await redis.config('SET', 'maxmemory', String(Math.floor(used / 0.8)));
    // The API looks once a second.
    await harness.cluster.until('it has noticed', async () => (await create('answer')).status === 503);
    await expectAway(() => create('answer'), 'overloaded');
    expect(await statusOf(id)).toMatch(/queued|in_progress/);
    expect((await harness.post(`/v1/responses/${id}/cancel`, '')).status).toBe(200);
    expect(await statusOf(id)).toBe('cancelled');
    await redis.config('SET', 'maxmemory', '0');
    await harness.cluster.until('there is room again', async () => (await create('answer')).status === 200);
  });
});

describe('the store', () => {
  const image = [
    {
      role: 'user',
      content: [
        { type: 'input_text', text: 'answer' },
        { type: 'input_image', image_url: dataUrl(PNG) },
      ],
    },
  ];

  test('that is away: 503 for images, nothing is accepted; a text is accepted, and can be cancelled', async () => {
    const root = harness.cluster.env.COTA_STORE_ROOT;
    const elsewhere = join(harness.cluster.dir, 'elsewhere');
    const count = async () => (await harness.cluster.shared.redis.keys('cota:*:run:*')).length;
    await rename(root, elsewhere);
    try {
      const before = await count();
      await expectAway(() => create(image), 'store_away');
      await harness.cluster.until('readyz tells', async () => (await harness.fetch('/readyz')).status === 503);
      await expectAway(() => harness.fetch('/readyz'), 'store_away');
      expect(await count()).toBe(before);
      const answered = await idOf(await create('answer'));
      const held = await idOf(await create('hold'));
      await harness.cluster.until('the answer waits for its trace', async () => {
        const run = await harness.cluster.shared.runs.read(runIdOf(answered) ?? '');
        return run?.status === 'finalizing';
      });
      expect(await statusOf(answered)).toBe('in_progress');
      const cancelled = await harness.post(`/v1/responses/${held}/cancel`, '');
      expect((await cancelled.json()) as object).toMatchObject({ status: 'cancelled' });
      await expectAway(() => harness.fetch(`/v1/responses/${held}`, { method: 'DELETE' }), 'store_away');
      expect(await statusOf(held)).toBe('cancelled');
    } finally {
      await rename(elsewhere, root);
    }
    await harness.cluster.until('it is ready again', async () => (await harness.fetch('/readyz')).status === 200);
    expect(await idOf(await create(image))).toMatch(/^resp_/);
  });
});
