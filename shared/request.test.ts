import { readFileSync } from 'node:fs';
import type { Responses } from 'openai/resources/responses/responses';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { context, expectRefusal, image, read, text, user } from '../test/sample-request.ts';
import { sampleTool } from '../test/sample-run.ts';
import { type RequestField, requestFields, vendorFields } from './request/fields.ts';

describe('what a run is pinned to', () => {
  test('a bare question takes the defaults of the model', () => {
    const { config, images, background } = read({ input: 'How many?' });
    expect(config).toMatchObject({
      model: 'big',
      modelVersion: 'v1',
      dialect: 'taco',
      prompt: 'long',
      promptVersion: 'taco-1',
      question: 'How many?',
      budgets: { replies: 10, turnTokens: 900 },
      temperature: 0.3,
      priority: 'interactive',
      metadata: {},
      echo: {},
    });
    expect(config.tools.map((tool) => tool.name)).toEqual(['Calculate', 'Crop', 'OCR']);
    expect([images, background, config.instructions, config.deadline]).toEqual([[], false, undefined, undefined]);
  });

  test('every option reaches the run', () => {
    const { config, background } = read({
      model: 'big',
      input: 'Q',
      instructions: 'Be brief.',
      background: true,
      max_output_tokens: 500,
      max_tool_calls: 4,
      temperature: 1,
      top_p: 0.9,
      metadata: { a: 'b' },
      user: 'u1',
      safety_identifier: 's1',
      prompt_cache_key: 'p1',
      parallel_tool_calls: true,
      tool_choice: 'auto',
      tools: [],
      text: { format: { type: 'text' } },
      reasoning: { summary: 'auto' },
      service_tier: 'default',
      store: true,
      stream: false,
      truncation: 'disabled',
      top_logprobs: 0,
      include: ['file_search_call.results'],
      cota: {
        tools: ['OCR'],
        budgets: { replies: 5, active_seconds: 60, tool_seconds: 30 },
        deadline: 120,
        priority: 'batch',
        seed: 7,
        prompt: 'long',
        replay: { key: 't/default/runs/x/recording.json' },
      },
    });
    expect(background).toBe(true);
    expect(config).toMatchObject({
      model: 'big',
      dialect: 'taco',
      prompt: 'long',
      instructions: 'Be brief.',
      budgets: { replies: 5, toolCalls: 4, outputTokens: 500, activeSeconds: 60, toolSeconds: 30, turnTokens: 900 },
      temperature: 1,
      topP: 0.9,
      seed: 7,
      deadline: 1_120_000,
      priority: 'batch',
      metadata: { a: 'b' },
      replay: { key: 't/default/runs/x/recording.json', observations: 'recorded' },
      echo: {
        user: 'u1',
        safety_identifier: 's1',
        prompt_cache_key: 'p1',
        parallel_tool_calls: true,
        background: true,
      },
    });
    expect(config.tools.map((tool) => tool.name)).toEqual(['OCR']);
  });

  test('null is the same as leaving a field out, for every field', () => {
    const nulls = Object.fromEntries(Object.keys(requestFields).map((field) => [field, null]));
    expect(read({ ...nulls, input: 'Q' })).toEqual(read({ input: 'Q' }));
  });

  test('user texts are joined in order, images numbered as they come, system texts follow the instructions', () => {
    const { config, images } = read({
      instructions: 'First.',
      input: [
        { role: 'system', content: 'Second.' },
        user(text('Look at'), image('https://a.example/1.png'), text('and')),
        { role: 'developer', content: [text('Third.')] },
        user(image('https://a.example/2.png'), text('Which is larger?')),
      ],
    });
    expect(config.question).toBe('Look at\nand\n\nWhich is larger?');
    expect(config.instructions).toBe('First.\n\nSecond.\n\nThird.');
    expect(images).toEqual([
      { url: 'https://a.example/1.png', param: 'input[1].content[1].image_url' },
      { url: 'https://a.example/2.png', param: 'input[3].content[0].image_url' },
    ]);
  });

  test('tool_choice none and an empty list mean no tools; Terminate needs no worker', () => {
    expect(read({ input: 'Q', tool_choice: 'none' }).config.tools).toEqual([]);
    expect(read({ input: 'Q', cota: { tools: [] } }).config.tools).toEqual([]);
    expect(read({ input: 'Q', cota: { tools: ['Terminate'] } }).config.tools).toEqual([]);
    expect(() => read({ input: 'Q' }, { tools: [] })).toThrow(/No tool worker has announced itself/);
  });

  test('who names no tools gets those that can work now; who names some gets them, ready or not', () => {
    const withheld = new Map([['OCR', 'cota models pull ocr']]);
    const tools = [...context.tools, { ...sampleTool('Draw', {}), offered: false }];
    const names = (more: object, change = {}) =>
      read({ input: 'Q', ...more }, { withheld, tools, ...change }).config.tools.map((tool) => tool.name);
    expect(names({})).toEqual(['Calculate', 'Crop']);
    expect(names({}, { withheld: new Map() }), 'it has become ready').toEqual(['Calculate', 'Crop', 'OCR']);
    expect(names({ cota: { tools: ['OCR', 'Draw'] } })).toEqual(['OCR', 'Draw']);
    expect(names({ model: 'small' }), 'its entry names them').toEqual(['Calculate', 'OCR']);
    const none = { tools: [sampleTool('OCR', {})] };
    expect(() => names({}, none)).toThrow(
      /No tool can work just now \(OCR: cota models pull ocr\).*tool_choice 'none'/,
    );
    expect(names({}, { tools: [tools[3]], withheld: new Map() }), 'none is offered').toEqual([]);
  });
});

