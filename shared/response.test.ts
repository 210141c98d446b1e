import type { Responses } from 'openai/resources/responses/responses';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { sampleActionStep, sampleImage, sampleModelStep, sampleRun } from '../test/sample-run.ts';
import type { Outcome, Run } from './contract.ts';
import { type ResponseItem, type ResponseObject, responseObject } from './response/schema.ts';
import { responseOf, statusOf, viewOfNew, viewOfTrace } from './response.ts';
import { readTrace, traceOf } from './run/trace.ts';

const id = 'run_fb01m81gcjnzxvgkn8t8hvdscfz97567d9';
const suffix = id.slice(4);
const made = { ...sampleImage(1), name: 'image-1' };
const crop = { name: 'Crop', arguments: { image: 'image-0', bbox: [0, 0, 1, 1] } };
const sum = { name: 'Calculate', arguments: { expression: '1 +' } };

/** Two thoughts, an action that made an image, one that failed, a reply that could not be read. */
const steps = [
  sampleModelStep('raw 1', { thought: 'Look closer.', actions: [crop, sum] }),
  sampleActionStep(crop, { ok: true, result: { image: 'image-1' }, images: [made] }),
  sampleActionStep(sum, { ok: false, error: { code: 'bad_expression', message: 'It ends too early.' } }),
  sampleModelStep('{"thought": oops', { problem: 'This is not JSON.' }),
  sampleModelStep('raw 3', { thought: 'Now it is clear.' }),
];

function run(outcome: Outcome | undefined, change: Partial<Run> = {}, config: Partial<Run['config']> = {}): Run {
  const sample = sampleRun({ steps, images: [sampleImage(0), made], config });
  const usage = { ...sample.usage, inputTokens: 300, outputTokens: 60, cachedTokens: 200, modelMs: 900, toolMs: 10 };
  const ended = outcome ? { status: 'closed' as const, outcome, endedAt: 65_999 } : {};
  return { ...sample, id, usage, createdAt: 61_001, ...ended, ...change };
}

const answered: Outcome = { status: 'completed', answer: '42 euros', stopReason: 'terminate' };

describe('status', () => {
  const rows: [Run['status'], Outcome['status'] | undefined, ResponseObject['status']][] = [
    ['pending', undefined, 'queued'],
    ['running', undefined, 'in_progress'],
    ['finalizing', 'completed', 'in_progress'],
    ['finalizing', 'failed', 'in_progress'],
    ['finalizing', 'cancelled', 'cancelled'],
    ['closed', 'completed', 'completed'],
    ['closed', 'failed', 'failed'],
    ['closed', 'cancelled', 'cancelled'],
    ['closed', 'incomplete', 'incomplete'],
  ];
  test.each(rows)('%s with outcome %s is %s', (status, outcome, expected) => {
    expect(statusOf({ status, outcome: outcome && { status: outcome, stopReason: 'x' } })).toBe(expected);
  });
});

describe('output', () => {
  test('thoughts, each action at once followed by what came of it, the answer last', () => {
    const { output } = responseOf(run(answered));
    const shown = output.map((item) => [item.type, item.id.replace(suffix, 'X')]);
    expect(shown).toEqual([
      ['reasoning', 'rs_X_0'],
      ['function_call', 'fc_X_1'],
      ['function_call_output', 'fco_X_1'],
      ['function_call', 'fc_X_2'],
      ['function_call_output', 'fco_X_2'],
      ['reasoning', 'rs_X_3'],
      ['reasoning', 'rs_X_4'],
      ['message', 'msg_X_5'],
    ]);
    expect(output[0]).toMatchObject({ summary: [{ type: 'summary_text', text: 'Look closer.' }], status: 'completed' });
    expect(output[1]).toMatchObject({ name: 'Crop', arguments: '{"image":"image-0","bbox":[0,0,1,1]}' });
    expect(output[2]).toMatchObject({
      output: [
        { type: 'input_text', text: '{"image":"image-1"}' },
        { type: 'input_image', file_id: `file-${made.sha256}`, detail: 'auto' },
      ],
    });
    expect(output[4]).toMatchObject({ output: '{"error":{"code":"bad_expression","message":"It ends too early."}}' });
    expect(output[5]).toMatchObject({ summary: [{ text: '{"thought": oops' }] });
    expect(output[7]).toMatchObject({
      role: 'assistant',
      content: [{ type: 'output_text', text: '42 euros', annotations: [], logprobs: [] }],
    });
  });

  test('calls and their outputs share a call id, and every id is its own', () => {
    const { output } = responseOf(run(answered));
    const calls = output.flatMap((item) => (item.type === 'function_call' ? [item.call_id] : []));
    const outputs = output.flatMap((item) => (item.type === 'function_call_output' ? [item.call_id] : []));
    expect(calls).toEqual(outputs);
    expect(new Set([...calls, ...output.map((item) => item.id)]).size).toBe(calls.length + output.length);
  });

  test('a living run shows the items so far, which stay as they are', () => {
    const all = responseOf(run(answered)).output;
    for (let count = 0; count <= steps.length; count++) {
      const early = run(undefined);
      const { output, usage, status } = responseOf({ ...early, steps: early.steps.slice(0, count) });
      expect([status, usage]).toEqual(['in_progress', null]);
      expect(output).toEqual(all.slice(0, output.length));
      const last = output.at(-1);
      expect(last?.type).not.toBe('function_call');
    }
  });

  test('no answer is shown before the trace is written', () => {
    const finalizing = responseOf(run(answered, { status: 'finalizing' }));
    expect(finalizing.status).toBe('in_progress');
    expect(finalizing.output.some((item) => item.type === 'message')).toBe(false);
  });
});

