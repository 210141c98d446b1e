import { expect, it } from 'vitest';
import type { Cluster } from '../../shared/cluster.ts';
import { openLifecycle } from '../../shared/lifecycle.ts';
import { openModelGate } from '../../shared/model-gate.ts';
import { openLog } from '../../shared/telemetry.ts';
import type { StepWorkers } from '../../shared/worker.ts';
import { ownRedis } from '../../test/own-redis.ts';
import { type Backend, BackendAway } from './backends/backend.ts';
import { openBreaker } from './breaker.ts';
import { watchEngine } from './engine-watch.ts';

const own = ownRedis();

it('closes the queues of a worker that starts while the engine is away, and opens them when it is back', async () => {
  const log = openLog('test', 'silent');
  const lifecycle = openLifecycle(log, 10_000);
  let isAway = true;
  const backend: Backend = {
    holdsPrefix: false,
    generate: () => Promise.reject(new BackendAway('away')),
    check: async () => {
      if (isAway) throw new BackendAway('away', 100);
    },
    close: async () => undefined,
  };
  const said: string[] = [];
  const told: (string | undefined)[] = [];
  let started: StepWorkers | undefined;
  const breaker = openBreaker('m', openModelGate(own.redis, 'm', {}));
  const watch = watchEngine(
    { log, lifecycle } as Cluster,
    'm',
    backend,
    breaker,
    () => {
      if (!started) throw new ReferenceError('the workers are not there yet');
      return started;
    },
    (reason) => told.push(reason),
  );
  // Its first step fails before the process has finished starting.
  await watch.away(new BackendAway('away', 100)).catch(() => undefined);
  started = { pause: async () => void said.push('pause'), resume: async () => void said.push('resume') };
  await expect.poll(() => said, { timeout: 5_000 }).toEqual(['pause']);
  isAway = false;
  await expect.poll(() => said, { timeout: 10_000 }).toEqual(['pause', 'resume']);
  expect(told, 'the fleet is told why, and that it is over').toEqual(['the engine of m is away', undefined]);
  expect((await breaker.look()).is, 'its probe was good, and no more than that').toBe('trial');
  await lifecycle.stop('test');
}, 20_000);
