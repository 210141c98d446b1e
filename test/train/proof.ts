/** A training that is killed and goes on, beside one that is left alone: losses of every step. */
import { join } from 'node:path';
import { readLog, type Told, train } from './tiny.ts';

export interface Compared {
  readonly steps: number;
  /** Steps at which it was killed, and from which it went on. */
  readonly killed: readonly number[];
  readonly resumed: readonly number[];
  /** Largest differences over all steps. */
  readonly loss: number;
  readonly norm: number;
  /** Whether all that is no matter of time is told alike: evaluations, stages, tokens. */
  readonly alike: boolean;
}

interface Task {
  readonly folder: string;
  readonly recipe: string;
  readonly data: string;
  readonly kills: readonly number[];
  readonly python?: string;
  readonly arguments?: readonly string[];
}

const steps = (log: readonly Told[]): Told[] => log.filter(({ event }) => event === 'progress');
/** What was told, without what depends on the clock or on the number of lines. */
const facts = (log: readonly Told[]): string =>
  JSON.stringify(
    log.flatMap(({ event, step, stage, tokens, figures, passed, name }) =>
      ['stage', 'evaluation', 'progress', 'done'].includes(event)
        ? [{ event, step, stage, tokens, figures, passed, name }]
        : [],
    ),
  );

/** Trains once without harm. @throws Error with the trainer's last words */
export async function alone({ folder, ...task }: Omit<Task, 'kills'>): Promise<Told[]> {
  const out = join(folder, 'alone');
  const { code, words } = await train({ ...task, out });
  if (code !== 0) throw new Error(`the trainer ended with code ${code}: ${words}`);
  return readLog(out);
}

/** Trains with a SIGKILL at each of `kills` steps, going on after each. @throws Error as above */
export async function killed({ folder, kills, ...task }: Task): Promise<{ log: Told[]; at: number[]; from: number[] }> {
  const out = join(folder, 'killed');
  const at: number[] = [];
  const from: number[] = [];
  for (const kill of [...kills, Number.POSITIVE_INFINITY]) {
    let seen = 0;
    const { code, signal, words, events } = await train(
      { ...task, out, arguments: [...(task.arguments ?? []), '--resume'] },
      ({ step }, child) => {
        seen = Math.max(seen, step);
        if (step >= kill) child.kill('SIGKILL');
      },
    );
    const started = events.find(({ event }) => event === 'started');
    if (at.length > 0) from.push(Number(started?.resumed_at_step));
    if (signal === 'SIGKILL') at.push(seen);
    else if (code !== 0) throw new Error(`the trainer ended with code ${code}: ${words}`);
  }
  return { log: readLog(out), at, from };
}

export function compare(left: readonly Told[], { log, at, from }: Awaited<ReturnType<typeof killed>>): Compared {
  const [one, other] = [steps(left), steps(log)];
  const most = (of: (told: Told) => number | undefined): number =>
    one.reduce((worst, told, n) => {
      const [a, b] = [of(told), of(other[n] ?? told)];
      // A missing number must not pass for an equal one.
      return Math.max(worst, a === undefined || b === undefined ? Number.POSITIVE_INFINITY : Math.abs(a - b));
    }, 0);
  return {
    steps: one.length,
    killed: at,
    resumed: from,
    loss: most(({ loss }) => loss),
    norm: most(({ norm }) => norm),
    alike: facts(left) === facts(log),
  };
}