describe('how it ended', () => {
  const rows: [string, Outcome, Partial<ResponseObject>, string][] = [
    [
      'answered',
      answered,
      { status: 'completed', completed_at: 65, error: null, incomplete_details: null },
      'terminate',
    ],
    [
      'an answer that was asked for early',
      { ...answered, stopReason: 'budget_replies' },
      { status: 'completed', incomplete_details: null },
      'budget_replies',
    ],
    [
      'failed',
      { status: 'failed', stopReason: 'error', error: { code: 'invalid_image', message: 'No image.', param: 'input' } },
      { status: 'failed', completed_at: null, error: { code: 'invalid_image', message: 'No image.' } },
      'error',
    ],
    ['cancelled', { status: 'cancelled', stopReason: 'cancelled' }, { status: 'cancelled', error: null }, 'cancelled'],
    [
      'out of tokens',
      { status: 'incomplete', stopReason: 'budget_output_tokens' },
      { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } },
      'budget_output_tokens',
    ],
    [
      'out of replies',
      { status: 'incomplete', stopReason: 'budget_replies' },
      { status: 'incomplete', incomplete_details: { reason: 'budget_replies' } },
      'budget_replies',
    ],
  ];
  test.each(rows)('%s', (_name, outcome, expected, stopReason) => {
    const response = responseOf(run(outcome));
    expect(response).toMatchObject(expected);
    expect(response.cota.stop_reason).toBe(stopReason);
    expect(response.created_at).toBe(61);
    expect(response.usage).toEqual({
      input_tokens: 300,
      input_tokens_details: { cached_tokens: 200, cache_write_tokens: 0 },
      output_tokens: 60,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: 360,
    });
    expect(responseObject.parse(response)).toEqual(response);
  });
});

test('what the request said comes back', () => {
  const config: Partial<Run['config']> = {
    instructions: 'Be brief.',
    temperature: 0.5,
    topP: 0.9,
    seed: 7,
    priority: 'batch',
    deadline: 90_000,
    metadata: { a: 'b' },
    budgets: { replies: 4, toolCalls: 3, outputTokens: 200, turnTokens: 100, activeSeconds: 9, toolSeconds: 8 },
    echo: {
      background: true,
      user: 'u',
      safety_identifier: 's',
      prompt_cache_key: 'p',
      parallel_tool_calls: true,
      tool_choice: 'none',
      reasoning: { summary: 'detailed' },
    },
  };
  const response = responseOf(run(answered, {}, config), 'https://cota.example');
  expect(response).toMatchObject({
    instructions: 'Be brief.',
    temperature: 0.5,
    top_p: 0.9,
    metadata: { a: 'b' },
    max_output_tokens: 200,
    max_tool_calls: 3,
    background: true,
    user: 'u',
    safety_identifier: 's',
    prompt_cache_key: 'p',
    parallel_tool_calls: true,
    tool_choice: 'none',
    reasoning: { effort: null, summary: 'detailed' },
    cota: {
      trace: `https://cota.example/v1/runs/${id}/trace`,
      priority: 'batch',
      deadline: 90,
      seed: 7,
      budgets: { replies: 4, tool_calls: 3, output_tokens: 200, active_seconds: 9, tool_seconds: 8 },
    },
  });
  expect(response.cota.images[1]).toMatchObject({
    name: 'image-1',
    file_id: `file-${made.sha256}`,
    url: `https://cota.example/v1/artifacts/${made.sha256}`,
  });
  expect(responseObject.parse(response)).toEqual(response);
});

describe('the same run', () => {
  const outcomes: Outcome[] = [
    answered,
    { status: 'failed', stopReason: 'error', error: { code: 'poison', message: 'It broke.' } },
    { status: 'cancelled', stopReason: 'cancelled' },
    { status: 'incomplete', stopReason: 'budget_replies' },
  ];
  test.each(outcomes)('is the same document from record and from trace: $status', (outcome) => {
    const record = run(outcome);
    // As it comes back out of the store.
    const written = readTrace(JSON.stringify(traceOf({ ...record, status: 'finalizing' })));
    expect(responseOf(viewOfTrace(written), 'https://x')).toEqual(responseOf(record, 'https://x'));
  });

  test('is the same document as when it was created, while nothing has happened', () => {
    const sample = sampleRun({ images: [] });
    const fresh = { ...sample, id, status: 'pending' as const, createdAt: 5_000 };
    expect(responseOf(viewOfNew(id, fresh.config, 5_000))).toEqual(responseOf(fresh));
  });
});

test('it is a Response of the official client', () => {
  type Official = Omit<Responses.Response, 'output_text' | 'error' | 'incomplete_details' | 'usage' | 'user'>;
  expectTypeOf<ResponseObject>().toExtend<Official>();
  expectTypeOf<ResponseItem>().toExtend<Responses.ResponseOutputItem>();
  expectTypeOf<Exclude<keyof Responses.ResponseUsage, keyof NonNullable<ResponseObject['usage']>>>().toBeNever();
});
