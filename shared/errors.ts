/**
 * One table: what each error code means to a client (HTTP status), to a run (does it end it?) and to the attempt
 * counter (does it spend an attempt?). A code that is not here cannot be thrown.
 */
interface ErrorRule {
  /** HTTP status where the error answers a request directly. */
  readonly http: number;
  /** OpenAI's error `type`. */
  readonly type:
    | 'invalid_request_error'
    | 'authentication_error'
    | 'rate_limit_error'
    | 'server_error'
    | 'not_found_error';
  /** fail: the run ends as failed. retry: the step is tried again and spends an attempt. wait: tried again for nothing. */
  readonly run: 'fail' | 'retry' | 'wait';
}

const request = (http: number): ErrorRule => ({ http, type: 'invalid_request_error', run: 'fail' });

export const errorTable = {
  // The request itself.
  invalid_request: request(400),
  missing_required_parameter: request(400),
  unknown_parameter: request(400),
  unsupported_parameter: request(400),
  invalid_type: request(400),
  invalid_value: request(400),
  string_above_max_length: request(400),
  unknown_tool: request(400),
  invalid_json: request(400),
  body_too_large: request(413),
  unsupported_media_type: request(415),
  method_not_allowed: request(405),
  request_timeout: request(408),
  range_not_satisfiable: request(416),
  invalid_api_key: { http: 401, type: 'authentication_error', run: 'fail' },
  insufficient_permissions: request(403),
  tenant_disabled: request(403),
  model_not_found: request(404),
  not_found: { http: 404, type: 'not_found_error', run: 'fail' },
  idempotency_key_reused: request(409),
  already_exists: request(409),
  still_running: request(409),
  endpoint_disabled: request(409),
  // Batches.
  batch_not_over: request(409),
  nothing_to_retry: request(409),
  file_in_use: request(409),
  model_in_use: request(409),
  run_cancelled: request(409),
  wait_exceeded: { http: 504, type: 'server_error', run: 'fail' },
  // Images: OpenAI's codes.
  invalid_image: request(400),
  invalid_image_format: request(400),
  invalid_base64_image: request(400),
  invalid_image_url: request(400),
  image_too_large: request(400),
  image_too_small: request(400),
  image_parse_error: request(400),
  image_file_too_large: request(400),
  unsupported_image_media_type: request(400),
  empty_image_file: request(400),
  failed_to_download_image: request(400),
  image_file_not_found: request(400),
  // The model's server.
  context_length_exceeded: request(400),
  model_refused: request(400),
  recording_exhausted: request(400),
  model_changed: request(409),
  model_broken: { http: 500, type: 'server_error', run: 'fail' },
  model_away: { http: 503, type: 'server_error', run: 'wait' },
  // Ourselves.
  tool_away: { http: 503, type: 'server_error', run: 'wait' },
  store_away: { http: 503, type: 'server_error', run: 'wait' },
  redis_away: { http: 503, type: 'server_error', run: 'wait' },
  overloaded: { http: 503, type: 'server_error', run: 'wait' },
  tenant_erasing: { http: 503, type: 'server_error', run: 'wait' },
  too_many_open_runs: { http: 429, type: 'rate_limit_error', run: 'wait' },
  insufficient_quota: { http: 429, type: 'rate_limit_error', run: 'wait' },
  rate_limit_exceeded: { http: 429, type: 'rate_limit_error', run: 'wait' },
  step_timeout: { http: 500, type: 'server_error', run: 'retry' },
  poison: { http: 500, type: 'server_error', run: 'fail' },
  attempts_exhausted: { http: 500, type: 'server_error', run: 'fail' },
  deadline_exceeded: { http: 504, type: 'server_error', run: 'fail' },
  server_error: { http: 500, type: 'server_error', run: 'retry' },
} as const satisfies Record<string, ErrorRule>;

export type ErrorCode = keyof typeof errorTable;

export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorTable, code);
}

export function ruleOf(code: ErrorCode): ErrorRule {
  return errorTable[code];
}

/** An error with a code of the table and words that say what to do. */
export class CotaError extends Error {
  override readonly name = 'CotaError';
  readonly code: ErrorCode;
  /** The request field at fault, as OpenAI's `param`. */
  readonly param: string | undefined;
  /** How long to wait before the next try, where that is known. */
  readonly retryAfterMs: number | undefined;
  constructor(
    code: ErrorCode,
    message: string,
    options: { readonly param?: string; readonly retryAfterMs?: number; readonly cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.param = options.param;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** The code under which any thrown value is handled. Unknown errors are ours: they spend an attempt. */
export function codeOf(error: unknown): ErrorCode {
  if (error instanceof CotaError) return error.code;
  if (error instanceof Error) {
    // By name first: the words of a store that is away may well hold ECONNREFUSED too.
    if (error.name === 'StoreAway') return 'store_away';
    if (error.name === 'BackendAway') return 'model_away';
    const code = (error as { code?: unknown }).code;
    const named = error.name === 'BackendRefused' || error.name === 'ImageRefused' || error.name === 'FetchRefused';
    if (named) return typeof code === 'string' && isErrorCode(code) ? code : 'model_refused';
  }
  return isRedisTrouble(error) ? 'redis_away' : 'server_error';
}

/** Redis is away, restarting, or out of memory: callers wait; nothing is wrong with the work itself. */
export function isRedisTrouble(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (
    error.name === 'MaxRetriesPerRequestError' ||
    /^(LOADING|OOM|READONLY|MASTERDOWN|CLUSTERDOWN|NOREPLICAS)\b/.test(error.message) ||
    /Connection is closed|Stream isn't writeable|Command timed out|ECONNREFUSED|ECONNRESET|EPIPE|Command aborted|Connection lost/i.test(
      error.message,
    )
  );
}
