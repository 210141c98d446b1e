import { expect, it } from 'vitest';
import { metrics } from '../../../shared/telemetry.ts';
import { engineMeter } from './meter.ts';
import type { EngineStats } from './scheduler.ts';

const stats = (change: Partial<EngineStats>): EngineStats => ({
  ...{ promptTokens: 0, outputTokens: 0, ownTokens: 0, sharedTokens: 0, ownHits: 0, sharedHits: 0, readTokens: 0 },
  ...{ steps: 0, stepTokens: 0, preempted: 0, callMs: 0, active: 0, waiting: 0, keptBytes: 0, ...change },
});
const shown = async (gauge: { get(): Promise<{ values: { labels: object; value: number }[] }> }, model: string) =>
  (await gauge.get()).values.filter(({ labels }) => 'model' in labels && labels.model === model);

it('engines of one pool are added up, and one that is closed is not shown any more', async () => {
  const [first, second] = [engineMeter('ft:metered'), engineMeter('ft:metered')];
  first.tell(stats({ active: 2, keptBytes: 100 }));
  second.tell(stats({ active: 3, keptBytes: 10 }));
  expect((await shown(metrics.engineKeptBytes, 'ft:metered')).map(({ value }) => value)).toEqual([110]);
  first.tell(stats({ active: 1, keptBytes: 50 }));
  second.end();
  expect((await shown(metrics.engineKeptBytes, 'ft:metered')).map(({ value }) => value)).toEqual([50]);
  const sequences = await shown(metrics.engineSequences, 'ft:metered');
  expect(sequences.find(({ labels }) => 'state' in labels && labels.state === 'active')?.value).toBe(1);
});
