import { expect, test } from 'vitest';
import { sampleModelStep, sampleRun } from '../../test/sample-run.ts';
import { type ModelStepParts, modelStepHandler } from './step.ts';

/** The checks come before anything else is touched. `served`: the version that other workers serve. */
function turn(begun: string | undefined, version: string, served?: string) {
  const steps = begun === undefined ? [] : [sampleModelStep('', { modelVersion: begun })];
  const run = sampleRun({ config: { model: 'm', modelVersion: 'taco-1-pinned' }, steps });
  const parts = {
    ...{ version, concurrency: 1, queues: { waiting: async () => 0 } },
    fleet: { workers: () => [{ modelVersions: { m: served } }] },
    dialect: { render: () => [] },
    gate: {},
    breaker: { enter: () => Promise.reject(new Error('this worker takes it')) },
  };
  const handle = modelStepHandler(parts as unknown as ModelStepParts);
  return handle({ run, now: 1, signal: new AbortController().signal });
}

test('a turn belongs to a worker of the version that the run began with, and before that of the pinned one', async () => {
  const mine = { message: 'this worker takes it' };
  await expect(turn(undefined, 'taco-1-pinned', 'taco-1-pinned')).rejects.toMatchObject(mine);
  await expect(turn('taco-1-old', 'taco-1-old', 'taco-1-pinned')).rejects.toMatchObject(mine);
  await expect(turn(undefined, 'taco-1-new', 'taco-1-pinned')).rejects.toMatchObject({
    queue: 'model.m.v.taco-1-pinned',
  });
  await expect(turn('taco-1-old', 'taco-1-pinned', 'taco-1-old')).rejects.toMatchObject({
    queue: 'model.m.v.taco-1-old',
  });
  await expect(turn('taco-1-old', 'taco-1-new'), 'nobody else is there').rejects.toMatchObject(mine);
});

test('a run whose model now writes another dialect cannot go on: it fails and names both versions', async () => {
  await expect(turn('taco-1-old', 'nano-1-new')).rejects.toMatchObject({
    code: 'model_changed',
    message: expect.stringMatching(/taco-1-old of model "m".*nano-1-new/),
  });
  await expect(turn(undefined, 'nano-1-new'), 'it has not begun').rejects.toMatchObject({
    message: 'this worker takes it',
  });
});
