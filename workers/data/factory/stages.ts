/**
 * The stages in their order. A new one is a file and a line here. Their code is loaded when it is first needed: a process
 * that makes shards of one stage is up before it could have read the renderers, parsers and databases of all others.
 */
import { z } from 'zod';
import type { Stage } from './stage.ts';

/** @param load imports the stage of this name */
function later(name: string, load: () => Promise<Stage>): Stage {
  let loading: Promise<Stage> | undefined;
  const loaded = async (): Promise<Stage> => {
    loading ??= load();
    const stage = await loading;
    if (stage.name !== name) throw new Error(`the stage ${stage.name} stands in the list as ${name}`);
    return stage;
  };
  return {
    name,
    // The stage's own schema is looked at where it is loaded anyway.
    spec: z.unknown(),
    async plan(job) {
      const stage = await loaded();
      const specs = await stage.plan(job);
      for (const spec of specs) stage.spec.parse(spec);
      return specs;
    },
    async make(spec, shard) {
      const stage = await loaded();
      return stage.make(stage.spec.parse(spec), shard);
    },
  };
}

export const STAGES: readonly Stage[] = [
  later('questions', async () => (await import('../import/questions.ts')).questionsStage),
  later('ask', async () => (await import('../model/ask.ts')).askStage),
  later('verify', async () => (await import('../model/verify.ts')).verifyStage),
  later('runs', async () => (await import('../model/runs.ts')).runsStage),
  later('import', async () => (await import('../import/chains.ts')).importStage),
  later('make', async () => (await import('../program/make.ts')).make),
  later('filter.benchmarks', async () => (await import('../filter/benchmarks.ts')).benchmarks),
  later('filter.scan', async () => (await import('../filter/scan.ts')).scan),
  later('filter.decide', async () => (await import('../filter/decide.ts')).decide),
  later('filter.apply', async () => (await import('../filter/apply.ts')).apply),
  later('mix.select', async () => (await import('../mix/select.ts')).select),
  later('mix.gather', async () => (await import('../mix/gather.ts')).gather),
  later('mix.write', async () => (await import('../mix/write.ts')).write),
  later('mix.manifest', async () => (await import('../mix/manifest.ts')).manifest),
  later('export', async () => (await import('../export/stage.ts')).exportStage),
  later('export.cards', async () => (await import('../export/cards-stage.ts')).cardsStage),
  later('report', async () => (await import('../report/stage.ts')).reportStage),
];
