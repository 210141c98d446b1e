/** The API as a process: how it starts beside things that are not there yet, and how it stops. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { API_KEY, TOOLLESS_MODELS } from '../api-harness.ts';
import { type Proc, startTestCluster, type TestCluster } from '../harness.ts';
import { freePort, startRedis } from '../redis-server.ts';

const MAIN = 'services/api/main.ts';

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startTestCluster({ models: TOOLLESS_MODELS });
});
afterAll(() => cluster?.stop());

const ready = (url: string) =>
  cluster.until('the API is ready', () =>
    fetch(`${url}/readyz`).then(
      (reply) => reply.ok,
      () => false,
    ),
  );

async function logOf(proc: Proc): Promise<string> {
  const name = (await readdir(cluster.dir)).find((file) => file === `${proc.name}.log`) ?? '';
  return readFile(join(cluster.dir, name), 'utf8');
}

test('SIGTERM: waiting requests get their run as it is, then the process ends', async () => {
  const port = await freePort();
  const proc = cluster.start(MAIN, { COTA_PORT: String(port), COTA_WAIT_MS: '60000' });
  const url = `http://127.0.0.1:${port}`;
  await ready(url);
  const waiting = fetch(`${url}/v1/responses`, {
    method: 'POST',
    headers: { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ input: 'nobody works on this' }),
  });
  await cluster.until('its run is there', async () => (await cluster.shared.redis.keys('cota:*:run:*')).length === 1);
  const started = performance.now();
  proc.kill('SIGTERM');
  const body = (await (await waiting).json()) as { id: string; status: string };
  expect(body.id).toMatch(/^resp_/);
  expect(body.status).toMatch(/queued|in_progress/);
  expect(await proc.exited).toBe(0);
  expect(performance.now() - started).toBeLessThan(8_000);
  await expect(fetch(`${url}/livez`)).rejects.toThrow();
});

test('started before its Redis: it says that it waits, and serves once Redis is there', async () => {
  const [port, redisPort] = [await freePort(), await freePort()];
  const settings = { COTA_PORT: String(port), COTA_REDIS_URL: `redis://127.0.0.1:${redisPort}` };
  const proc = cluster.start(MAIN, settings);
  await cluster.until('it says so', async () => /waiting for Redis/.test(await logOf(proc)));
  const redis = await startRedis({ port: redisPort });
  try {
    await ready(`http://127.0.0.1:${port}`);
    proc.kill('SIGTERM');
    expect(await proc.exited).toBe(0);
  } finally {
    await redis.stop();
  }
});

test('a Redis that may evict runs, or a key that is too short: one line that says what to set, and exit code 2', async () => {
  const evicting = await startRedis({ policy: 'allkeys-lru' });
  try {
    const refused = cluster.start(MAIN, { COTA_REDIS_URL: evicting.url, COTA_PORT: '0' });
    expect(await refused.exited).toBe(2);
    expect(await logOf(refused)).toMatch(
      /^.*maxmemory-policy is "allkeys-lru".*CONFIG SET maxmemory-policy noeviction\n$/,
    );
  } finally {
    await evicting.stop();
  }
  const short = cluster.start(MAIN, { COTA_API_KEY: 'short', COTA_PORT: '0' });
  expect(await short.exited).toBe(2);
  expect(await logOf(short)).toMatch(/COTA_API_KEY: an API key has at least 16 characters/);
});
