/** Stacks that cannot start, or that start on a Redis of somebody else's. */
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Cota, openCota } from '../cota-command.ts';
import { replayModels } from '../harness.ts';
import { startRedis } from '../redis-server.ts';

const UP_MS = 180_000;
let cota: Cota;
beforeEach(async () => {
  cota = await openCota(replayModels({ turns: 1 }));
});
afterEach(async () => {
  await cota.run(['down', '--now']);
  await cota.remove();
}, UP_MS);

test(
  'a worker whose settings are wrong ends the start at once, with its own words and nothing left running',
  async () => {
    const up = await cota.run(['up', '--port', '0'], { COTA_SERVE: 'no-such-model' });
    expect(up.code).toBe(1);
    expect(up.err).toMatch(/^cota: model-1 does not start: it ended with exit code 2; check .*models\.yaml/);
    expect(up.err).toContain('COTA_SERVE names "no-such-model"');
    expect(up.err).not.toMatch(/\n\s+at /);
    expect(up.out).toMatch(/stopped {2}redis/);
    expect(await cota.run(['status'])).toMatchObject({ code: 1, out: expect.stringContaining('no stack runs') });
  },
  UP_MS,
);

test(
  'what is missing is told before anything is started',
  async () => {
    const models = join(cota.dir, 'none.yaml');
    expect(await cota.run(['up'], { COTA_MODELS: models })).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringContaining(`cannot read ${models}`),
    });
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as { port: number };
    const said = await cota.run(['up', '--port', String(port)]);
    expect(said).toMatchObject({
      code: 2,
      out: '',
      err: `cota: port ${port} of 127.0.0.1 is taken: choose another with --port, or leave it out\n`,
    });
    taken.close();
    const redis = { COTA_REDIS_URL: `redis://:secret@127.0.0.1:${port}` };
    const away = await cota.run(['up', '--port', '0'], redis);
    expect(away).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringMatching(/Redis at redis:\/\/127\.0\.0\.1:\d+ does not answer \(.*ECONNREFUSED/),
    });
    expect(away.err).not.toContain('secret');
  },
  UP_MS,
);

test(
  'a Redis of somebody else is used and left running; doctor judges it',
  async () => {
    const redis = await startRedis({ maxmemory: '100mb', appendonly: true });
    const env = { COTA_REDIS_URL: redis.url };
    const up = await cota.run(['up', '-d', '--port', '0'], env);
    expect(up).toMatchObject({ code: 0, err: '' });
    expect(Object.keys(cota.pids())).toEqual([
      'up',
      'scheduler',
      'api',
      'model-1',
      'tools-1',
      'webhooks',
      'data',
      'train',
    ]);
    expect((await cota.run(['ask', 'Is it so?'])).out).toMatch(/^answer {7}\d/m);
    // The last processes are not waited for.
    await expect.poll(async () => (await cota.run(['doctor'])).out, { timeout: 20_000 }).not.toMatch(/^fail/m);
    expect((await cota.run(['doctor'])).code).toBe(0);
    await cota.run(['down']);
    const doctor = await cota.run(['doctor'], env);
    expect(doctor.code).toBe(1);
    expect(doctor.out).toMatch(/^ok {4}redis policy +noeviction/m);
    expect(doctor.out).toMatch(/^fail {2}scheduler +none/m);
    expect(doctor.out).toMatch(/^fail {2}queue +model\.replayed: no worker/m);
    await redis.stop();
  },
  UP_MS,
);

test(
  'doctor names a Redis that may drop runs, forgets them, or does not answer, and says what to do',
  async () => {
    const evicting = await startRedis({ policy: 'allkeys-lru', maxmemory: '50mb' });
    const doctor = await cota.run(['doctor'], { COTA_REDIS_URL: evicting.url });
    expect(doctor.code).toBe(1);
    expect(doctor.out).toMatch(
      /^fail {2}redis policy +allkeys-lru: .*\n +> set "maxmemory-policy noeviction" in redis\.conf/m,
    );
    expect(doctor.out).toMatch(/^warn {2}redis durability +no append-only file/m);
    const findings = JSON.parse((await cota.run(['doctor', '--json'], { COTA_REDIS_URL: evicting.url })).out) as {
      level: string;
      what: string;
    }[];
    expect(findings).toContainEqual(expect.objectContaining({ level: 'fail', what: 'redis policy' }));
    await evicting.stop();
    const away = await cota.run(['doctor'], { COTA_REDIS_URL: evicting.url });
    expect(away.out).toMatch(/^fail {2}redis +Redis at .* does not answer/m);
    const wrong = await cota.run(['doctor'], { COTA_PORT: 'eighty' });
    expect(wrong.out).toMatch(/^fail {2}settings +.*COTA_PORT/m);
  },
  UP_MS,
);
