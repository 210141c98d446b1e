/**
 * A hand of a data worker: a process of its own that makes one shard at a time, so that the worker's event loop is never
 * blocked, its locks are renewed, and a shard that ends its process ends no other's. It lives and dies with its worker.
 */
import { openCluster } from '../../../shared/cluster.ts';
import { openDataJobs } from '../../../shared/data/job-store.ts';
import { readEnv } from '../../../shared/env.ts';
import { runMain } from '../../../shared/run-main.ts';
import type { Stage } from '../factory/stage.ts';
import { openServices } from '../services/open-services.ts';
import type { FromHand, Outcome, ToHand } from './messages.ts';
import { openWork } from './work.ts';

/** Between two words on how far a shard is. */
const TELL_MS = 500;

/** @param stages what this hand can do, in their order */
export function serveHand(stages: readonly Stage[]): void {
  // Before anything is waited for: a worker that was killed must not leave its hands behind.
  process.on('disconnect', () => process.exit(0));
  if (process.connected !== true) process.exit(0);
  runMain(() => serve(stages));
}

async function serve(stages: readonly Stage[]): Promise<void> {
  const env = readEnv();
  const cluster = await openCluster('data hand', env);
  // Its worker says when to stop; a terminal tells all processes at once.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.removeAllListeners(signal).on(signal, () => undefined);
  const { objects, tenancy } = cluster;
  const jobs = openDataJobs(cluster, env.COTA_DUE_MS);
  const services = openServices(cluster, jobs);
  const work = openWork({
    // Of a job that has just ended its document may not tell yet, and another may already name it as its source.
    ...{ objects, stages, findJob: jobs.look, services },
    assertRoom: (tenant) => tenancy.meter.assertRoom(tenant, 1),
  });
  let control = new AbortController();
  const say = (message: FromHand): void => void process.send?.(message);

  process.on('message', (message: ToHand) => {
    if (message.type === 'stop') return control.abort(new Error('the worker stops this shard'));
    control = new AbortController();
    say({ type: 'begun' });
    let told = 0;
    const progress = (share: number): void => {
      if (performance.now() - told < TELL_MS) return;
      told = performance.now();
      say({ type: 'progress', share });
    };
    work(message.order, { signal: control.signal, progress }).then(
      (outcome: Outcome) => say({ type: 'ended', outcome }),
      (error: unknown) => {
        cluster.log.error({ error, ...message.order }, 'a shard ended in a way that it should not');
        process.exit(1);
      },
    );
  });
  say({ type: 'ready', stages: stages.map(({ name }) => name) });
}
