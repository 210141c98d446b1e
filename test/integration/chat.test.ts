/** Chat completions, as the official client asks for them. */
import OpenAI from 'openai';
import type {
  ChatCompletion,
  ChatCompletionChunk,
  ChatCompletionMessageParam,
} from 'openai/resources/chat/completions';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chatChunk, chatCompletion } from '../../shared/chat/completion-schema.ts';
import { API_KEY, type ApiHarness, dataUrl, PNG, startApiHarness } from '../api-harness.ts';

let harness: ApiHarness;
let client: OpenAI;
beforeAll(async () => {
  harness = await startApiHarness({ COTA_CHAT_WAIT_MS: '1500' });
  client = harness.client;
});
afterAll(() => harness?.stop());

const model = 'scripted';
const user = (content: string): ChatCompletionMessageParam => ({ role: 'user', content });
const ask = (text: string) => ({ model, messages: [user(text)] });
const withImage: ChatCompletionMessageParam = {
  role: 'user',
  content: [
    { type: 'image_url', image_url: { url: dataUrl(PNG), detail: 'low' } },
    { type: 'text', text: 'crop' },
  ],
};
const responseIdOf = (completion: { id: string }): string => completion.id.replace('chatcmpl-', 'resp_');
const reasoningOf = (message: object | undefined): unknown =>
  (message as { reasoning_content?: unknown }).reasoning_content;

async function newestRun(before: ReadonlySet<string>): Promise<string> {
  const { redis } = harness.cluster.shared;
  const key = await harness.cluster.until('its run is there', async () => {
    return (await redis.keys('cota:*:run:*')).find((name) => !before.has(name));
  });
  return key.split(':').at(-1) ?? '';
}
const runs = async (): Promise<Set<string>> => new Set(await harness.cluster.shared.redis.keys('cota:*:run:*'));

async function ended(id: string): Promise<string | undefined> {
  return harness.cluster.until(`${id} ended`, async () => {
    const { status } = await client.responses.retrieve(id);
    return status !== 'queued' && status !== 'in_progress' ? status : undefined;
  });
}

