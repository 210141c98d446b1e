import { readFileSync } from 'node:fs';
import type { ChatCompletionCreateParamsNonStreaming } from 'openai/resources/chat/completions';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { context, read } from '../../test/sample-request.ts';
import { CotaError } from '../errors.ts';
import { MAX_QUESTION } from '../request/schema.ts';
import type { RequestContext } from '../request.ts';
import { type ChatField, chatFields } from './fields.ts';
import { readChatRequest } from './request.ts';

const chat = (body: object, change: Partial<RequestContext> = {}) => readChatRequest(body, { ...context, ...change });
const user = (content: unknown) => ({ role: 'user', content });
const text = (words: string) => ({ type: 'text', text: words });
const image = (url: string) => ({ type: 'image_url', image_url: { url, detail: 'low' } });
const assistant = (content: string) => ({ role: 'assistant', content });
const PNG = 'data:image/png;base64,AAAA';

describe('what a run is pinned to', () => {
  test('the same as by a create request, but for what only chats have', () => {
    const cota = { tools: ['OCR'], budgets: { replies: 5 }, deadline: 60, priority: 'batch' };
    const common = { model: 'big', temperature: 0.5, top_p: 0.9, metadata: { a: 'b' }, user: 'u', cota };
    const { config } = chat({
      ...common,
      messages: [{ role: 'developer', content: [text('Be brief.')] }, user('How many?')],
      max_completion_tokens: 500,
      seed: 7,
      stop: 'END',
    });
    const create = read({
      ...common,
      input: 'How many?',
      instructions: 'Be brief.',
      max_output_tokens: 500,
      cota: { ...cota, seed: 7 },
    });
    const { chat: echoed, ...echo } = config.echo;
    expect({ ...config, echo }).toEqual(create.config);
    expect(echoed).toEqual({ stop: ['END'] });
  });

  test('texts of several user messages and their images, in order', () => {
    const wanted = chat({
      messages: [user([image('https://a/1.png'), text('One?')]), user([text('Two?'), image(PNG)])],
    });
    expect(wanted.config.question).toBe('One?\n\nTwo?');
    expect(wanted.images).toEqual([
      { url: 'https://a/1.png', param: 'messages[0].content[0].image_url.url' },
      { url: PNG, param: 'messages[1].content[1].image_url.url' },
    ]);
    expect([wanted.stream, wanted.background]).toEqual([false, false]);
  });

  test('a dialogue goes into the question, with the names of its images', () => {
    const answer = {
      ...assistant('A cat.'),
      refusal: null,
      reasoning_content: 'I look.',
      tool_calls: null,
      audio: null,
    };
    const messages = [
      { role: 'system', content: 'Be kind.' },
      user([image(PNG), text('What is it?')]),
      answer,
      user([text('And this?'), image(PNG)]),
    ];
    const { config, images } = chat({ messages, stream: true });
    expect(config.question).toBe(
      'This is what was said so far:\n\nUser: [image-0]\nWhat is it?\n\nAssistant: A cat.\n\nNow answer this:\n\n[image-1]\nAnd this?',
    );
    expect([config.instructions, images.length]).toEqual(['Be kind.', 2]);
  });

  test('an answer that was empty leaves no trace, and a name stands before what its owner said', () => {
    expect(chat({ messages: [assistant(''), user('Well?')] }).config.question).toBe('Well?');
    expect(chat({ messages: [{ ...user('Well?'), name: 'Ada' }] }).config.question).toBe('Ada: Well?');
    const { question } = chat({ messages: [{ ...user('Hi'), name: 'Ada' }, assistant('Yes?'), user('Well?')] }).config;
    expect(question).toMatch(/Ada: Hi\n\nAssistant: Yes\?\n\nNow answer this:\n\nWell\?$/);
  });

  test('what a chat program sends by default is taken', () => {
    const { config } = chat({
      messages: [user('Q')],
      n: 1,
      logprobs: false,
      presence_penalty: 0,
      frequency_penalty: 0,
      logit_bias: {},
      tools: [],
      response_format: { type: 'text' },
      modalities: ['text'],
      stream_options: { include_usage: true },
      stream: true,
      max_tokens: 5,
    });
    expect(config.budgets.outputTokens).toBe(5);
    expect(config.echo.chat).toEqual({ include_usage: true });
  });
});

