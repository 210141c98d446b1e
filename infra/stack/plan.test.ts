import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type PlanFacts, planStack, STOP_ORDER } from './plan.ts';
import { choosePort } from './preflight.ts';
import { configureRedis, withoutPassword } from './redis-server.ts';
import type { StackSettings } from './settings.ts';

const settings: StackSettings = {
  data: '/tmp/stack',
  tools: '/code/tools.yaml',
  weights: '/data/weights',
  trainedCache: '/data/trained',
  models: '/tmp/models.yaml',
  modelWorkers: 2,
  toolWorkers: 3,
  host: '127.0.0.1',
  port: undefined,
  healthPort: 0,
  redisUrl: undefined,
  apiKey: undefined,
  publicUrl: undefined,
  store: 'fs',
  storeRoot: '/tmp/stack/store',
  graceMs: 20_000,
};
const facts: PlanFacts = {
  redis: {
    url: 'redis://:secret@127.0.0.1:7001',
    config: '/tmp/stack/redis/redis.conf',
    program: { command: 'redis-server', version: '7.0.15' },
  },
  redisUrl: 'redis://:secret@127.0.0.1:7001',
  port: 8080,
  apiKey: 'cota_0123456789abcdef',
  secretKey: 'a secret of the stack',
  url: 'http://127.0.0.1:8080',
  s3Port: undefined,
};

test('scheduler and workers show their metrics on ports of their own, where a first one is named', () => {
  const ports = planStack({ ...settings, healthPort: 9100 }, facts).map(({ env }) => env.COTA_HEALTH_PORT);
  expect(ports).toEqual([undefined, '9100', '0', '9101', '9102', '9103', '9104', '9105', '9106', '9107', '9108']);
});

test('each process has its own id and log, all share one Redis and store, and only the API has the key', () => {
  const plan = planStack(settings, facts);
  expect(plan.map(({ name }) => name)).toEqual([
    'redis',
    'scheduler',
    'api',
    'model-1',
    'model-2',
    'tools-1',
    'tools-2',
    'tools-3',
    'webhooks',
    'data',
    'train',
  ]);
  const ours = plan.filter(({ kind }) => kind !== 'redis');
  expect(new Set(ours.map(({ env }) => env.COTA_WORKER_ID)).size).toBe(ours.length);
  expect(new Set(plan.map(({ logFile }) => logFile)).size).toBe(plan.length);
  for (const { env } of ours) {
    expect(env).toMatchObject({
      COTA_REDIS_URL: facts.redisUrl,
      COTA_STORE_ROOT: '/tmp/stack/store',
      COTA_STORE: 'fs',
    });
  }
  expect(plan.filter(({ env }) => env.COTA_API_KEY === facts.apiKey).map(({ name }) => name)).toEqual(['api']);
  const sealing = plan.filter(({ env }) => env.COTA_SECRET_KEY === facts.secretKey);
  expect(sealing.map(({ name }) => name)).toEqual(['api', 'webhooks']);
  expect(plan.every(({ about }) => !about.includes('secret'))).toBe(true);
});

test('on a Redis of others nothing is started for it, and ids name machine and folder', () => {
  const external = { ...settings, redisUrl: 'redis://redis.example:6379' };
  const plan = planStack(external, { ...facts, redis: undefined, redisUrl: external.redisUrl });
  expect(plan.map(({ kind }) => kind)).not.toContain('redis');
  const other = planStack({ ...external, data: '/tmp/other' }, { ...facts, redis: undefined });
  const ids = new Set([...plan, ...other].map(({ workerId }) => workerId));
  expect(ids.size).toBe(plan.length + other.length);
});

test('every kind of process has its place in the order of stopping, Redis after all that needs it', () => {
  const plan = planStack({ ...settings, store: 's3rver' }, { ...facts, s3Port: 7002 });
  const order = STOP_ORDER.flat();
  expect(new Set(plan.map(({ kind }) => kind))).toEqual(new Set(order));
  expect(order.at(-1)).toBe('redis');
  expect(plan.find(({ name }) => name === 'tools-1')?.env).toMatchObject({
    COTA_STORE: 's3',
    COTA_S3_ENDPOINT: 'http://127.0.0.1:7002',
  });
});

test('the configuration of Redis has a password and is for its owner only', () => {
  const dir = join(mkdtempSync(join(tmpdir(), 'cota "redis" ')), 'redis');
  const { url, config } = configureRedis(dir, 7001);
  const text = readFileSync(config, 'utf8');
  expect(text).toContain(`dir "${dir.replaceAll('"', '\\"')}"`);
  const password = /^requirepass (\S{32})$/m.exec(text)?.[1];
  expect(url).toBe(`redis://:${password}@127.0.0.1:7001`);
  expect(withoutPassword(url)).toBe('redis://127.0.0.1:7001');
  expect(statSync(config).mode & 0o777).toBe(0o600);
  rmSync(join(dir, '..'), { recursive: true });
});

test('a port that was asked for is used or refused; one that was not is looked for', async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const { port } = taken.address() as { port: number };
  await expect(choosePort(port, '127.0.0.1')).rejects.toThrow(`port ${port} of 127.0.0.1 is taken`);
  expect(await choosePort(0, '127.0.0.1')).toBeGreaterThan(0);
  expect(await choosePort(undefined, '127.0.0.1')).toBeGreaterThanOrEqual(8080);
  taken.close();
});
