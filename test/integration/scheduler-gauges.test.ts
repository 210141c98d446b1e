/** Two schedulers: the numbers of queues and admission come from the one that acts, and from nobody else. */
import { afterAll, beforeAll, it } from 'vitest';
import { keys } from '../../shared/keys.ts';
import { replayModels, startTestCluster, type TestCluster } from '../harness.ts';
import { freePort } from '../redis-server.ts';

const MAIN = 'services/scheduler/main.ts';
const GAUGES = ['cota_pending_runs', 'cota_in_flight_runs', 'cota_queue_jobs'];

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startTestCluster({ models: replayModels() });
});
afterAll(() => cluster?.stop());

/** Which of the gauges have a value on this port. */
async function shown(port: number): Promise<string[]> {
  const text = await fetch(`http://127.0.0.1:${port}/metrics`).then(
    (reply) => reply.text(),
    () => '',
  );
  return GAUGES.filter((name) => text.split('\n').some((line) => line.startsWith(`${name}{`)));
}

it('a scheduler that lost its lease shows none of its last values', async () => {
  const port = await freePort();
  cluster.start('workers/model/main.ts');
  cluster.start(MAIN, { COTA_HEALTH_PORT: String(port) });
  await cluster.until('it acts', async () => (await shown(port)).length === GAUGES.length);
  await cluster.shared.redis.set(keys.lease('scheduler'), 'another', 'PX', 60_000);
  await cluster.until('it is silent', async () => (await shown(port)).length === 0, 10_000);
  await cluster.shared.redis.del(keys.lease('scheduler'));
  await cluster.until('it acts again', async () => (await shown(port)).length === GAUGES.length);
});

it('one that cannot reach Redis falls silent when its lease has run out', async () => {
  const port = await freePort();
  await cluster.shared.redis.del(keys.lease('scheduler'));
  cluster.start(MAIN, { COTA_HEALTH_PORT: String(port) });
  await cluster.until('it acts', async () => {
    await cluster.shared.redis.set(keys.lease('scheduler'), `${cluster.procs.at(-1)?.name}`, 'PX', 5_000);
    return (await shown(port)).length === GAUGES.length;
  });
  cluster.redis.signal('SIGSTOP');
  try {
    await cluster.until('it is silent', async () => (await shown(port)).length === 0, 20_000);
  } finally {
    cluster.redis.signal('SIGCONT');
  }
});
