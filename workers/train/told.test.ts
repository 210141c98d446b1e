import { expect, it } from 'vitest';
import type { NewTrainEvent, TrainJob } from '../../shared/train/job.ts';
import type { Attempt } from './desk.ts';
import { openTold } from './told.ts';

it('figures that come while the record is away do not pile up, and words are all kept', async () => {
  const told: NewTrainEvent[] = [];
  let back = (): void => undefined;
  const away = new Promise<void>((resolve) => {
    back = resolve;
  });
  const desk = {
    async say(event: NewTrainEvent) {
      await away;
      told.push(event);
    },
    ...{ progress: () => undefined, log: () => undefined },
  };
  const job = { recipe: { trainer: { kind: 'nano' }, hyperparameters: {} } } as unknown as TrainJob;
  const places = { python: '', data: '', out: '', config: '' };
  const trainer = openTold({ job, desk } as unknown as Attempt, places, undefined);
  for (let step = 0; step < 20_000; step++) trainer.line(`{"event": "progress", "step": ${step}, "loss": 1}`);
  trainer.line('{"event": "note", "message": "a word"}');
  back();
  await trainer.settled();
  expect(told.length).toBeLessThan(2_000);
  expect(told.at(-1)?.message).toBe('a word');
  expect(trainer.step()).toBe(19_999);
});