describe('whole', () => {
  test('the answer is the content, the thoughts stand beside it, and nothing is to be called', async () => {
    const completion = await client.chat.completions.create({ model, messages: [withImage] });
    const { _request_id: _, ...document } = completion;
    expect(chatCompletion.parse(document)).toEqual(document);
    const message = completion.choices[0]?.message;
    expect([message?.content, message?.tool_calls]).toEqual(['answer to crop', undefined]);
    expect(reasoningOf(message)).toBe('I look closer.\n\nI know.');
    expect(completion.choices[0]?.finish_reason).toBe('stop');
    expect(completion.usage).toMatchObject({ prompt_tokens: 200, completion_tokens: 40, total_tokens: 240 });
  });

  test('its run is a response too, and has a trace', async () => {
    const completion = await client.chat.completions.create({ ...ask('answer'), user: 'ada' });
    const response = await client.responses.retrieve(responseIdOf(completion));
    expect([response.output_text, response.user]).toEqual(['answer to answer', 'ada']);
    const trace = await harness.fetch(`/v1/runs/${completion.id}/trace`);
    expect(((await trace.json()) as { answer: string }).answer).toBe('answer to answer');
  });

  test('a conversation goes on with the messages that came back', async () => {
    const messages: ChatCompletionMessageParam[] = [user('One?')];
    const first = await client.chat.completions.create({ model, messages });
    const said = first.choices[0]?.message;
    if (said) messages.push(said);
    messages.push(user('Two?'));
    const second = await client.chat.completions.create({ model, messages });
    expect(second.choices[0]?.message.content).toBe(
      'answer to This is what was said so far:\n\nUser: One?\n\nAssistant: answer to One?\n\nNow answer this:\n\nTwo?',
    );
  });

  test('a run that fails is an error of the client, which is not tried again', async () => {
    let requests = 0;
    const counting: typeof fetch = (...args) => {
      requests += 1;
      return fetch(...args);
    };
    const patient = new OpenAI({ baseURL: `${harness.api.url}/v1`, apiKey: API_KEY, maxRetries: 2, fetch: counting });
    const failed = patient.chat.completions.create(ask('fail'));
    await expect(failed).rejects.toBeInstanceOf(OpenAI.BadRequestError);
    await expect(failed).rejects.toMatchObject({ code: 'invalid_image', message: /image-0 is broken/ });
    expect(requests).toBe(1);
  });

  test('a run that takes too long: an error with its id, and it goes on', async () => {
    const failed = await client.chat.completions.create(ask('hold')).catch((error: unknown) => error);
    if (!(failed instanceof OpenAI.APIError)) throw new Error('it did not fail');
    expect([failed.status, failed.code]).toEqual([504, 'wait_exceeded']);
    expect(failed.headers?.get('x-should-retry')).toBe('false');
    const id = /resp_\w+/.exec(failed.message)?.[0] ?? '';
    expect((await client.responses.retrieve(id)).status).toBe('in_progress');
    await client.responses.cancel(id);
  });

  test('a run that somebody cancels is an error', async () => {
    const before = await runs();
    const waiting = client.chat.completions.create(ask('hold')).catch((error: unknown) => error);
    await client.responses.cancel(await newestRun(before));
    expect(await waiting).toMatchObject({ status: 409, code: 'run_cancelled' });
  });

  test('what is wrong is told in the words of the chat', async () => {
    const failed = client.chat.completions.create({ model: 'gpt-9', messages: [user('Q')] });
    await expect(failed).rejects.toMatchObject({ status: 404, code: 'model_not_found', param: 'model' });
    const image: ChatCompletionMessageParam = {
      role: 'user',
      content: [
        { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
        { type: 'text', text: 'Q' },
      ],
    };
    const broken = client.chat.completions.create({ model, messages: [image] });
    await expect(broken).rejects.toMatchObject({ status: 400, param: 'messages[0].content[0].image_url.url' });
  });
});

async function chunksOf(stream: AsyncIterable<ChatCompletionChunk>): Promise<ChatCompletionChunk[]> {
  const chunks: ChatCompletionChunk[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

describe('streamed', () => {
  test('thoughts, the answer, the reason, and the tokens where asked for', async () => {
    const stream = await client.chat.completions.create({
      model,
      messages: [withImage],
      stream: true,
      stream_options: { include_usage: true },
    });
    const chunks = await chunksOf(stream);
    for (const chunk of chunks) chatChunk.parse(chunk);
    expect(chunks.map((chunk) => [chunk.choices[0]?.delta, chunk.choices[0]?.finish_reason])).toEqual([
      [{ role: 'assistant', content: '' }, null],
      [{ reasoning_content: 'I look closer.' }, null],
      [{ reasoning_content: '\n\nI know.' }, null],
      [{ content: 'answer to crop' }, null],
      [{}, 'stop'],
      [undefined, undefined],
    ]);
    expect(chunks.map((chunk) => chunk.usage?.total_tokens)).toEqual([...Array(5).fill(undefined), 240]);
  });

  test('the stream helper puts the completion together', async () => {
    const stream = client.chat.completions.stream(ask('slow'));
    const contents: string[] = [];
    stream.on('content', (delta) => contents.push(delta));
    const completion: ChatCompletion = await stream.finalChatCompletion();
    expect([completion.choices[0]?.message.content, contents]).toEqual(['answer to slow', ['answer to slow']]);
  });

  test('raw: data alone, with [DONE] at the end', async () => {
    const text = await (await harness.post('/v1/chat/completions', { ...ask('answer'), stream: true })).text();
    expect(text).toMatch(/^data: \{.*\n\ndata: \[DONE\]\n\n$/s);
    expect(text).not.toContain('event:');
  });

  test('a run that fails is an error in the stream, behind what was said', async () => {
    const stream = await client.chat.completions.create({ ...ask('fail'), stream: true });
    await expect(chunksOf(stream)).rejects.toMatchObject({ code: 'invalid_image' });
  });

  test('longer than a whole one would wait', async () => {
    const before = await runs();
    const chunks = chunksOf(await client.chat.completions.create({ ...ask('hold'), stream: true }));
    const failed = expect(chunks).rejects.toMatchObject({ code: 'run_cancelled' });
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    await client.responses.cancel(await newestRun(before));
    await failed;
  });
});

describe('a client that goes away', () => {
  test.each([false, true])('cancels its run (stream: %s)', async (stream) => {
    const before = await runs();
    const hangUp = new AbortController();
    const asked = client.chat.completions
      .create({ ...ask('hold'), stream }, { signal: hangUp.signal })
      .catch((error: unknown) => error);
    const id = await newestRun(before);
    if (stream) await asked;
    hangUp.abort();
    expect(await ended(id)).toBe('cancelled');
    await asked;
  });

  test.each([false, true])(
    'but not with an Idempotency-Key: it comes back for the answer (stream: %s)',
    async (stream) => {
      const headers = { 'Idempotency-Key': `chat-${stream}` };
      const before = await runs();
      const hangUp = new AbortController();
      const asked = client.chat.completions
        .create({ ...ask('slow'), stream }, { signal: hangUp.signal, headers })
        .catch((error: unknown) => error);
      const id = await newestRun(before);
      if (stream) await asked;
      hangUp.abort();
      expect(await ended(id)).toBe('completed');
      const { size } = await runs();
      const again = await client.chat.completions.create({ ...ask('slow'), stream }, { headers });
      const chunks = 'choices' in again ? [again] : await chunksOf(again);
      expect(chunks[0]?.id).toBe(id.replace('run_', 'chatcmpl-'));
      expect((await runs()).size, 'no second run').toBe(size);
    },
  );
});

test('an API that stops says so, and ends the run that nobody will come for', async () => {
  const own = await startApiHarness();
  try {
    const [plain, streamed] = [false, true].map((stream) =>
      own.post('/v1/chat/completions', { ...ask('hold'), stream }),
    );
    await own.cluster.until('the runs are there', async () => {
      return (await own.cluster.shared.redis.keys('cota:*:run:*')).length === 2;
    });
    await new Promise((resolve) => setTimeout(resolve, 200));
    await own.api.parts.lifecycle.stop('test');
    expect((await plain)?.status).toBe(503);
    expect(await (await streamed)?.text()).toMatch(/"code":"overloaded".*\n\ndata: \[DONE\]\n\n$/s);
    for (const key of await own.cluster.shared.redis.keys('cota:*:run:*')) {
      const run = await own.cluster.closed(key.split(':').at(-1) ?? '');
      expect(run.outcome?.status).toBe('cancelled');
    }
  } finally {
    await own.stop();
  }
});
