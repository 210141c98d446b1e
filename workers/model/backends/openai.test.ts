import { afterEach, describe, expect, it } from 'vitest';
import {
  caught,
  delta,
  type Exchange,
  type FakeServer,
  fail,
  openEngines,
  sampleRequest as request,
  speak,
  usage,
} from '../../../test/fake-openai-server.ts';
import { sampleImage } from '../../../test/sample-run.ts';
import { BackendAway } from './backend.ts';
import type { OpenAiOptions } from './openai-request.ts';

const opened = openEngines();
afterEach(opened.close);
const { open } = opened;

const sentBody = (server: FakeServer, index = 0) => JSON.parse(server.exchanges[index]?.body ?? '{}');

describe('a request', () => {
  it('holds the conversation, the limits, the session and the key', async () => {
    const { server, backend } = await open(speak, {
      apiKey: 'secret',
      extraBody: { top_k: 1, temperature: null, nested: { a: null } },
    });
    await backend.generate(request({ topP: 0.9, seed: 7 }));
    expect(sentBody(server)).toEqual({
      model: 'm',
      messages: [
        { role: 'system', content: 'Be good.' },
        { role: 'user', content: 'Hi?' },
      ],
      stream: true,
      stream_options: { include_usage: true },
      max_tokens: 50,
      top_p: 0.9,
      seed: 7,
      top_k: 1,
      nested: { a: null },
    });
    const { url, headers } = server.exchanges[0]?.request ?? {};
    expect(url).toBe('/v1/chat/completions');
    expect(headers).toMatchObject({ authorization: 'Bearer secret', 'x-session-id': 'run-1' });
  });

  it('gives images as data URLs in user messages, each fetched once', async () => {
    const { server, backend } = await open(speak);
    const fetched: string[] = [];
    const image = { type: 'image', image: sampleImage(0) } as const;
    await backend.generate(
      request({
        messages: [
          { role: 'user', content: [{ type: 'text', text: 'image-0: ' }, image, { type: 'text', text: '\nQ' }] },
          { role: 'assistant', content: [{ type: 'text', text: '' }] },
          { role: 'user', content: [{ type: 'text', text: 'Again: ' }, image] },
        ],
        image: async ({ name }) => {
          fetched.push(name);
          return { bytes: Buffer.from('png'), contentType: 'image/png' };
        },
      }),
    );
    const picture = { type: 'image_url', image_url: { url: 'data:image/png;base64,cG5n' } };
    expect(sentBody(server).messages).toEqual([
      { role: 'user', content: [{ type: 'text', text: 'image-0: ' }, picture, { type: 'text', text: '\nQ' }] },
      { role: 'assistant', content: '' },
      { role: 'user', content: [{ type: 'text', text: 'Again: ' }, picture] },
    ]);
    expect(fetched).toEqual(['image-0']);
  });

  it('fails with the very error of the image store when an image cannot be had', async () => {
    const { server, backend } = await open(speak);
    const lost = new Error('the store is away');
    const messages = [{ role: 'user', content: [{ type: 'image', image: sampleImage(0) }] }] as const;
    expect(await caught(backend.generate(request({ messages, image: () => Promise.reject(lost) })))).toBe(lost);
    expect(server.exchanges).toHaveLength(0);
  });

  it('keeps its connection for the next one', async () => {
    const { server, backend } = await open(speak);
    for (let turn = 0; turn < 6; turn++) await backend.generate(request({ turn }));
    expect(server.exchanges).toHaveLength(6);
    // A second one may open when a request starts before the stream of the last has been put away.
    expect(server.connections()).toBeLessThanOrEqual(2);
  });

  it('leaves stream_options out once a server refuses them, for all that are under way, and remembers', async () => {
    const { server, backend } = await open((exchange) => {
      if ('stream_options' in JSON.parse(exchange.body)) {
        fail(422, { detail: [{ loc: ['body', 'stream_options'], msg: 'Extra inputs are not permitted' }] })(exchange);
      } else speak(exchange);
    });
    const replies = await Promise.all([0, 1, 2].map((turn) => backend.generate(request({ turn }))));
    expect(replies.map(({ text }) => text)).toEqual(['Hello', 'Hello', 'Hello']);
    const before = server.exchanges.length;
    await backend.generate(request());
    expect(server.exchanges.length - before).toBe(1);
  });

  it('writes max_completion_tokens once a server asks for it, or from the start where so configured', async () => {
    const message = "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.";
    const { server, backend } = await open((exchange) => {
      if ('max_tokens' in JSON.parse(exchange.body)) fail(400, { error: { message } })(exchange);
      else speak(exchange);
    });
    expect((await backend.generate(request())).text).toBe('Hello');
    expect(sentBody(server, 1)).toMatchObject({ max_completion_tokens: 50 });
    const configured = await open(speak, { maxTokensField: 'max_completion_tokens' });
    await configured.backend.generate(request());
    expect(sentBody(configured.server)).toMatchObject({ max_completion_tokens: 50 });
  });
});

