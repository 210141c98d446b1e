/** Whatever was thrown -> a status and OpenAI's error body. Nothing of ours or of the framework's own shape gets out. */
import { CotaError, codeOf, type ErrorCode, ruleOf } from '../../shared/errors.ts';
import { LinkRefused, ObjectMissing } from '../../shared/object-store.ts';

export interface ErrorReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: {
    readonly error: {
      readonly message: string;
      readonly type: string;
      readonly param: string | null;
      readonly code: string;
    };
  };
}

/** @param requestId shown where only the log can say more */
export function errorReply(thrown: unknown, requestId: string): ErrorReply {
  const error = asCotaError(thrown, requestId);
  const rule = ruleOf(error.code);
  const headers: Record<string, string> = {};
  if (rule.run === 'wait') {
    headers['retry-after'] = String(Math.max(1, Math.ceil((error.retryAfterMs ?? DEFAULT_RETRY_MS) / 1000)));
  }
  // The official clients try a 409 again by themselves, which cannot help with any of ours.
  if (rule.http === 409) headers['x-should-retry'] = 'false';
  // The run goes on: another try would be another run.
  if (error.code === 'wait_exceeded') headers['x-should-retry'] = 'false';
  // Room in the store comes with deletions, not with time.
  if (error.code === 'insufficient_quota') headers['x-should-retry'] = 'false';
  if (rule.http === 401) headers['www-authenticate'] = 'Bearer';
  const { message, code, param = null } = error;
  return { status: rule.http, headers, body: { error: { message, type: rule.type, param, code } } };
}

const DEFAULT_RETRY_MS = 2_000;

/** Words for outages: what is behind them (hosts, folders) is for the log. */
const OUTAGES: Partial<Record<ErrorCode, string>> = {
  redis_away: 'Redis is away for the moment. Accepted runs go on by themselves when it is back; try again shortly.',
  store_away:
    'The object store is away for the moment. Accepted runs go on by themselves when it is back; try again shortly.',
};

function asCotaError(thrown: unknown, requestId: string): CotaError {
  if (thrown instanceof CotaError) return thrown;
  if (thrown instanceof ObjectMissing) return new CotaError('not_found', 'There is no such object, or it was deleted.');
  if (thrown instanceof LinkRefused) return new CotaError('not_found', thrown.message);
  const framework = frameworkError(thrown);
  if (framework) return framework;
  const code = codeOf(thrown);
  const outage = OUTAGES[code];
  if (outage) return new CotaError(code, outage);
  if (ruleOf(code).http < 500 && thrown instanceof Error) return new CotaError(code, thrown.message);
  return new CotaError('server_error', `Something went wrong here; the log has more under request ${requestId}.`);
}

/** Fastify's own refusals, by their codes. */
function frameworkError(thrown: unknown): CotaError | undefined {
  if (!(thrown instanceof Error) || !('code' in thrown) || typeof thrown.code !== 'string') return undefined;
  switch (thrown.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new CotaError(
        'body_too_large',
        'The body is too large. Send large images as https URLs or files (/v1/files) instead of data URLs, or scale them down.',
      );
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new CotaError('unsupported_media_type', 'Send JSON, with the header Content-Type: application/json.');
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return new CotaError('invalid_request', 'The body has another length than its Content-Length header says.');
    case 'FST_ERR_BAD_URL':
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return new CotaError('not_found', 'There is nothing under this path: GET / lists what there is.');
    default:
      return undefined;
  }
}
