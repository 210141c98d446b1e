import { afterAll, beforeAll, expect, it } from 'vitest';
import { recordingOf } from '../../shared/run/recording.ts';
import { maskTrace } from '../../shared/run/trace.ts';
import { startTestCluster, type TestCluster } from '../harness.ts';
import { MODEL, models, SCHEDULER, submitWitnessed, TOOLS, WITNESS_TOOL, witnessed } from './witness.ts';

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startTestCluster({ models });
  for (const entry of [MODEL, TOOLS, SCHEDULER]) cluster.start(entry);
});
afterAll(() => cluster.stop());

it('a run replayed from its recording gives the same trace, byte for byte, but for the published ids and times', async () => {
  const first = await submitWitnessed(cluster, { label: 'original', actions: 3 });
  await cluster.closed(first);
  const original = await cluster.trace(first);
  const key = 't/default/recordings/of-original.json';
  await cluster.shared.objects.put(key, Buffer.from(JSON.stringify(recordingOf(original))), {
    contentType: 'application/json',
  });
  const again = await cluster.submit({
    question: 'original',
    tools: [WITNESS_TOOL],
    budgets: { replies: 5, turnTokens: 500 },
    replay: { key, observations: 'recorded' },
  });
  await cluster.closed(again);
  const replayed = await cluster.trace(again);
  expect(JSON.stringify(maskTrace(replayed))).toBe(JSON.stringify(maskTrace(original)));
  expect(replayed.id).not.toBe(original.id);
  expect(
    [...witnessed(cluster).values()].every((pids) => pids.length === 1),
    'recorded observations carry nothing out',
  ).toBe(true);
});
