import { describe, expect, it } from 'vitest';
import type { Action, ActionStep, ModelStep, Observation, Run } from '../contract.ts';
import { next } from './run-machine.ts';

const usage = { replies: 0, toolCalls: 0, inputTokens: 0, outputTokens: 0, cachedTokens: 0, modelMs: 0, toolMs: 0 };
const tool = (name: string) => ({
  name,
  version: '1',
  description: '',
  parameters: {},
  returns: '',
  example: {},
  pool: 'cpu',
});

function run(change: Partial<Run> = {}, budgets: Partial<Run['config']['budgets']> = {}): Run {
  return {
    version: 1,
    id: 'run_00',
    tenant: 'default',
    status: 'running',
    kind: 'model',
    step: 0,
    epoch: 0,
    starts: 1,
    fails: 0,
    config: {
      model: 'm',
      modelVersion: '1',
      dialect: 'taco',
      prompt: 'long',
      promptVersion: '1',
      question: 'q',
      sources: [],
      tools: [tool('OCR'), tool('Calculate')],
      budgets: { replies: 10, turnTokens: 100, ...budgets },
      temperature: 0,
      priority: 'interactive',
      metadata: {},
      echo: {},
    },
    images: [],
    steps: [],
    usage,
    turn: 0,
    answerNow: undefined,
    holder: undefined,
    outcome: undefined,
    createdAt: 1,
    startedAt: 2,
    endedAt: undefined,
    ...change,
  };
}

const reply = (actions: Action[], problem?: string): ModelStep => ({
  kind: 'model',
  text: 'text',
  thought: 'thought',
  actions,
  ...(problem ? { problem } : {}),
  finishReason: 'stop',
  usage: { inputTokens: 10, outputTokens: 5, cachedTokens: 2 },
});
const ocr: Action = { name: 'OCR', arguments: { image: 'image-0' } };
const calculate: Action = { name: 'Calculate', arguments: { expression: '1+1' } };
const terminate: Action = { name: 'Terminate', arguments: { answer: '2' } };
const replied = (actions: Action[], problem?: string) =>
  ({ type: 'replied', step: reply(actions, problem), modelMs: 7 }) as const;
const acted = (
  action: Action,
  observation: Observation = { ok: true, result: {}, images: [] },
): { type: 'acted'; step: ActionStep } => ({
  type: 'acted',
  step: { kind: 'action', action, observation, toolVersion: '1', cached: false, toolMs: 30 },
});
/** A run at step `at`, whose last turn (number `turn`) asked for these actions. */
const inTurn = (actions: Action[], at: number, more: Partial<Run> = {}) =>
  run({ kind: 'action', step: at, turn: 0, steps: [{ ...reply(actions), startedAt: 1, endedAt: 2 }], ...more });

