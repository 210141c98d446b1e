import { describe, expect, test } from 'vitest';
import { RUN_ID } from '../../test/run-lives.ts';
import { sampleModelStep, sampleRun } from '../../test/sample-run.ts';
import type { Run } from '../contract.ts';
import type { RunWaits } from '../run/run-waits.ts';
import { type Followed, follow } from './follow.ts';
import type { Progress } from './progress.ts';

/**
 * A run that the test changes, seen by one who follows it; `away`: Redis cannot be asked. It stands for Redis, so that
 * each moment can be chosen; test/integration/stream*.test.ts follow real runs.
 */
function followed(change: Partial<Run> = {}) {
  const state = {
    run: { ...sampleRun(), ...change } as Run | undefined,
    away: false,
    reads: 0,
    watched: 0,
    listened: 0,
    released: false,
    ring: () => undefined as unknown,
    hear: (_: Progress): void => undefined,
  };
  const waits = {
    watch: (_: string, ring: () => void) => {
      state.watched += 1;
      state.ring = ring;
      return () => {
        state.watched -= 1;
      };
    },
    get released() {
      return state.released;
    },
  } as unknown as RunWaits;
  const parts = {
    waits,
    runs: {
      read: async () => {
        state.reads += 1;
        if (state.away) throw new Error('Connection is closed.');
        return state.run;
      },
    },
    redis: { exists: async () => 1 },
    objects: {},
    progress: {
      listen: (_: string, hear: (progress: Progress) => void) => {
        state.listened += 1;
        state.hear = hear;
        return () => {
          state.listened -= 1;
        };
      },
      close: () => undefined,
    },
  } as unknown as Parameters<typeof follow>[0];
  const control = new AbortController();
  const stream = follow<number>(parts, {
    tenant: 'test',
    runId: RUN_ID,
    skip: 0,
    eventsOf: (run) => run.steps.map((_, index) => index),
    signal: control.signal,
    waitingMs: 40,
  });
  const steps = (count: number) => {
    const sample = sampleRun({ steps: Array.from({ length: count }, () => sampleModelStep('')) });
    state.run = { ...sample, ...change };
    state.ring();
  };
  const next = async (): Promise<Followed<number> | undefined> => (await stream.next()).value ?? undefined;
  return { state, stream, control, steps, next };
}

const event = (number: number) => ({ is: 'event', event: number });

test('tells what is new whenever it rings, and that it waits when nothing does', async () => {
  const { steps, next } = followed();
  expect(await next()).toEqual({ is: 'waiting' });
  steps(2);
  expect([await next(), await next()]).toEqual([event(0), event(1)]);
  expect(await next()).toEqual({ is: 'waiting' });
  steps(3);
  expect(await next()).toEqual(event(2));
});

test('reads nothing while nobody asks for more', async () => {
  const { state, steps, next } = followed();
  steps(2);
  await next();
  const { reads } = state;
  for (let count = 3; count < 50; count++) steps(count);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(state.reads).toBe(reads);
  expect(await next()).toEqual(event(1));
  expect(await next()).toEqual(event(2));
  expect(state.reads).toBe(reads + 1);
});

test('a Redis that is away is waited for', async () => {
  const { state, steps, next } = followed();
  state.away = true;
  expect(await next()).toEqual({ is: 'waiting' });
  state.away = false;
  steps(1);
  let told = await next();
  while (told?.is === 'waiting') told = await next();
  expect(told).toEqual(event(0));
});

describe('ends', () => {
  test('with the run, and lets go of everything', async () => {
    const { state, next } = followed({ status: 'closed', outcome: { status: 'incomplete', stopReason: 'x' } });
    expect(await next()).toMatchObject({ is: 'ended', run: { status: 'closed' } });
    expect(await next()).toBeUndefined();
    expect(state.watched).toBe(0);
  });

  test('with a run that was deleted', async () => {
    const { state, next } = followed();
    state.run = undefined;
    expect(await next()).toEqual({ is: 'gone' });
  });

  test('with the process', async () => {
    const { state, next } = followed();
    const told = next();
    state.released = true;
    state.ring();
    expect(await told).toEqual({ is: 'stopping' });
    expect([await next(), state.watched]).toEqual([undefined, 0]);
  });

  test('with the client', async () => {
    const { state, next, control } = followed();
    const told = next();
    control.abort();
    expect(await told).toBeUndefined();
    expect(state.watched).toBe(0);
  });
});

test('of progress only the last is told, and nothing of a step whose events have been told', async () => {
  const config = { ...sampleRun().config, progress: true };
  const { state, stream, steps, next } = followed({ config });
  expect(await next()).toEqual({ is: 'waiting' });
  for (const text of ['a', 'ab', 'abc']) state.hear({ step: 0, text });
  expect(await next()).toEqual({ is: 'progress', progress: { step: 0, text: 'abc' } });
  steps(1);
  expect(await next()).toEqual(event(0));
  state.hear({ step: 0, text: 'abcd' });
  expect(await next()).toEqual({ is: 'waiting' });
  await stream.return();
  expect([state.watched, state.listened]).toEqual([0, 0]);
});