describe('a model that sees little of a request', () => {
  const small = (more: object) => ({ model: 'small', input: 'Q', ...more });

  test('is not asked what it would see only the beginning of', () => {
    expect(read(small({ input: `${' '.repeat(500)}${'x'.repeat(320)}` })).config.question).toContain('xxx');
    expectRefusal([
      'a long question',
      small({ input: 'It was sunny. '.repeat(25) }),
      'string_above_max_length',
      'input',
      /'small' takes questions of at most 320 characters, got 349/,
    ]);
    expect(read({ model: 'big', input: 'It was sunny. '.repeat(25) }).config.model).toBe('big');
  });

  test('has no instructions, and says so', () => {
    const { config } = read(
      small({ instructions: 'Be brief.', input: [{ role: 'system', content: 'Be kind.' }, user(text('Q'))] }),
    );
    expect(config).not.toHaveProperty('instructions');
  });

  test('has one form of its prompt', () => {
    expectRefusal([
      'its form',
      small({ cota: { prompt: 'long' } }),
      'unsupported_parameter',
      'cota.prompt',
      /one form/,
    ]);
  });
});

describe('the table of fields', () => {
  test('has a row for every field of the official client', () => {
    type Official = keyof Responses.ResponseCreateParamsNonStreaming;
    expectTypeOf<Exclude<Official, RequestField>>().toBeNever();
    // Ours are in the API reference though not in the client's types, or under `cota`.
    expectTypeOf<Exclude<RequestField, Official>>().toEqualTypeOf<'max_tool_calls' | 'cota'>();
  });

  test('is the one in docs/api.md', () => {
    const fields = Object.entries(requestFields).map(([name, { does, says }]) => `| \`${name}\` | ${does} | ${says} |`);
    const vendor = Object.entries(vendorFields).map(([name, says]) => `| \`cota.${name}\` | ${says} |`);
    // The formatter pads tables.
    const docs = readFileSync(new URL('../docs/api.md', import.meta.url), 'utf8')
      .replace(/ +/g, ' ')
      .replace(/-{3,}/g, '---');
    expect(docs).toContain(['| field | | |', '| --- | --- | --- |', ...fields].join('\n'));
    expect(docs).toContain(['| option | |', '| --- | --- |', ...vendor].join('\n'));
  });
});
