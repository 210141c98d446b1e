import { afterEach, describe, expect, it } from 'vitest';
import { CotaError, codeOf } from '../../../shared/errors.ts';
import {
  caught,
  delta,
  type Exchange,
  fail,
  openEngines,
  sampleRequest as request,
  speak,
} from '../../../test/fake-openai-server.ts';
import { BackendAway, BackendRefused } from './backend.ts';
import { openaiBackend } from './openai.ts';

const opened = openEngines();
afterEach(opened.close);
const { open } = opened;

describe('an error', () => {
  const api = (message: string, code: string | null = null) => ({ error: { message, code } });
  it.each<[string, (exchange: Exchange) => void, string, RegExp, number?]>([
    ['429', fail(429, api('slow down'), { 'retry-after': '3' }), 'model_away', /429: slow down/, 3000],
    ['429 with milliseconds', fail(429, api('slow down'), { 'retry-after-ms': '70' }), 'model_away', /429/, 70],
    ['429 over tokens in a context', fail(429, api('context length quota')), 'model_away', /429/],
    ['502 from a proxy', fail(502, '<html><body>Bad\n gateway</body></html>'), 'model_away', /502: Bad gateway$/],
    ['503', fail(503, { detail: 'loading' }, { 'retry-after': '1' }), 'model_away', /loading/, 1000],
    ['529', fail(529, ''), 'model_away', /nothing more/],
    ['408', fail(408, api('timeout')), 'model_away', /408/],
    ['401', fail(401, api('Incorrect API key')), 'model_away', /api_key_env/],
    ['403', fail(403, api('no access')), 'model_away', /api_key_env/],
    ['402', fail(402, api('no funds')), 'model_away', /credit/],
    ['a path that is not there', fail(404, { detail: 'Not Found' }), 'model_away', /base_url/],
    ['a page that is not there', fail(404, '<h1>model page not found</h1>'), 'model_away', /base_url/],
    ['a method that is not there', fail(405, { detail: 'Method Not Allowed' }), 'model_away', /base_url/],
    ['a redirect', fail(307, '', { location: 'http://127.0.0.1:1/' }), 'model_away', /redirects/],
    ['an unknown model', fail(404, api('The model `m` does not exist.')), 'model_not_found', /check "model"/],
    [
      'an unknown model at Ollama',
      fail(404, { error: 'model "m" not found, try pulling it first' }),
      'model_not_found',
      /pulling/,
    ],
    [
      'too long a prompt',
      fail(400, api("This model's maximum context length is 4096 tokens", 'context_length_exceeded')),
      'context_length_exceeded',
      /4096/,
    ],
    [
      'too long a prompt at llama.cpp',
      fail(400, {
        error: { code: 400, type: 'exceed_context_size_error', message: 'the request exceeds the available size' },
      }),
      'context_length_exceeded',
      /exceeds/,
    ],
    ['too long a prompt with 500', fail(500, api('prompt is too long')), 'context_length_exceeded', /500/],
    ['no images', fail(400, api('m is not a multimodal model')), 'model_refused', /multimodal/],
    [
      'a wrong field',
      fail(422, { detail: [{ loc: ['body', 'seed'], msg: 'not a number' }] }),
      'model_refused',
      /body\.seed: not a number/,
    ],
    ['too large a body', fail(413, 'too large'), 'model_refused', /max_pixels/],
    ['500, which spends an attempt', fail(500, api('CUDA error')), 'server_error', /CUDA/],
    ['500 in plain words', fail(500, 'Internal Server Error'), 'server_error', /Internal Server Error/],
    [
      'an error within the stream',
      ({ send, response }) => {
        send(delta('a'));
        send({ error: { message: 'overloaded', code: 503 } });
        response.end();
      },
      'model_away',
      /overloaded/,
    ],
    [
      'an error within the stream, without a code',
      ({ send, response }) => {
        send({ error: { message: 'boom' } });
        response.end();
      },
      'server_error',
      /boom/,
    ],
    [
      'a refusal within the stream',
      ({ send, response }) => {
        send({ error: { message: 'no images here', code: 400 } });
        response.end();
      },
      'model_refused',
      /no images/,
    ],
    [
      'a filtered reply',
      ({ send, response }) => {
        send(delta('a', 'content_filter'));
        response.end();
      },
      'model_refused',
      /content_filter/,
    ],
    [
      'an aborted reply',
      ({ send, response }) => {
        send(delta('a', 'abort'));
        response.end();
      },
      'model_away',
      /gave the reply up/,
    ],
    [
      'a stream that ends too soon',
      ({ send, response }) => {
        send(delta('a'));
        response.end();
      },
      'model_away',
      /broke off/,
    ],
    [
      'a connection that breaks',
      ({ send, response }) => {
        send(delta('a'));
        setTimeout(() => response.destroy(), 20);
      },
      'model_away',
      /cannot reach .*UND_ERR_SOCKET|ECONNRESET/,
    ],
    [
      'no chat completion',
      ({ send, response }) => {
        send('<html>');
        response.end();
      },
      'model_away',
      /no chat completion: <html>/,
    ],
    [
      'another kind of JSON',
      ({ send, response }) => {
        send({ choices: 'none' });
        response.end();
      },
      'model_away',
      /no chat completion/,
    ],
  ])('%s', async (_, answer, code, words, retryAfter) => {
    const { backend } = await open(answer);
    const error = await caught(backend.generate(request()));
    expect(error).toBeInstanceOf(
      code === 'model_away' ? BackendAway : code === 'server_error' ? CotaError : BackendRefused,
    );
    expect(codeOf(error)).toBe(code);
    expect(error.message).toMatch(words);
    expect(error.message.length).toBeLessThan(600);
    expect((error as BackendAway).retryAfterMs).toBe(retryAfter);
  });

  it('is a server that nobody started', async () => {
    const { server, backend } = await open(speak, { apiKey: 'secret' });
    await server.stop();
    const error = await caught(backend.generate(request()));
    expect(error).toBeInstanceOf(BackendAway);
    expect(error.message).toMatch(/^cannot reach 127\.0\.0\.1:\d+\/v1 \(ECONNREFUSED\): is it running/);
    expect(error.message).not.toContain('secret');
    expect(await caught(backend.check(new AbortController().signal))).toBeInstanceOf(BackendAway);
  });

  it('is a port that fetch refuses', async () => {
    const backend = openaiBackend({ baseUrl: 'http://127.0.0.1:6000/v1', model: 'm' });
    opened.onClose(backend.close);
    const error = await caught(backend.generate(request()));
    expect(error).toBeInstanceOf(BackendAway);
    expect(error.message).toContain('(bad port)');
  });

  it('in what listens to the text is thrown as it is', async () => {
    const { backend } = await open(speak);
    const ours = new Error('ours');
    const onText = () => {
      throw ours;
    };
    expect(await caught(backend.generate(request({ onText })))).toBe(ours);
  });

  it('names the host, and no credentials that base_url may hold', async () => {
    const { server } = await open(fail(503, 'no'));
    const backend = openaiBackend({ baseUrl: server.baseUrl.replace('//', '//user:pass@'), model: 'm' });
    opened.onClose(backend.close);
    expect((await caught(backend.generate(request()))).message).toMatch(/^127\.0\.0\.1:\d+\/v1 answered 503: no$/);
    expect(server.exchanges[0]?.request.headers.authorization).toBe(`Basic ${btoa('user:pass')}`);
  });
});
