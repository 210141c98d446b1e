/** Lives of runs for property tests: all that a process may find of one run, in the order of time. */
import fc from 'fast-check';
import type { ActionStep, ModelStep, Outcome, Run } from '../shared/contract.ts';
import { type RunView, viewOfTrace } from '../shared/response.ts';
import { readTrace, traceOf } from '../shared/run/trace.ts';
import { sampleActionStep, sampleImage, sampleModelStep, sampleRun } from './sample-run.ts';

const text = fc.string({ unit: 'binary', maxLength: 40 });

const modelStep: fc.Arbitrary<ModelStep> = fc
  .record({ text, thought: text, problem: fc.option(text, { nil: undefined }) })
  .map(({ problem, ...rest }) =>
    sampleModelStep(rest.text, { thought: rest.thought, ...(problem === undefined ? {} : { problem }) }),
  );

const actionStep: fc.Arbitrary<ActionStep> = fc
  .record({ name: text, value: fc.jsonValue(), image: fc.boolean(), failed: fc.boolean() })
  .map(({ name, value, image, failed }) => {
    const action = { name, arguments: JSON.parse(JSON.stringify({ value })) as ActionStep['action']['arguments'] };
    if (failed) return sampleActionStep(action, { ok: false, error: { code: 'nothing', message: name } });
    return sampleActionStep(action, { ok: true, result: { name }, images: image ? [sampleImage(1)] : [] });
  });

const outcome: fc.Arbitrary<Outcome> = fc.oneof(
  text.map((answer): Outcome => ({ status: 'completed', stopReason: 'terminate', answer })),
  fc.constant<Outcome>({ status: 'incomplete', stopReason: 'budget_replies' }),
  fc.constant<Outcome>({ status: 'cancelled', stopReason: 'cancelled' }),
  text.map((message): Outcome => ({ status: 'failed', stopReason: 'error', error: { code: 'poison', message } })),
);

export const RUN_ID = 'run_fb01m81gcjnzxvgkn8t8hvdscfz97567d9';

/** @param echo of the run's config */
export function lives(echo: Run['config']['echo'] = {}): fc.Arbitrary<readonly RunView[]> {
  const steps = fc.array(fc.oneof(modelStep, actionStep), { maxLength: 8 });
  return fc.record({ steps, outcome, together: fc.nat({ max: 2 }) }).map((life) => lifeOf(life, echo));
}

function lifeOf(
  life: { steps: readonly (ModelStep | ActionStep)[]; outcome: Outcome; together: number },
  echo: Run['config']['echo'],
): RunView[] {
  const at = (count: number): Run => {
    const sample = sampleRun({ steps: life.steps.slice(0, count), config: { echo } });
    const outputTokens = 20 * sample.usage.replies;
    return { ...sample, id: RUN_ID, usage: { ...sample.usage, outputTokens, modelMs: 7 * count } };
  };
  const fresh = { ...at(0), images: [] };
  const views: Run[] = [{ ...fresh, status: 'pending', startedAt: undefined }, fresh];
  // Some transitions finish several steps at once.
  for (let count = 0; count < life.steps.length; count += 1 + life.together) views.push(at(count));
  const ended: Run = { ...at(life.steps.length), outcome: life.outcome, endedAt: 9_000 };
  const finalizing: Run = { ...ended, status: 'finalizing' };
  const closed: Run = { ...ended, status: 'closed' };
  const written = readTrace(JSON.stringify(traceOf(closed)));
  return [...views, finalizing, closed, viewOfTrace(written)];
}