describe('next', () => {
  const table: [string, Run, Parameters<typeof next>[1], object][] = [
    [
      'intake leads to the first turn',
      run({ kind: 'intake', step: -1 }),
      { type: 'images_stored', images: [] },
      { kind: 'model', step: 0, status: 'running' },
    ],
    ['one action follows its turn', run(), replied([ocr]), { kind: 'action', step: 1, turn: 0 }],
    [
      'Terminate ends the run',
      run(),
      replied([terminate]),
      {
        status: 'finalizing',
        kind: 'finalize',
        step: 1,
        outcome: { status: 'completed', answer: '2', stopReason: 'terminate' },
      },
    ],
    ['a reply that cannot be read gets another turn', run(), replied([], 'not JSON'), { kind: 'model', step: 1 }],
    ['a reply without actions gets another turn', run(), replied([]), { kind: 'model', step: 1 }],
    ['the second action follows the first', inTurn([ocr, calculate], 1), acted(ocr), { kind: 'action', step: 2 }],
    ['after the last action comes a turn', inTurn([ocr, calculate], 2), acted(calculate), { kind: 'model', step: 3 }],
    [
      'Terminate behind an action ends the run when it is reached',
      inTurn([ocr, terminate], 1),
      acted(ocr),
      { status: 'finalizing', step: 2, outcome: { answer: '2' } },
    ],
    [
      'a failed action is told to the model',
      inTurn([ocr], 1),
      acted(ocr, { ok: false, error: { code: 'x', message: 'y' } }),
      { kind: 'model', step: 2 },
    ],
    [
      'a step that failed for good ends the run',
      run(),
      { type: 'failed', error: { code: 'poison', message: 'm' } },
      { status: 'finalizing', outcome: { status: 'failed', error: { code: 'poison' } } },
    ],
    [
      'the last reply but one asks for the answer',
      run({ usage: { ...usage, replies: 8 } }),
      replied([]),
      { kind: 'model', answerNow: 'replies' },
    ],
    ['a spent token budget asks for the answer', run({}, { outputTokens: 5 }), replied([ocr]), { kind: 'action' }],
    [
      '... at the next turn',
      inTurn([ocr], 1, { usage: { ...usage, outputTokens: 5 }, config: run({}, { outputTokens: 5 }).config }),
      acted(ocr),
      { kind: 'model', answerNow: 'output_tokens' },
    ],
    [
      'an answer given when asked for completes the run',
      run({ answerNow: 'replies' }),
      replied([terminate]),
      { outcome: { status: 'completed', answer: '2', stopReason: 'budget_replies' } },
    ],
    [
      'no answer when asked for leaves it incomplete',
      run({ answerNow: 'replies' }),
      replied([ocr]),
      { outcome: { status: 'incomplete', stopReason: 'budget_replies' } },
    ],
  ];
  it.each(table)('%s', (_name, before, event, expected) => {
    expect(next(before, event, 1_000)).toMatchObject(expected);
  });

  it('turns an unknown action into an observation at once and numbers both steps', () => {
    const after = next(run({ step: 4, turn: 0 }), replied([{ name: 'Fly', arguments: {} }, ocr]), 0);
    expect(after).toMatchObject({ kind: 'action', step: 6, turn: 4 });
    expect(after.finished.map((step) => step.kind)).toEqual(['model', 'action']);
    expect(after.finished[1]).toMatchObject({ observation: { ok: false, error: { code: 'unknown_action' } } });
  });

  it('carries out no more actions than the budget allows', () => {
    const before = inTurn([ocr, ocr, ocr], 1, { config: run({}, { toolCalls: 1 }).config });
    const after = next(before, acted(ocr), 0);
    expect(after).toMatchObject({ kind: 'model', step: 4, answerNow: 'tool_calls', usage: { toolCalls: 3 } });
  });

  it('sums usage', () => {
    expect(next(run(), replied([ocr]), 0).usage).toMatchObject({
      replies: 1,
      inputTokens: 10,
      outputTokens: 5,
      cachedTokens: 2,
      modelMs: 7,
    });
    expect(next(inTurn([ocr], 1), acted(ocr), 0).usage).toMatchObject({ toolCalls: 1, toolMs: 30 });
  });

  it('adds the images that a tool made', () => {
    const image = {
      name: 'image-0',
      sha256: '0'.repeat(64),
      contentType: 'image/png',
      width: 1,
      height: 1,
      bytes: 1,
      key: 'k',
    };
    expect(next(inTurn([ocr], 1), acted(ocr, { ok: true, result: {}, images: [image] }), 0).images).toEqual([image]);
  });

  it('takes an answer that is no string as JSON', () => {
    expect(next(run(), replied([{ name: 'Terminate', arguments: { answer: 7 } }]), 0).outcome?.answer).toBe('7');
  });
});

describe('a call of a client', () => {
  const image = {
    name: 'image-0',
    sha256: '0'.repeat(64),
    contentType: 'image/png',
    width: 1,
    height: 1,
    bytes: 1,
    key: 'k',
  };
  const calling = (call: Action): Run => {
    const plain = run({ kind: 'intake' });
    return { ...plain, config: { ...plain.config, call } };
  };

  it('begins with a turn that no model took, and goes on with the action', () => {
    const begun = next(calling(ocr), { type: 'images_stored', images: [image] }, 0);
    expect(begun).toMatchObject({ status: 'running', kind: 'action', step: 1, turn: 0, images: [image], usage });
    expect(begun.finished).toMatchObject([{ kind: 'model', text: '', actions: [ocr], usage: { outputTokens: 0 } }]);
  });

  it('ends with what came of it, and asks no model', () => {
    const atWork = (): Run => ({ ...inTurn([ocr], 1), config: calling(ocr).config });
    const done = next(atWork(), acted(ocr, { ok: true, result: { text: 'hi' }, images: [image] }), 0);
    expect(done).toMatchObject({ status: 'finalizing', step: 2, usage: { toolCalls: 1, replies: 0 }, images: [image] });
    expect(done.outcome).toEqual({ status: 'completed', answer: '{"text":"hi"}', stopReason: 'call' });
    const error = { code: 'unreadable_image', message: 'no' };
    const failed = next(atWork(), acted(ocr, { ok: false, error }), 0);
    expect(failed.outcome).toEqual({ status: 'failed', error, stopReason: 'call' });
  });

  it('of a tool that the run is not pinned to ends at once', () => {
    const ended = next(calling({ name: 'Fly', arguments: {} }), { type: 'images_stored', images: [] }, 0);
    expect(ended).toMatchObject({
      status: 'finalizing',
      outcome: { status: 'failed', error: { code: 'unknown_action' } },
    });
    expect(ended.finished).toHaveLength(2);
  });
});
