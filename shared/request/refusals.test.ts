import { describe, expect, test } from 'vitest';
import { expectRefusal, type Refusal } from '../../test/sample-request.ts';
import { requestFields } from './fields.ts';
import { MAX_QUESTION } from './schema.ts';

const refusals: readonly Refusal[] = [
  ['no body', undefined, 'missing_required_parameter', undefined, /no body/],
  ['an array', [], 'invalid_type', undefined, /expected an object, got an array/],
  [
    'instructions too long',
    { input: 'Q', instructions: 'x'.repeat(MAX_QUESTION + 1) },
    'string_above_max_length',
    'instructions',
    /32,768/,
  ],
  ['unknown field', { input: 'Q', n: 2 }, 'unknown_parameter', 'n', /'n'/],
  ['extra_body in JSON', { input: 'Q', extra_body: {} }, 'unknown_parameter', 'extra_body', /at the top/],
  ['prototype field', JSON.parse('{"input":"Q","__proto__":{}}'), 'unknown_parameter', '__proto__', /Unknown/],
  ['unknown vendor field', { input: 'Q', cota: { tool: [] } }, 'unknown_parameter', 'cota.tool', /cota\.tool/],
  [
    'unknown budget',
    { input: 'Q', cota: { budgets: { steps: 1 } } },
    'unknown_parameter',
    'cota.budgets.steps',
    /steps/,
  ],
  ['unknown model', { input: 'Q', model: 'gpt-9' }, 'model_not_found', 'model', /gpt-9.*big, small, future/],
  ['prototype model', { input: 'Q', model: 'constructor' }, 'model_not_found', 'model', /constructor/],
  ['wrong type', { input: 'Q', temperature: '1' }, 'invalid_type', 'temperature', /expected a number, got a string/],
  ['too hot', { input: 'Q', temperature: 3 }, 'invalid_value', 'temperature', /at most 2, got 3/],
  ['fraction of a token', { input: 'Q', max_output_tokens: 1.5 }, 'invalid_type', 'max_output_tokens', /whole number/],
  ['no tokens', { input: 'Q', max_output_tokens: 0 }, 'invalid_value', 'max_output_tokens', /at least 1, got 0/],
  ['background as text', { input: 'Q', background: 'yes' }, 'invalid_type', 'background', /a boolean/],
  [
    '17 pairs',
    { input: 'Q', metadata: Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`k${i}`, 'v'])) },
    'invalid_value',
    'metadata',
    /16 pairs/,
  ],
  [
    'long metadata key',
    { input: 'Q', metadata: { ['k'.repeat(65)]: 'v' } },
    'string_above_max_length',
    `metadata.${'k'.repeat(65)}`,
    /64/,
  ],
  [
    'long metadata value',
    { input: 'Q', metadata: { k: 'v'.repeat(513) } },
    'string_above_max_length',
    'metadata.k',
    /512.*513/,
  ],
  ['metadata number', { input: 'Q', metadata: { k: 1 } }, 'invalid_type', 'metadata.k', /a string/],
  [
    'function tool',
    { input: 'Q', tools: [{ type: 'function', name: 'f', parameters: {} }] },
    'unsupported_parameter',
    'tools[0]',
    /Function tools.*extra_body\.cota\.tools/,
  ],
  [
    'hosted tool',
    { input: 'Q', tools: [{ type: 'web_search' }] },
    'unsupported_parameter',
    'tools[0]',
    /web_search.*extra_body\.cota\.tools/,
  ],
  [
    'tool_choice required',
    { input: 'Q', tool_choice: 'required' },
    'invalid_value',
    'tool_choice',
    /extra_body\.cota\.tools/,
  ],
  [
    'tool_choice object',
    { input: 'Q', tool_choice: { type: 'function', name: 'f' } },
    'invalid_value',
    'tool_choice',
    /cota\.tools/,
  ],
  [
    'none, yet tools',
    { input: 'Q', tool_choice: 'none', cota: { tools: ['OCR'] } },
    'invalid_value',
    'tool_choice',
    /one of them/,
  ],
  [
    'json answers',
    { input: 'Q', text: { format: { type: 'json_schema', name: 'a', schema: {} } } },
    'invalid_value',
    'text.format.type',
    /plain text/,
  ],
  ['verbosity', { input: 'Q', text: { verbosity: 'low' } }, 'invalid_value', 'text.verbosity', /plain text/],
  ['effort', { input: 'Q', reasoning: { effort: 'high' } }, 'unsupported_parameter', 'reasoning.effort', /no effort/],
  [
    'concise thoughts',
    { input: 'Q', reasoning: { summary: 'concise' } },
    'invalid_value',
    'reasoning.summary',
    /in full/,
  ],
  ['flex', { input: 'Q', service_tier: 'flex' }, 'invalid_value', 'service_tier', /cota\.priority/],
  ['not stored', { input: 'Q', store: false }, 'invalid_value', 'store', /DELETE/],
  ['stream as text', { input: 'Q', stream: 'true' }, 'invalid_type', 'stream', /a boolean/],
  ['truncation', { input: 'Q', truncation: 'auto' }, 'invalid_value', 'truncation', /disabled/],
  ['log probabilities', { input: 'Q', top_logprobs: 3 }, 'invalid_value', 'top_logprobs', /not kept/],
  [
    'encrypted reasoning',
    { input: 'Q', include: ['reasoning.encrypted_content'] },
    'invalid_value',
    'include[0]',
    /cannot be included/,
  ],
  ['stream options alone', { input: 'Q', stream_options: {} }, 'invalid_value', 'stream_options', /stream: true/],
  [
    'padding',
    { input: 'Q', stream: true, stream_options: { include_obfuscation: true } },
    'invalid_value',
    'stream_options.include_obfuscation',
    /without padding/,
  ],
  [
    'previous response',
    { input: 'Q', previous_response_id: 'resp_1' },
    'unsupported_parameter',
    'previous_response_id',
    /question/,
  ],
  ['conversation', { input: 'Q', conversation: 'c' }, 'unsupported_parameter', 'conversation', /question/],
  [
    'context management',
    { input: 'Q', context_management: [] },
    'unsupported_parameter',
    'context_management',
    /whole context/,
  ],
  ['moderation', { input: 'Q', moderation: { model: 'm' } }, 'unsupported_parameter', 'moderation', /no moderation/],
  ['prompt template', { input: 'Q', prompt: { id: 'p' } }, 'unsupported_parameter', 'prompt', /stored prompts/],
  [
    'cache options',
    { input: 'Q', prompt_cache_options: {} },
    'unsupported_parameter',
    'prompt_cache_options',
    /cached/,
  ],
  [
    'cache retention',
    { input: 'Q', prompt_cache_retention: '24h' },
    'unsupported_parameter',
    'prompt_cache_retention',
    /cached/,
  ],
  [
    'unknown tool',
    { input: 'Q', cota: { tools: ['OCR', 'Sing'] } },
    'unknown_tool',
    'cota.tools[1]',
    /'Sing'.*Calculate, Crop, OCR/,
  ],
  [
    'tool that the model does not know',
    { input: 'Q', model: 'small', cota: { tools: ['Crop'] } },
    'unknown_tool',
    'cota.tools[0]',
    /'small' does not know the tool 'Crop'.*OCR, Calculate/,
  ],
  ['tool that nobody announced', { input: 'Q', model: 'future' }, 'tool_away', 'cota.tools', /announced Teleport/],
  ['tool names as text', { input: 'Q', cota: { tools: 'OCR' } }, 'invalid_type', 'cota.tools', /an array/],
  [
    'no replies',
    { input: 'Q', cota: { budgets: { replies: 0 } } },
    'invalid_value',
    'cota.budgets.replies',
    /at least 1/,
  ],
  [
    'two tool budgets',
    { input: 'Q', max_tool_calls: 1, cota: { budgets: { tool_calls: 2 } } },
    'invalid_value',
    'max_tool_calls',
    /same budget/,
  ],
  [
    'two token budgets',
    { input: 'Q', max_output_tokens: 1, cota: { budgets: { output_tokens: 2 } } },
    'invalid_value',
    'max_output_tokens',
    /same budget/,
  ],
  ['deadline in the past', { input: 'Q', cota: { deadline: 0 } }, 'invalid_value', 'cota.deadline', /more than 0/],
  ['deadline in a year', { input: 'Q', cota: { deadline: 31_536_000 } }, 'invalid_value', 'cota.deadline', /2,592,000/],
  [
    'unknown priority',
    { input: 'Q', cota: { priority: 'high' } },
    'invalid_value',
    'cota.priority',
    /"interactive", "batch"/,
  ],
  ['unknown prompt', { input: 'Q', cota: { prompt: 'medium' } }, 'invalid_value', 'cota.prompt', /"long", "short"/],
  ['seed', { input: 'Q', cota: { seed: 1.5 } }, 'invalid_type', 'cota.seed', /whole number/],
  [
    'replay of another tenant',
    { input: 'Q', cota: { replay: { key: 't/other/runs/x' } } },
    'invalid_value',
    'cota.replay.key',
    /t\/default\//,
  ],
  [
    'replay that climbs',
    { input: 'Q', cota: { replay: { key: 't/default/../other/x' } } },
    'invalid_value',
    'cota.replay.key',
    /t\/default\//,
  ],
];

describe('refusals name the field and say what to do', () => {
  test.each(refusals)('%s', (...refusal) => expectRefusal(refusal));

  test('a tool that is named before any worker has announced one is waited for', () => {
    const tools = ['OCR'];
    expectRefusal(['', { input: 'Q', cota: { tools } }, 'tool_away', 'cota.tools', /announced OCR yet/], { tools: [] });
    const mixed = { input: 'Q', model: 'small', cota: { tools: ['OCR', 'Sing'] } };
    // What the model itself does not know no worker will bring.
    expectRefusal(['', mixed, 'unknown_tool', 'cota.tools[1]', /does not know the tool 'Sing'/], { tools: [] });
  });

  test('every limited and refused field has a row above', () => {
    const tested = new Set(refusals.map(([, , , param]) => param?.split(/[.[]/)[0]));
    const untested = Object.entries(requestFields).filter(
      ([field, rule]) => (rule.does === 'limited' || rule.does === 'refused') && !tested.has(field),
    );
    expect(untested).toEqual([]);
  });
});
