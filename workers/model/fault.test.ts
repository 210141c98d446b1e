import { afterEach, describe, expect, it } from 'vitest';
import { CotaError } from '../../shared/errors.ts';
import {
  caught,
  delta,
  type Exchange,
  fail,
  openEngines,
  sampleRequest as request,
  speak,
} from '../../test/fake-openai-server.ts';
import { BackendAway } from './backends/backend.ts';
import { faultOf } from './fault.ts';

const opened = openEngines();
afterEach(opened.close);

const { signal } = new AbortController();
const isProbe = ({ body }: Exchange): boolean => body.includes('"max_tokens":1,') || body.includes('"max_tokens":1}');

/** How a step ends whose request is answered by `answer`, while the engine answers its probe by `others`. */
async function ending(answer: (exchange: Exchange) => void, others: (exchange: Exchange) => void): Promise<Error> {
  const { backend, server } = await opened.open(
    (exchange) => {
      if (exchange.request.url === '/v1/models') fail(200, { data: [] })(exchange);
      else if (isProbe(exchange)) others(exchange);
      else answer(exchange);
    },
    { firstTokenTimeoutMs: 300, tokenTimeoutMs: 300 },
  );
  const error = await caught(backend.generate(request()));
  expect(error, 'what the backend alone can tell').toBeInstanceOf(BackendAway);
  const asked = server.exchanges.length;
  const ended = (await faultOf(error, backend, signal)) as Error;
  expect(server.exchanges.length - asked).toBe((error as BackendAway).hadRequest ? 1 : 0);
  return ended;
}

const breaksOff = ({ send, response }: Exchange): void => {
  send(delta('a'));
  setTimeout(() => response.destroy(), 20);
};

describe('a request that an engine fails at while it completes another one spends an attempt', () => {
  it.each<[string, (exchange: Exchange) => void, RegExp]>([
    ['the stream breaks', breaksOff, /cannot reach/],
    [
      'the stream ends too soon',
      ({ send, response }) => {
        send(delta('a'));
        response.end();
      },
      /broke off/,
    ],
    ['the connection ends without an answer', ({ response }) => void response.destroy(), /cannot reach/],
    ['no first token', () => undefined, /no first token/],
    ['silence after the first token', ({ send }) => send(delta('a')), /fell silent/],
    ['no chat completion', ({ send }) => send('<html>'), /no chat completion/],
    [
      'an aborted reply',
      ({ send, response }) => {
        send(delta('a', 'abort'));
        response.end();
      },
      /gave the reply up/,
    ],
    ['504 from a proxy', fail(504, '<h1>Gateway Time-out</h1>'), /504/],
    ['502 from a proxy', fail(502, 'Bad Gateway'), /502/],
    [
      '503 of Envoy for a connection that was cut',
      fail(503, 'upstream connect error or disconnect/reset before headers. reset reason: connection termination'),
      /503/,
    ],
  ])('%s', async (_, answer, words) => {
    const error = await ending(answer, speak);
    expect(error).toBeInstanceOf(CotaError);
    expect(error).toMatchObject({ code: 'server_error' });
    expect(error.message).toMatch(words);
    expect(error.message).toMatch(/answers other requests/);
  });

  it('also where the server refuses so small a request', async () => {
    const refuses = fail(400, { error: { message: 'an image is needed' } });
    expect(await ending(breaksOff, refuses)).toMatchObject({ code: 'server_error' });
  });
});

describe('the engine is away, which spends none', () => {
  it.each<[string, (exchange: Exchange) => void]>([
    ['it hangs, although it lists its models', () => undefined],
    ['it is overloaded', fail(503, { error: { message: 'overloaded' } })],
    ['it breaks on everything', fail(500, 'CUDA error')],
    ['it breaks off everything', breaksOff],
  ])('%s', async (_, others) => {
    expect(await ending(breaksOff, others)).toBeInstanceOf(BackendAway);
  });

  it.each<[string, (exchange: Exchange) => void]>([
    ['503', fail(503, { error: { message: 'overloaded' } })],
    ['503 of a proxy with nobody behind it', fail(503, 'no healthy upstream')],
    ['429', fail(429, { error: { message: 'slow down' } })],
    ['401', fail(401, { error: { message: 'bad key' } })],
  ])('%s speaks of all requests: no other one is tried', async (_, answer) => {
    expect(await ending(answer, speak)).toBeInstanceOf(BackendAway);
  });

  it('it is gone after it broke the stream off, as when it restarts', async () => {
    const { backend, server } = await opened.open(breaksOff);
    const error = await caught(backend.generate(request()));
    await server.stop();
    expect(await faultOf(error, backend, signal)).toBe(error);
  });

  it('it was never there', async () => {
    const { backend, server } = await opened.open(speak);
    await server.stop();
    expect(await caught(backend.generate(request()))).toMatchObject({ hadRequest: false });
  });
});

it('a cancel ends the question whose fault it is', async () => {
  const control = new AbortController();
  const { backend } = await opened.open((exchange) => {
    if (isProbe(exchange)) control.abort();
    else breaksOff(exchange);
  });
  const error = await caught(backend.generate(request()));
  expect(await faultOf(error, backend, control.signal)).toBe(error);
});
