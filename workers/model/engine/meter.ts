import { metrics } from '../../../shared/telemetry.ts';
import type { EngineStats } from './scheduler.ts';

export interface EngineMeter {
  tell(stats: EngineStats): void;
  /** The engine is closed: what it held is not there any more. */
  end(): void;
}

const NONE = { active: 0, waiting: 0, keptBytes: 0 };

/**
 * Shows what an engine tells of itself as metrics of a model: they change by what came since it told last.
 * @param model or a pool of models, whose engines are added up
 */
export function engineMeter(model: string): EngineMeter {
  let last: EngineStats | undefined;
  let shown = NONE;
  const show = ({ active, waiting, keptBytes }: typeof NONE): void => {
    metrics.engineSequences.inc({ model, state: 'active' }, active - shown.active);
    metrics.engineSequences.inc({ model, state: 'waiting' }, waiting - shown.waiting);
    metrics.engineKeptBytes.inc({ model }, keptBytes - shown.keptBytes);
    shown = { active, waiting, keptBytes };
  };
  return {
    tell(stats) {
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
      show(stats);
      last = stats;
    },
    end: () => show(NONE),
  };
}