describe('a reply', () => {
  it('comes in pieces, with its end and its cost', async () => {
    const { backend } = await open(speak);
    const pieces: string[] = [];
    const reply = await backend.generate(request({ onText: (text) => pieces.push(text) }));
    expect(pieces).toEqual(['Hel', 'lo']);
    expect(reply).toEqual({
      text: 'Hello',
      finishReason: 'stop',
      usage: { inputTokens: 11, outputTokens: 3, cachedTokens: 8 },
    });
  });

  it.each<[string, (string | object)[], object]>([
    ['that reached its limit', [delta('Hel'), delta('', 'length')], { text: 'Hel', finishReason: 'length' }],
    [
      'without usage counts its pieces',
      [delta('a'), delta('b'), delta('', 'stop')],
      { usage: { inputTokens: 0, outputTokens: 2, cachedTokens: 0 } },
    ],
    ['without [DONE]', [delta('a', 'stop')], { text: 'a' }],
    ['without a finish_reason', [delta('a'), '[DONE]'], { text: 'a', finishReason: 'stop' }],
    [
      'with content in parts',
      [{ choices: [{ delta: { content: [{ type: 'text', text: 'a' }] }, finish_reason: 'stop' }] }],
      { text: 'a' },
    ],
    [
      'with its reasoning apart gives the content alone',
      [
        { choices: [{ delta: { reasoning_content: 'Hm.' } }] },
        { choices: [{ delta: { reasoning: 'Hm.' } }] },
        delta('a', 'stop'),
      ],
      { text: 'a', usage: { inputTokens: 0, outputTokens: 3, cachedTokens: 0 } },
    ],
    ['that is empty', [delta('', 'stop')], { text: '', finishReason: 'stop' }],
  ])('%s', async (_, events, expected) => {
    const { backend } = await open(({ send, response }) => {
      for (const event of events) send(event);
      response.end();
    });
    expect(await backend.generate(request())).toMatchObject(expected);
  });

  it('may come whole from a server that does not stream', async () => {
    const { backend } = await open(({ response }) => {
      response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' });
      response.end(
        JSON.stringify({ choices: [{ message: { content: 'Hello' }, finish_reason: 'stop' }], usage: usage.usage }),
      );
    });
    expect(await backend.generate(request())).toMatchObject({ text: 'Hello', usage: { inputTokens: 11 } });
  });
});

