import { metrics } from '../../../shared/telemetry.ts';
import type { EngineStats } from './scheduler.ts';

/** Shows what an engine tells of itself as metrics of a model: counters go up by what came since it told last. */
export function engineMeter(model: string): (stats: EngineStats) => void {
  let last: EngineStats | undefined;
  return (stats) => {
    const more = (name: keyof EngineStats) => Math.max(0, stats[name] - (last?.[name] ?? 0));
    metrics.engineTokens.inc({ model, kind: 'prompt' }, more('promptTokens'));
    metrics.engineTokens.inc({ model, kind: 'own' }, more('ownTokens'));
    metrics.engineTokens.inc({ model, kind: 'shared' }, more('sharedTokens'));
    metrics.engineTokens.inc({ model, kind: 'read' }, more('readTokens'));
    metrics.engineTokens.inc({ model, kind: 'said' }, more('outputTokens'));
    metrics.engineCacheHits.inc({ model, by: 'own' }, more('ownHits'));
    metrics.engineCacheHits.inc({ model, by: 'shared' }, more('sharedHits'));
    metrics.engineSteps.inc({ model }, more('steps'));
    metrics.engineStepTokens.inc({ model }, more('stepTokens'));
    metrics.engineCallSeconds.inc({ model }, more('callMs') / 1000);
    metrics.enginePreempted.inc({ model }, more('preempted'));
    metrics.engineSequences.set({ model, state: 'active' }, stats.active);
    metrics.engineSequences.set({ model, state: 'waiting' }, stats.waiting);
    metrics.engineKeptBytes.set({ model }, stats.keptBytes);
    last = stats;
  };
}
