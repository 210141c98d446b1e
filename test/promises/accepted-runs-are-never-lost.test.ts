import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Proc, startTestCluster, type TestCluster } from '../harness.ts';
import { checkTraces, MODEL, models, SCHEDULER, submitWitnessed, TOOLS, witnessed } from './witness.ts';

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startTestCluster({ models, env: { COTA_MAX_IN_FLIGHT: '40' } });
});
afterAll(() => cluster.stop());

it('accepted runs are never lost while model, tool and scheduler processes are killed', {
  timeout: 120_000,
}, async () => {
  const alive: Proc[] = [MODEL, MODEL, TOOLS, TOOLS, SCHEDULER].map((entry) => cluster.start(entry));
  const entries = [MODEL, MODEL, TOOLS, TOOLS, SCHEDULER];
  const runs = new Map<string, { id: string; actions: number }>();
  for (let i = 0; i < 120; i++) {
    const label = `run${i}`;
    runs.set(label, {
      id: await submitWitnessed(cluster, { label, actions: 3, actionMs: 150, turnMs: 100 }),
      actions: 3,
    });
  }
  await cluster.until('first actions', async () => witnessed(cluster).size > 10);
  let kills = 0;
  for (const victim of [0, 2, 4, 1, 3, 2]) {
    alive[victim]?.kill('SIGKILL');
    kills += 1;
    alive[victim] = cluster.start(entries[victim] as string);
    await new Promise((resolve) => setTimeout(resolve, 700));
  }
  for (const { id } of runs.values()) await cluster.closed(id, 60_000);
  await checkTraces(cluster, runs);
  const executions = [...witnessed(cluster).values()].reduce((sum, pids) => sum + pids.length, 0);
  process.stdout.write(
    `accepted ${runs.size}, lost 0, kills ${kills}, actions repeated ${executions - 120 * 3} of ${120 * 3}\n`,
  );
  expect(witnessed(cluster).size).toBe(120 * 3);
});
