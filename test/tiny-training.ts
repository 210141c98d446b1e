/** Trainings of tiny-trainer.ts: their recipe, and what they told. */
import { join } from 'node:path';

const TRAINER = join(import.meta.dirname, 'tiny-trainer.ts');

export interface Wishes {
  readonly steps?: number;
  readonly delay?: number;
  readonly more?: readonly string[];
  readonly change?: object;
}
/** A recipe of the tiny trainer, as a request has it. */
export const tinyRecipe = ({ steps = 10, delay = 0, more = [], change = {} }: Wishes) => ({
  ...{ name: 'tiny', base: 'counter', data: { export: 'trl', export_options: { undrawn: 'text' } } },
  trainer: {
    kind: 'command',
    command: [
      'node',
      TRAINER,
      '--data',
      '{data}',
      '--out',
      '{out}',
      '--steps',
      '{steps}',
      '--delay',
      '{delay}',
      ...more,
    ],
    resume_arguments: ['--from', '{checkpoint}'],
    result: 'weights',
  },
  hyperparameters: { steps, delay, n_epochs: 1 },
  ...change,
});

/** Step -> loss as it was told last. */
export function losses(told: readonly string[]): ReadonlyMap<number, string | undefined> {
  const found = told.map((line) => /^Step (\d+): training loss=(.*)$/.exec(line)).filter((match) => match !== null);
  return new Map(found.map(([, step, loss]) => [Number(step), loss]));
}
