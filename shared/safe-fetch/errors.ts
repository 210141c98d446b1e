/** The two ways in which fetching a user's URL ends badly. */

export type RefusalReason = 'invalid_url' | 'not_allowed' | 'too_many_redirects' | 'too_large';

/** We will not fetch this, now or later: the address, or what it leads to, is not allowed. */
export class FetchRefused extends Error {
  override readonly name = 'FetchRefused';
  readonly code = 'invalid_value';
  readonly reason: RefusalReason;
  constructor(reason: RefusalReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

export interface FailureFacts {
  /** Whether the same request may work later. */
  readonly retryable: boolean;
  /** HTTP status, where the server gave one. */
  readonly status?: number;
  /** The server's Retry-After in milliseconds from now. */
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

/** We tried, and the other side did not give it. */
export class FetchFailed extends Error {
  override readonly name = 'FetchFailed';
  readonly retryable: boolean;
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;
  constructor(message: string, facts: FailureFacts) {
    super(message, { cause: facts.cause });
    this.retryable = facts.retryable;
    this.status = facts.status;
    this.retryAfterMs = facts.retryAfterMs;
  }
}

// What trying again cannot mend. A name that does not exist is here: when DNS itself is away, the code is EAI_AGAIN.
const LASTING =
  /^(ENOTFOUND|EPROTO|HPE_|CERT_|ERR_TLS|ERR_SSL|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|UND_ERR_HEADERS_OVERFLOW|Z_|ERR_BUFFER)/;

/** How long a fetch may take, and who may end it sooner. */
export interface Patience {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** What is thrown for an error of a fetch: the caller's own reason first, then what was said already, then the time. */
export function blame(error: unknown, host: string, { timeoutMs, signal }: Patience, timeout: AbortSignal): unknown {
  if (signal?.aborted === true) return signal.reason;
  if (error instanceof FetchRefused || error instanceof FetchFailed) return error;
  if (!timeout.aborted) return failureOf(error, host);
  const words = `"${host}" did not answer within ${timeoutMs / 1000} seconds.`;
  return new FetchFailed(words, { retryable: true, cause: error });
}

/** What an error below HTTP (name, connection, TLS, parser) means, in words for the one who gave the URL. */
export function failureOf(error: unknown, host: string): FetchFailed {
  const parser = error instanceof Error && error.name === 'HTTPParserError';
  const code = parser ? 'HPE_' : error instanceof Error && 'code' in error ? String(error.code) : '';
  const words = (): string => {
    if (code === 'ENOTFOUND') return `There is no host "${host}". Check the URL.`;
    if (/CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO|EPROTO/.test(code))
      return `"${host}" has no certificate that can be trusted. Use a host with a valid one.`;
    if (/TIMEOUT|TIMEDOUT/.test(code)) return `"${host}" did not answer in time.`;
    if (code.startsWith('HPE_') || code === 'UND_ERR_HEADERS_OVERFLOW')
      return `"${host}" did not answer in proper HTTP.`;
    if (code === 'EAI_AGAIN') return `The address of "${host}" could not be looked up just now.`;
    return `The connection to "${host}" failed.`;
  };
  return new FetchFailed(words(), { retryable: !LASTING.test(code), cause: error });
}