describe('time', () => {
  it.each<[string, (exchange: Exchange) => void, Partial<OpenAiOptions>, RegExp]>([
    ['runs out before the first token', () => {}, { firstTokenTimeoutMs: 60 }, /gave no first token within 0\.06 s/],
    [
      'runs out although the server sends signs of life',
      ({ send }) => send({ choices: [{ delta: { role: 'assistant' } }] }),
      { firstTokenTimeoutMs: 60 },
      /first token/,
    ],
    ['runs out between tokens', ({ send }) => send(delta('a')), { tokenTimeoutMs: 60 }, /fell silent/],
    [
      'runs out in all',
      ({ send, response }) => {
        const timer = setInterval(() => send(delta('a')), 10);
        response.on('close', () => clearInterval(timer));
      },
      { totalTimeoutMs: 100 },
      /did not end its reply within 0\.1 s/,
    ],
  ])('%s', async (_, answer, options, words) => {
    const { server, backend } = await open(answer, options);
    const error = await caught(backend.generate(request()));
    expect(error).toBeInstanceOf(BackendAway);
    expect(error.message).toMatch(words);
    await server.closed(0);
  });

  it('counts reasoning as a sign of life', async () => {
    const { backend } = await open(
      ({ send, response }) => {
        const events = [...Array(8).fill({ choices: [{ delta: { reasoning_content: 'hm' } }] }), delta('a', 'stop')];
        const timer = setInterval(() => {
          const event = events.shift();
          if (event !== undefined) return send(event);
          clearInterval(timer);
          response.end();
        }, 40);
      },
      { firstTokenTimeoutMs: 200, tokenTimeoutMs: 200 },
    );
    expect((await backend.generate(request())).text).toBe('a');
  });
});

const reason = new Error('cancelled');

describe('cancel', () => {
  it.each<[string, (exchange: Exchange) => void]>([
    ['while the server thinks', () => {}],
    ['between two tokens', ({ send }) => send(delta('a'))],
  ])('%s ends the request at the server', async (_, answer) => {
    const controller = new AbortController();
    const { server, backend } = await open((exchange) => {
      answer(exchange);
      setTimeout(() => controller.abort(reason), 30);
    });
    const error = await caught(backend.generate(request({ signal: controller.signal })));
    expect(error).toBe(reason);
    await server.closed(0);
  });

  it('before the request asks the server nothing', async () => {
    const { server, backend } = await open(speak);
    expect(await caught(backend.generate(request({ signal: AbortSignal.abort(reason) })))).toBe(reason);
    expect(server.exchanges).toHaveLength(0);
  });
});

describe('check', () => {
  it('resolves when the server lists its models', async () => {
    const { server, backend } = await open(fail(200, { data: [] }), { apiKey: 'secret' });
    await backend.check(new AbortController().signal);
    expect(server.exchanges[0]?.request.url).toBe('/v1/models');
    expect(server.exchanges[0]?.request.headers.authorization).toBe('Bearer secret');
  });

  it('tries a completion of one token where a server cannot list its models', async () => {
    for (const status of [404, 405, 500]) {
      const { server, backend } = await open((exchange) => {
        if (exchange.request.url === '/v1/models') fail(status, 'Internal Server Error')(exchange);
        else speak(exchange);
      });
      await backend.check(new AbortController().signal);
      expect(sentBody(server, 1)).toMatchObject({ model: 'm', max_tokens: 1 });
    }
  });

  it.each<[string, (exchange: Exchange) => void, RegExp]>([
    ['a wrong key', fail(401, { error: { message: 'bad key' } }), /api_key_env/],
    ['a wrong address', fail(404, 'nothing here'), /base_url/],
    ['an overloaded server', fail(503, 'busy', { 'retry-after': '2' }), /busy/],
    ['a request it does not like', fail(400, { error: { message: 'what?' } }), /what\?/],
  ])('rejects as away for %s', async (_, answer, words) => {
    const { backend } = await open(answer);
    const error = await caught(backend.check(new AbortController().signal));
    expect(error).toBeInstanceOf(BackendAway);
    expect(error.message).toMatch(words);
  });

  it('is away when its time is over, also where it has to try a completion', async () => {
    const silent = await open(() => {});
    const listless = await open((exchange) => {
      if (exchange.request.url === '/v1/models') fail(404, 'Not Found')(exchange);
    });
    for (const { backend } of [silent, listless]) {
      const error = await caught(backend.check(AbortSignal.timeout(60)));
      expect(error).toBeInstanceOf(BackendAway);
      expect(error.message).toMatch(/did not answer in time/);
    }
  });

  it('ends with its reason when it is aborted', async () => {
    const { backend } = await open(() => {});
    const controller = new AbortController();
    setTimeout(() => controller.abort(reason), 20);
    expect(await caught(backend.check(controller.signal))).toBe(reason);
  });
});
