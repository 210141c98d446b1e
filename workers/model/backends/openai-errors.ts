/** What an OpenAI-compatible server means by an error: is the engine away, or is it this request that it will not serve? */
import { CotaError } from '../../../shared/errors.ts';
import { BackendAway, BackendRefused } from './backend.ts';

/** What a server said, wherever it put it. */
export interface ServerError {
  readonly message: string;
  readonly code: string;
  /** True when the body has the shape of an API error, and is not some proxy's page. */
  readonly fromApi: boolean;
}

const MOST_CHARACTERS = 400;

/** Reads an error body: OpenAI's, vLLM's, FastAPI's, Ollama's, or plain text. */
export function readServerError(body: string): ServerError {
  let document: unknown;
  try {
    document = JSON.parse(body);
  } catch {
    return { message: shorten(body.replace(/<[^>]{0,500}>/g, ' ')), code: '', fromApi: false };
  }
  const outer = asRecord(document);
  const inner = asRecord(outer.error);
  const details = Array.isArray(outer.detail) ? outer.detail.map(invalidField).join('; ') : outer.detail;
  const message = [inner.message, outer.error, outer.message, details].find((text) => typeof text === 'string');
  const code = [inner.code, inner.type, outer.code, outer.type].find((text) => typeof text === 'string');
  return {
    message: shorten(typeof message === 'string' ? message : body),
    code: typeof code === 'string' ? code : '',
    fromApi: typeof message === 'string',
  };
}

/** Given up on this request: by the server itself, by a proxy before it, by Cloudflare. 503 and 529 speak of all requests. */
const GAVE_UP: readonly number[] = [408, 502, 504, 520, 524];

/** Envoy's 503 for a connection that ended while the engine had the request; "no healthy upstream" is no such one. */
const RESET = /reset reason: (connection termination|remote reset|protocol error)/i;

const CONTEXT =
  /context[ _-]?(length|size|window)|maximum (model |sequence )?length|max_model_len|prompt is too long|too many tokens|exceeds? .{0,40}\btokens/i;

/**
 * Away: nobody's request would be served now; the run waits. Refused: this one never will be; the run fails. A plain
 * `server_error`: the engine is up and broke on this request; it is tried again and spends an attempt, as a request
 * that breaks its engine each time (uvicorn's bare 500 for a broken image) must not keep a whole model waiting for ever.
 * Where a proxy speaks for an engine that broke, or took too long, the answer is away and says that it had the request.
 * @param status of the HTTP response, or what an error event within the stream says it would have been
 * @param server name of the server for people: its address, without credentials
 */
export function errorOf(
  status: number,
  error: ServerError,
  server: string,
  retryAfterMs: number | undefined,
): BackendAway | BackendRefused | CotaError {
  const said = `${server} answered ${status}: ${error.message || 'nothing more'}`;
  // Some engines give 500 where a prompt is too long; waiting would never mend that.
  const contextLength = CONTEXT.test(error.message) || /context_length|exceed_context/.test(error.code);
  if (contextLength && status >= 400 && status !== 429) return new BackendRefused('context_length_exceeded', said);
  switch (status) {
    case 401:
    case 403:
      return new BackendAway(`${said} - check the key that api_key_env names in models.yaml`, retryAfterMs);
    case 402:
      return new BackendAway(`${said} - the account behind api_key_env has no credit left`, retryAfterMs);
    case 404:
      // A path that is not there is the operator's mistake, and must not fail the runs of a whole batch.
      return error.fromApi && /model/i.test(error.message)
        ? new BackendRefused('model_not_found', `${said} - check "model" in models.yaml`)
        : new BackendAway(`${said} - check base_url in models.yaml (it ends in /v1 for most servers)`, retryAfterMs);
    case 405:
      return new BackendAway(`${said} - check base_url in models.yaml`, retryAfterMs);
    case 409:
    case 425:
    case 429:
      return new BackendAway(said, retryAfterMs);
    case 413:
      return new BackendRefused(
        'model_refused',
        `${said} - the images may be too large: lower max_pixels or max_images`,
      );
    case 500:
      return new CotaError('server_error', said);
  }
  if (status >= 400 && status < 500 && status !== 408) return new BackendRefused('model_refused', said);
  if (status >= 300 && status < 400) {
    return new BackendAway(`${said} - it redirects; write the address it redirects to as base_url in models.yaml`);
  }
  return new BackendAway(said, retryAfterMs, { hadRequest: GAVE_UP.includes(status) || RESET.test(error.message) });
}

const CUT_OFF = /^(UND_ERR_SOCKET|ECONNRESET|EPIPE|HPE_.*)$/;

/**
 * @param error what fetch or the stream of a body threw
 * @returns undefined when it is no trouble of the network
 */
export function networkError(error: unknown, server: string): BackendAway | undefined {
  const codes = new Set<string>();
  const collect = (cause: unknown, depth: number): void => {
    if (!(cause instanceof Error) || depth > 5) return;
    const { code } = cause as { readonly code?: unknown };
    if (typeof code === 'string') codes.add(code);
    if (cause instanceof AggregateError) for (const each of cause.errors) collect(each, depth + 1);
    // fetch refuses some ports by itself, and says so without a code.
    if (code === undefined && depth > 0 && cause.message !== '') codes.add(cause.message);
    collect(cause.cause, depth + 1);
  };
  collect(error, 0);
  if (!(error instanceof TypeError && /^(fetch failed|terminated)$/.test(error.message))) return undefined;
  const words = `cannot reach ${server} (${[...codes].join(', ')}): is it running, and is base_url in models.yaml right?`;
  // Once a connection stands, the request is on its way, and an engine that dies of it ends the connection.
  const hadRequest = error.message === 'terminated' || [...codes].some((code) => CUT_OFF.test(code));
  return new BackendAway(words, undefined, { cause: error, hadRequest });
}

/** FastAPI's `{loc: ["body", "max_tokens"], msg}`. */
function invalidField(item: unknown): string {
  const { loc, msg } = asRecord(item);
  return `${Array.isArray(loc) ? `${loc.join('.')}: ` : ''}${String(msg)}`;
}

const asRecord = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

const shorten = (text: string): string => {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > MOST_CHARACTERS ? `${line.slice(0, MOST_CHARACTERS)}...` : line;
};
