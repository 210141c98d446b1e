/** Any server with OpenAI's chat completions: vLLM, SGLang, llama.cpp, Ollama, transformers serve, a hosted API. */
import { Agent, fetch, type Response } from 'undici';
import { CotaError } from '../../../shared/errors.ts';
import type { OpenAiEntry } from '../../../shared/models.ts';
import {
  type Backend,
  BackendAway,
  BackendRefused,
  type GenerateRequest,
  type Generation,
  smallestRequest,
} from './backend.ts';
import { errorOf, networkError, readServerError } from './openai-errors.ts';
import {
  type ChatMessage,
  chatMessages,
  learn,
  type OpenAiOptions,
  type Quirks,
  requestBody,
} from './openai-request.ts';
import { type Completion, openCompletion } from './openai-stream.ts';
import { retryAfterMs } from './retry-after.ts';
import { readEvents } from './sse.ts';

const CHECK_TIMEOUT_MS = 10_000;
/** Answers by which a server may only mean that it lists no models; whether it completes is then found out by trying. */
const CANNOT_LIST: readonly number[] = [404, 405, 500, 501];
/** An error body longer than this is a page, and only its beginning is of use. */
const ERROR_BODY_BYTES = 16_384;

/**
 * @param id of the model, which is also its name at the server unless the entry gives another
 * @param apiKey value of the variable that `api_key_env` names
 */
export function openOpenAiBackend(id: string, entry: OpenAiEntry, apiKey: string | undefined): Backend {
  return openaiBackend({
    baseUrl: entry.base_url,
    model: entry.model ?? id,
    apiKey,
    maxTokensField: entry.max_tokens_field,
    extraBody: entry.extra_body,
    firstTokenTimeoutMs: entry.first_token_timeout_s * 1000,
    tokenTimeoutMs: entry.token_timeout_s * 1000,
  });
}

/**
 * Streams each reply, so that cancel stops the engine between two tokens. Nothing is tried again in here: the
 * cluster's breaker and limiter decide when, for all processes of a model together.
 */
export function openaiBackend(options: OpenAiOptions): Backend {
  const connectMs = options.connectTimeoutMs ?? 10_000;
  // Timeouts between tokens are watched here, with words that say which one it was; undici's own would come first.
  const agent = new Agent({ connect: { timeout: connectMs }, headersTimeout: 0, bodyTimeout: 0 });
  const { base, server, credentials } = readAddress(options.baseUrl);
  const quirks: Quirks = { streamOptions: true, maxTokensField: options.maxTokensField ?? 'max_tokens' };
  const key = options.apiKey === undefined ? credentials : `Bearer ${options.apiKey}`;
  const authorization = key === undefined ? {} : { authorization: key };

  /** A caller that gives the engine so long to answer has found it away when that time is over. */
  const late = (reason: unknown): unknown =>
    reason instanceof DOMException && reason.name === 'TimeoutError'
      ? new BackendAway(`${server} did not answer in time`)
      : reason;

  async function post(request: GenerateRequest, messages: readonly ChatMessage[], watch: Watch): Promise<Response> {
    for (;;) {
      const sent = { ...quirks };
      const response = await fetch(`${base}/chat/completions`, {
        method: 'POST',
        // Routers in front of several engines send a run's turns to the one that holds its prefix by this.
        headers: { 'content-type': 'application/json', 'x-session-id': request.session, ...authorization },
        body: requestBody(options, sent, request, messages),
        dispatcher: agent,
        signal: watch.signal,
        redirect: 'manual',
      });
      if (response.ok) return response;
      const error = await refusal(response, server);
      if (!(error instanceof BackendRefused && learn(quirks, sent, error.message))) throw error;
    }
  }

  async function generate(request: GenerateRequest): Promise<Generation> {
    request.signal.throwIfAborted();
    const messages = await chatMessages(request);
    const watch = startWatch(request.signal, server);
    watch.total(options.totalTimeoutMs ?? 1_800_000);
    watch.next(options.firstTokenTimeoutMs ?? 120_000, 'gave no first token');
    try {
      const completion = openCompletion(server);
      const response = await post(request, messages, watch);
      for await (const data of events(response)) {
        const piece = completion.take(data);
        if (piece === undefined) continue;
        watch.next(options.tokenTimeoutMs ?? 30_000, 'fell silent in the middle of its reply');
        if (piece.text !== '') request.onText?.(piece.text);
      }
      return finished(completion, request.signal);
    } catch (error) {
      if (isOurs(error)) throw error;
      throw watch.signal.aborted ? watch.signal.reason : (networkError(error, server) ?? error);
    } finally {
      watch.stop();
    }
  }

  return {
    // The engine keeps prefixes, not this process: any worker may take the run's next turn.
    holdsPrefix: false,
    generate,
    async check(signal) {
      const watch = startWatch(signal, server);
      watch.next(CHECK_TIMEOUT_MS, 'did not list its models');
      try {
        const response = await fetch(`${base}/models`, {
          headers: authorization,
          dispatcher: agent,
          signal: watch.signal,
          redirect: 'manual',
        });
        const error = response.ok ? undefined : await refusal(response, server);
        await response.body?.cancel();
        if (error === undefined) return;
        if (!CANNOT_LIST.includes(response.status)) throw away(error);
      } catch (error) {
        if (error instanceof BackendAway) throw error;
        throw watch.signal.aborted ? late(watch.signal.reason) : (networkError(error, server) ?? error);
      } finally {
        watch.stop();
      }
      await generate(smallestRequest(signal)).catch((error: unknown) => {
        throw isOurs(error) ? away(error as Error) : late(error);
      });
    },
    close: () => agent.close(),
  };
}

