/** Whatever models and tools say: what holds for every run, step by step until its end. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sampleActionStep, sampleImage, sampleModelStep, sampleRun, sampleTool } from '../../test/sample-run.ts';
import type { Action, Run } from '../contract.ts';
import { spentBudget } from './budget.ts';
import { next, type RunEvent } from './run-machine.ts';
import { advanced } from './run-record.ts';

const TOOLS = ['OCR', 'Calculate'];
const action: fc.Arbitrary<Action> = fc.record({
  name: fc.constantFrom('OCR', 'Calculate', 'NoSuchTool', 'Terminate'),
  arguments: fc.record({ answer: fc.constantFrom('7', '') }),
});

/** What the worker of the current step reports: chosen for a step of that kind when it comes up. */
interface Said {
  readonly actions: readonly Action[];
  readonly unreadable: boolean;
  readonly ok: boolean;
  readonly image: boolean;
  readonly ms: number;
  readonly fails: boolean;
}
const said: fc.Arbitrary<Said> = fc.record({
  actions: fc.array(action, { maxLength: 4 }),
  unreadable: fc.boolean(),
  ok: fc.boolean(),
  image: fc.boolean(),
  ms: fc.nat(400),
  fails: fc.integer({ min: 0, max: 40 }).map((n) => n === 0),
});

const budgets = fc.record(
  {
    replies: fc.integer({ min: 1, max: 6 }),
    toolCalls: fc.nat(4),
    outputTokens: fc.integer({ min: 1, max: 60 }),
    activeSeconds: fc.constantFrom(0.2, 1),
    toolSeconds: fc.constantFrom(0.2, 1),
  },
  { requiredKeys: ['replies'] },
);

function eventOf(run: Run, { actions, unreadable, ok, image, ms, fails }: Said): RunEvent {
  if (fails) return { type: 'failed', error: { code: 'model_refused', message: 'no' } };
  if (run.kind === 'model') {
    const step = sampleModelStep('raw', unreadable ? { problem: 'what?' } : { actions: [...actions] });
    return { type: 'replied', step, modelMs: ms };
  }
  const turn = run.steps[run.turn];
  const asked = turn?.kind === 'model' ? turn.actions[run.step - run.turn - 1] : undefined;
  if (!asked) throw new Error('an action step without its action');
  const images = image ? [sampleImage(run.images.length)] : [];
  const observation = ok
    ? { ok: true as const, result: {}, images }
    : { ok: false as const, error: { code: 'x', message: 'y' } };
  return { type: 'acted', step: { ...sampleActionStep(asked, observation), toolMs: ms } };
}

test('a run goes forward step by step, keeps what it has, stays in its budgets, and ends', () => {
  fc.assert(
    fc.property(budgets, fc.infiniteStream(said), (limits, reports) => {
      const sample = sampleRun({ steps: [], images: [] });
      const config = {
        ...sample.config,
        tools: TOOLS.map((name) => sampleTool(name, {})),
        budgets: { turnTokens: 100, ...limits },
      };
      let run: Run = { ...sample, config, status: 'running', kind: 'model', step: 0 };
      // As the store creates it: a run may be allowed one reply, or no call, from the start.
      run = { ...run, answerNow: spentBudget(config, run.usage, 0) };
      let now = 1_000;
      let events = 0;
      while (run.status === 'running') {
        events += 1;
        // Each reply may lead to four actions; a run that needs more than that does not end by itself.
        expect(events).toBeLessThanOrEqual(limits.replies * 5 + 1);
        const report = reports.next().value;
        if (!report) return;
        const event = eventOf(run, report);
        const transition = next(run, event, now);
        // Pure: the same again.
        expect(next(run, event, now)).toEqual(transition);
        const after = advanced(run, transition, now, now + report.ms);
        expect(after.step).toBe(run.step + transition.finished.length);
        expect(after.steps.length).toBe(run.steps.length + transition.finished.length);
        expect(after.steps.slice(0, run.steps.length)).toEqual(run.steps);
        expect(after.images.slice(0, run.images.length)).toEqual(run.images);
        if (after.kind === 'action') {
          const turn = after.steps[after.turn];
          expect(turn?.kind).toBe('model');
          const name = turn?.kind === 'model' ? turn.actions[after.step - after.turn - 1]?.name : undefined;
          expect(TOOLS).toContain(name);
        }
        expect(after.outcome !== undefined).toBe(after.status === 'finalizing');
        now += report.ms + 1;
        run = after;
      }
      const replies = run.steps.filter((step) => step.kind === 'model').length;
      const calls = run.steps.filter((step) => step.kind === 'action').length;
      expect(run.usage.replies).toBe(replies);
      expect(run.usage.toolCalls).toBe(calls);
      expect(replies).toBeLessThanOrEqual(limits.replies);
      const carriedOut = run.steps.filter((step) => step.kind === 'action' && step.toolVersion !== '').length;
      if (limits.toolCalls !== undefined) expect(carriedOut).toBeLessThanOrEqual(limits.toolCalls);
      const { status, answer, error } = run.outcome ?? {};
      expect(answer !== undefined).toBe(status === 'completed');
      expect(error !== undefined).toBe(status === 'failed');
    }),
    { numRuns: 2_000 },
  );
});
