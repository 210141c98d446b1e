import { describe, expect, it } from 'vitest';
import type { ActionStep, ModelStep } from '../shared/contract.ts';
import { recording } from '../shared/run/recording.ts';
import { next } from '../shared/run/run-machine.ts';
import { taco } from '../workers/model/dialects/taco.ts';
import { sampleActionStep, sampleImage, sampleModelStep, sampleRun, sampleTool, sampleTools } from './sample-run.ts';
import { tacoTraces, toRecording } from './taco-trace.ts';

const image = (name: string) => sampleImage(Number(name.slice('image-'.length)));
const tools = [...sampleTools, sampleTool('QueryKnowledgeBase', { query: { type: 'string' } })];
const traces = tacoTraces();

describe.skipIf(traces === undefined)('recorded TACO traces', () => {
  it('are 48', () => {
    expect(traces).toHaveLength(48);
  });

  it.each(traces ?? [])('%s: same calls, same turns and images, same answer', (_, trace) => {
    const dialect = taco();
    const { turns, observations } = recording.parse(toRecording(trace, image));
    const steps: (ModelStep | ActionStep)[] = [];
    const runNow = () =>
      sampleRun({ steps, images: trace.inputs.map(image), config: { question: trace.question, tools } });
    const left = [...observations];
    for (const [index, { text }] of turns.entries()) {
      const messages = dialect.render(runNow());
      const recorded = trace.shown.slice(0, index * 2 + 1);
      expect(messages[0]?.role).toBe('system');
      expect(
        messages.slice(1).map(({ role, content }) => ({
          role,
          images: content.flatMap((part) => (part.type === 'image' ? [part.image.name] : [])),
        })),
      ).toEqual(recorded);
      const parsed = dialect.parse(text, runNow());
      expect(parsed.problem).toBeUndefined();
      expect(parsed.actions).toEqual(trace.calls[index]);
      const reply = sampleModelStep(text, { thought: parsed.thought, actions: [...parsed.actions] });
      const transition = next(runNow(), { type: 'replied', step: reply, modelMs: 1 }, 0);
      if (index === turns.length - 1) {
        expect(transition.outcome).toEqual({ status: 'completed', answer: trace.answer, stopReason: 'terminate' });
      } else {
        expect(transition.kind).toBe(parsed.actions.length === 0 ? 'model' : 'action');
      }
      steps.push(reply);
      const [call] = parsed.actions;
      const observation = call === undefined || call.name === 'Terminate' ? undefined : left.shift();
      if (call === undefined || observation === undefined) continue;
      steps.push(sampleActionStep(call, observation));
      const shown = dialect.render(runNow()).at(-1)?.content[0];
      expect(shown).toMatchObject({ type: 'text' });
      expect(observation.ok && shown?.type === 'text' && shown.text).toContain(
        observation.ok ? JSON.stringify(observation.result) : '',
      );
    }
    expect(left).toEqual([]);
  });
});