/** Parts an address from credentials in it, which fetch refuses and which no message may show. */
function readAddress(baseUrl: string) {
  const { origin, host, pathname, username, password } = new URL(baseUrl);
  const path = pathname.replace(/\/+$/, '');
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return {
    base: origin + path,
    server: host + path,
    credentials: pair === ':' ? undefined : `Basic ${Buffer.from(pair).toString('base64')}`,
  };
}

/** A cancel that came with the last token still counts. */
function finished(completion: Completion, signal: AbortSignal): Generation {
  signal.throwIfAborted();
  return completion.finish();
}

async function* events(response: Response): AsyncGenerator<string, void, undefined> {
  if (response.body === null) return;
  // A server that does not stream sends one JSON document, which has the shape of a single chunk.
  if (/\bjson\b/.test(response.headers.get('content-type') ?? '')) yield await response.text();
  else yield* readEvents(response.body);
}

async function refusal(response: Response, server: string): Promise<BackendAway | BackendRefused | CotaError> {
  const bytes: Uint8Array[] = [];
  let size = 0;
  for await (const piece of response.body ?? []) {
    bytes.push(piece);
    size += piece.length;
    if (size > ERROR_BODY_BYTES) break;
  }
  const error = readServerError(Buffer.concat(bytes).toString('utf8'));
  return errorOf(response.status, error, server, retryAfterMs(response.headers, Date.now()));
}

const away = (error: Error): BackendAway => (error instanceof BackendAway ? error : new BackendAway(error.message));

const isOurs = (error: unknown): boolean =>
  error instanceof BackendAway || error instanceof BackendRefused || error instanceof CotaError;

/** Ends a request when its caller aborts it or a time is up. `signal.reason` says which. */
interface Watch {
  readonly signal: AbortSignal;
  total(ms: number): void;
  /** Starts the time until the next sign of life anew. */
  next(ms: number, failing: string): void;
  stop(): void;
}

function startWatch(caller: AbortSignal, server: string): Watch {
  const own = new AbortController();
  const expire = (ms: number, failing: string) => () =>
    own.abort(new BackendAway(`${server} ${failing} within ${ms / 1000} s`, undefined, { hadRequest: true }));
  let timer: NodeJS.Timeout | undefined;
  let totalTimer: NodeJS.Timeout | undefined;
  return {
    signal: AbortSignal.any([caller, own.signal]),
    total(ms) {
      totalTimer = setTimeout(expire(ms, 'did not end its reply'), ms);
    },
    next(ms, failing) {
      clearTimeout(timer);
      timer = setTimeout(expire(ms, failing), ms);
    },
    stop() {
      clearTimeout(timer);
      clearTimeout(totalTimer);
    },
  };
}
