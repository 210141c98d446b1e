/**
 * A loopback server that answers chat completions as a test tells it to. It is a fake, for what no real engine can be
 * made to do on demand: rate limits, stalls, broken streams, odd error bodies. What a real server does with the same
 * backend is seen with test/integration/transformers-serve.sh.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Backend, GenerateRequest } from '../workers/model/backends/backend.ts';
import { openaiBackend } from '../workers/model/backends/openai.ts';
import type { OpenAiOptions } from '../workers/model/backends/openai-request.ts';

export interface Exchange {
  readonly request: IncomingMessage;
  readonly body: string;
  readonly response: ServerResponse;
  /** Sends one server-sent event. */
  send(data: object | string): void;
}

export interface FakeServer {
  readonly baseUrl: string;
  /** What has been asked so far, oldest first. */
  readonly exchanges: readonly Exchange[];
  /** Connections that have been opened. */
  readonly connections: () => number;
  /** Resolves when the client has closed its connection of the exchange with this index. */
  closed(index: number): Promise<void>;
  stop(): Promise<void>;
}

/** @param port of a server that was stopped, to start it again */
export async function startFakeServer(answer: (exchange: Exchange) => void, port = 0): Promise<FakeServer> {
  const exchanges: Exchange[] = [];
  let connections = 0;
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const exchange: Exchange = {
        request,
        body: Buffer.concat(pieces).toString('utf8'),
        response,
        send(data) {
          if (!response.headersSent) response.writeHead(200, { 'content-type': 'text/event-stream' });
          response.write(`data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`);
        },
      };
      exchanges.push(exchange);
      answer(exchange);
    });
  });
  server.on('connection', () => connections++);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    exchanges,
    connections: () => connections,
    closed: (index) =>
      new Promise((resolve) => {
        const { response } = exchanges[index] ?? {};
        if (response === undefined || response.destroyed) resolve();
        else response.on('close', resolve);
      }),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Opens fake servers with a backend each, and closes all of them. */
export function openEngines() {
  const cleanups: (() => Promise<void>)[] = [];
  return {
    async open(
      answer: (exchange: Exchange) => void,
      options: Partial<OpenAiOptions> = {},
    ): Promise<{ server: FakeServer; backend: Backend }> {
      const server = await startFakeServer(answer);
      const backend = openaiBackend({ baseUrl: server.baseUrl, model: 'm', ...options });
      cleanups.push(server.stop, backend.close);
      return { server, backend };
    },
    onClose: (cleanup: () => Promise<void>): void => void cleanups.push(cleanup),
    close: async (): Promise<void> => {
      for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
    },
  };
}

export const sampleRequest = (change: Partial<GenerateRequest> = {}): GenerateRequest => ({
  messages: [
    { role: 'system', content: [{ type: 'text', text: 'Be good.' }] },
    { role: 'user', content: [{ type: 'text', text: 'Hi?' }] },
  ],
  maxTokens: 50,
  temperature: 0,
  session: 'run-1',
  turn: 0,
  signal: new AbortController().signal,
  question: 'Hi?',
  image: async ({ name }) => ({ bytes: Buffer.from(name), contentType: 'image/png' }),
  ...change,
});

export const delta = (content: string, finish: string | null = null) => ({
  choices: [{ delta: { content }, finish_reason: finish }],
});
export const usage = {
  choices: [],
  usage: { prompt_tokens: 11, completion_tokens: 3, prompt_tokens_details: { cached_tokens: 8 } },
};
/** A good reply in three events. */
export const speak = ({ send, response }: Exchange) => {
  send(delta('Hel'));
  send(delta('lo', 'stop'));
  send(usage);
  send('[DONE]');
  response.end();
};
export const fail =
  (status: number, body: object | string, headers: Record<string, string> = {}) =>
  ({ response }: Exchange) => {
    response.writeHead(status, headers);
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
export const caught = (promise: Promise<unknown>): Promise<Error> =>
  promise.then(
    () => new Error('it resolved'),
    (error) => error,
  );