const Q = [user('Q')];
const long = 'x'.repeat(MAX_QUESTION);
const refusals: readonly [string, object, string, string | undefined, RegExp][] = [
  ['no messages', {}, 'missing_required_parameter', 'messages', /messages/],
  ['an empty list', { messages: [] }, 'invalid_value', 'messages', /at least one of role "user"/],
  ['an input', { messages: Q, input: 'Q' }, 'unknown_parameter', 'input', /Unknown/],
  ['no question', { messages: [user([image(PNG)])] }, 'missing_required_parameter', 'messages', /no question/],
  [
    'only instructions',
    { messages: [{ role: 'system', content: 'x' }] },
    'missing_required_parameter',
    'messages',
    /user/,
  ],
  ['an answer to go on with', { messages: [user('Q'), assistant('The')] }, 'invalid_value', 'messages', /last message/],
  [
    'a tool message',
    { messages: [{ role: 'tool', content: 'x', tool_call_id: 'c' }] },
    'invalid_value',
    'messages[0].role',
    /Cota's answers have none/,
  ],
  [
    'another role',
    { messages: [{ role: 'critic', content: 'x' }] },
    'invalid_value',
    'messages[0].role',
    /"assistant"/,
  ],
  [
    'tool calls',
    { messages: [{ ...assistant('x'), tool_calls: [{}] }, user('Q')] },
    'invalid_value',
    'messages[0].tool_calls',
    /runs its own/,
  ],
  [
    'a file',
    { messages: [user([{ type: 'file', file: {} }])] },
    'invalid_value',
    'messages[0].content[0].type',
    /"file" are not supported/,
  ],
  [
    'image_url as text',
    { messages: [user([{ type: 'image_url', image_url: PNG }])] },
    'invalid_type',
    'messages[0].content[0].image_url',
    /an object here/,
  ],
  [
    'too many images',
    { messages: [user([text('Q'), ...Array.from({ length: 4 }, () => image(PNG))])] },
    'invalid_value',
    'messages',
    /at most 3 images/,
  ],
  [
    'a long dialogue',
    { messages: [user(long), assistant('x'), user('Q')] },
    'string_above_max_length',
    'messages',
    /32,768.*fewer earlier/,
  ],
  [
    'a long question for a small model',
    { model: 'small', messages: [user('It was sunny. '.repeat(25))] },
    'string_above_max_length',
    'messages',
    /320/,
  ],
  ['an unknown model', { model: 'gpt-9', messages: Q }, 'model_not_found', 'model', /gpt-9/],
  [
    'two budgets',
    { messages: Q, max_tokens: 5, max_completion_tokens: 6 },
    'invalid_value',
    'max_tokens',
    /one of them/,
  ],
  [
    'a third one',
    { messages: Q, max_tokens: 5, cota: { budgets: { output_tokens: 6 } } },
    'invalid_value',
    'max_tokens',
    /max_tokens and cota/,
  ],
  ['two seeds', { messages: Q, seed: 5, cota: { seed: 6 } }, 'invalid_value', 'cota.seed', /one of them/],
  ['two answers', { messages: Q, n: 2 }, 'invalid_value', 'n', /Only 1/],
  [
    'function tools',
    { messages: Q, tools: [{ type: 'function', function: { name: 'f' } }] },
    'unsupported_parameter',
    'tools[0]',
    /extra_body\.cota\.tools/,
  ],
  [
    'functions',
    { messages: Q, functions: [{ name: 'f' }] },
    'unsupported_parameter',
    'functions[0]',
    /extra_body\.cota\.tools/,
  ],
  ['a forced tool', { messages: Q, tool_choice: 'required' }, 'invalid_value', 'tool_choice', /cota\.tools/],
  ['an unknown tool', { messages: Q, cota: { tools: ['Fly'] } }, 'unknown_tool', 'cota.tools[0]', /Fly/],
  [
    'JSON answers',
    { messages: Q, response_format: { type: 'json_object' } },
    'invalid_value',
    'response_format.type',
    /plain text/,
  ],
  ['log probabilities', { messages: Q, logprobs: true }, 'invalid_value', 'logprobs', /not kept/],
  ['penalties', { messages: Q, presence_penalty: 1 }, 'invalid_value', 'presence_penalty', /Only 0/],
  ['weights', { messages: Q, logit_bias: { 5: 1 } }, 'unknown_parameter', 'logit_bias.5', /Only \{\}/],
  ['not stored', { messages: Q, store: false }, 'invalid_value', 'store', /DELETE/],
  [
    'stream options without a stream',
    { messages: Q, stream_options: { include_usage: true } },
    'invalid_value',
    'stream_options',
    /stream: true/,
  ],
  [
    'padding',
    { messages: Q, stream: true, stream_options: { include_obfuscation: true } },
    'invalid_value',
    'stream_options.include_obfuscation',
    /without padding/,
  ],
  ['progress', { messages: Q, cota: { progress: true } }, 'invalid_value', 'cota.progress', /without `progress`/],
  ['five stop texts', { messages: Q, stop: ['a', 'b', 'c', 'd', 'e'] }, 'invalid_value', 'stop', /at most 4/],
];

test.each(refusals)('refuses %s', (_, body, code, param, words) => {
  let thrown: unknown;
  try {
    chat(body);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(CotaError);
  const error = thrown as CotaError;
  expect({ code: error.code, param: error.param }).toEqual({ code, param });
  expect(error.message).toMatch(words);
});

describe('the table of fields', () => {
  test('has a row for every field of the official client', () => {
    type Official = keyof ChatCompletionCreateParamsNonStreaming;
    expectTypeOf<Exclude<Official, ChatField>>().toBeNever();
    expectTypeOf<Exclude<ChatField, Official>>().toEqualTypeOf<'cota'>();
  });

  test('is the one in docs/api.md', () => {
    const rows = Object.entries(chatFields).map(([name, { does, says }]) => `| \`${name}\` | ${does} | ${says} |`);
    const docs = readFileSync(new URL('../../docs/api.md', import.meta.url), 'utf8').replace(/ +/g, ' ');
    expect(docs.replace(/-{3,}/g, '---')).toContain(
      ['| field of a chat | | |', '| --- | --- | --- |', ...rows].join('\n'),
    );
  });
});
