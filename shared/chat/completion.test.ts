import fc from 'fast-check';
import type { ChatCompletionChunk, ChatCompletion as Official } from 'openai/resources/chat/completions';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { lives, RUN_ID } from '../../test/run-lives.ts';
import { sampleModelStep, sampleRun } from '../../test/sample-run.ts';
import type { Outcome, Run } from '../contract.ts';
import { CotaError } from '../errors.ts';
import { chatChunksOf, chatCompletionOf, chatErrorOf } from './completion.ts';
import { type ChatChunk, type ChatCompletion, chatChunk, chatCompletion } from './completion-schema.ts';

function run(outcome: Outcome | undefined, chat: Run['config']['echo'] = {}, status: Run['status'] = 'closed'): Run {
  const steps = [sampleModelStep('', { thought: 'First.' }), sampleModelStep('', { thought: 'Then.' })];
  const sample = { ...sampleRun({ steps, config: { echo: { chat } } }), id: RUN_ID };
  const usage = { ...sample.usage, inputTokens: 300, outputTokens: 60, cachedTokens: 200 };
  return { ...sample, usage, ...(outcome ? { status, outcome, endedAt: 5_000 } : {}) };
}
const answered: Outcome = { status: 'completed', stopReason: 'terminate', answer: 'The sum is 42. Done.' };

const wants = { include_usage: true, stop: ['. '] };
test.each([{}, { chat: wants }])('chunks at any time are the first ones of the chunks later: %j', (echo) => {
  fc.assert(
    fc.property(lives(echo), (life) => {
      let before: ChatChunk[] = [];
      for (const view of life) {
        const chunks = chatChunksOf(view);
        expect(chunks.slice(0, before.length)).toEqual(before);
        before = chunks;
      }
      for (const chunk of before) chatChunk.parse(chunk);
      const view = life.at(-1);
      if (!view || chatErrorOf(view)) return;
      const whole = chatCompletion.parse(chatCompletionOf(view));
      const said = (of: 'content' | 'reasoning_content') =>
        before.flatMap((chunk) => chunk.choices.map((choice) => choice.delta[of] ?? '')).join('');
      expect(said('content')).toBe(whole.choices[0]?.message.content);
      expect(said('reasoning_content')).toBe(whole.choices[0]?.message.reasoning_content ?? '');
      expect(before.flatMap((chunk) => chunk.usage ?? [])).toEqual('chat' in echo ? [whole.usage] : []);
    }),
    { numRuns: 200 },
  );
});

describe('a completion', () => {
  test('has the answer, the thoughts and the tokens of all turns', () => {
    expect(chatCompletionOf(run(answered))).toMatchObject({
      id: `chatcmpl-${RUN_ID.slice(4)}`,
      object: 'chat.completion',
      choices: [
        {
          message: {
            role: 'assistant',
            content: 'The sum is 42. Done.',
            reasoning_content: 'First.\n\nThen.',
            refusal: null,
          },
          finish_reason: 'stop',
        },
      ],
      usage: {
        prompt_tokens: 300,
        completion_tokens: 60,
        total_tokens: 360,
        prompt_tokens_details: { cached_tokens: 200 },
      },
      cota: { run_id: RUN_ID, stop_reason: 'terminate' },
    });
  });

  test('is cut before the first stop text that it has', () => {
    const content = (stop: string[]) => chatCompletionOf(run(answered, { stop })).choices[0]?.message.content;
    expect(content(['Done', '. '])).toBe('The sum is 42');
    expect(content(['nowhere'])).toBe('The sum is 42. Done.');
    expect(content(['The'])).toBe('');
  });

  test('without an answer has ended by length', () => {
    const { choices } = chatCompletionOf(run({ status: 'incomplete', stopReason: 'budget_output_tokens' }));
    expect(choices[0]).toMatchObject({ finish_reason: 'length', message: { content: '' } });
  });

  test.each<[string, Run, string, RegExp]>([
    [
      'failed',
      run({ status: 'failed', stopReason: 'error', error: { code: 'invalid_image', message: 'No.' } }),
      'invalid_image',
      /No\./,
    ],
    [
      'failed by words of another version',
      run({ status: 'failed', stopReason: 'error', error: { code: 'new_one', message: 'No.' } }),
      'server_error',
      /No\./,
    ],
    [
      'cancelled',
      run({ status: 'cancelled', stopReason: 'cancelled' }, {}, 'finalizing'),
      'run_cancelled',
      /cancelled/,
    ],
    ['still at work', run(undefined), 'still_running', /not ended/],
    ['still being written', run(answered, {}, 'finalizing'), 'still_running', /not ended/],
  ])('of a run that %s is an error', (_, view, code, words) => {
    let thrown: unknown;
    try {
      chatCompletionOf(view);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(CotaError);
    expect((thrown as CotaError).code).toBe(code);
    expect((thrown as CotaError).message).toMatch(words);
  });
});

test('its types are those of the official client', () => {
  expectTypeOf<ChatCompletion>().toExtend<Official>();
  // Whole chunks cannot be compared: the client's optional fields may not be undefined, those of zod may.
  expectTypeOf<Exclude<keyof ChatChunk, keyof ChatCompletionChunk>>().toEqualTypeOf<'cota'>();
  expectTypeOf<ChatChunk['choices'][number]['finish_reason']>().toExtend<
    ChatCompletionChunk['choices'][number]['finish_reason']
  >();
});
