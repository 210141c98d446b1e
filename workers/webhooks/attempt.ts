/** One try of a delivery: signed, sent, and judged by its answer. */
import { FetchFailed, FetchRefused, type SafeFetch, type Sent } from '../../shared/safe-fetch.ts';
import type { Claimed, Settlement } from '../../shared/webhooks/deliveries.ts';
import { type Endpoint, ownerOf } from '../../shared/webhooks/endpoints.ts';
import type { Keyring } from '../../shared/webhooks/secrets.ts';
import { askedPause, pauseAfter } from './schedule.ts';
import { signedHeaders } from './sign.ts';

/** What is read of an answer, and what of it is kept for the log. */
const READ_BYTES = 4_096;
const KEPT_CHARACTERS = 1_024;
/** Until the key that a secret was sealed with is there again. */
const NO_KEY_PAUSE_MS = 60_000;

export interface AttemptParts {
  readonly web: Pick<SafeFetch, 'send'>;
  readonly keyring: Keyring;
  readonly timeoutMs: number;
  /** Seconds before the second and each further try. */
  readonly pausesS: readonly number[];
  /** 0 to 1; tests need the middle. */
  readonly random: () => number;
}

export interface Attempted {
  readonly settlement: Settlement;
  /** The receiver wants nothing more, ever. */
  readonly gone: boolean;
  /** Set where no try could be made: words for the operator. */
  readonly trouble?: string;
}

/**
 * @param now epoch milliseconds of Redis' clock
 * @param signal aborted when this process must end: the try then does not count
 */
export async function attempt(
  { web, keyring, timeoutMs, pausesS, random }: AttemptParts,
  tenant: string,
  endpoint: Endpoint,
  claimed: Claimed,
  now: number,
  signal: AbortSignal,
): Promise<Attempted> {
  const secrets = openSecrets(keyring, tenant, endpoint, now);
  if (typeof secrets === 'string') {
    return { settlement: { result: 'back', pauseMs: NO_KEY_PAUSE_MS }, gone: false, trouble: secrets };
  }
  const headers = {
    'content-type': 'application/json',
    ...signedHeaders(claimed, secrets, Math.floor(now / 1000)),
  };
  const started = performance.now();
  let answer: Sent | undefined;
  let error: string | undefined;
  try {
    answer = await web.send(endpoint.url, { headers, body: claimed.body, maxBytes: READ_BYTES, timeoutMs, signal });
    error = faultOf(answer.status);
  } catch (thrown) {
    if (signal.aborted) return { settlement: { result: 'back', pauseMs: 0 }, gone: false };
    if (!(thrown instanceof FetchFailed || thrown instanceof FetchRefused)) throw thrown;
    error = thrown.message;
  }
  const response = answer === undefined ? '' : textOf(answer.body);
  const made = {
    at: now,
    ms: Math.round(performance.now() - started),
    ...(answer === undefined ? {} : { status: answer.status }),
    ...(error === undefined ? {} : { error }),
    ...(response === '' ? {} : { response }),
  };
  if (error === undefined) return { settlement: { result: 'delivered', made }, gone: false };
  if (answer?.status === 410) return { settlement: { result: 'failed', made }, gone: true };
  const asked = askedPause(answer?.headers['retry-after'], now);
  const pauseMs = pauseAfter(claimed.attempts + 1, pausesS, asked, random());
  const settlement: Settlement =
    pauseMs === undefined ? { result: 'failed', made } : { result: 'retry', made, pauseMs };
  return { settlement, gone: false };
}

/** @returns the secrets that sign now, or why they cannot be had */
function openSecrets(keyring: Keyring, tenant: string, endpoint: Endpoint, now: number): readonly string[] | string {
  try {
    return endpoint.secrets
      .filter(({ expiresAt }) => expiresAt === undefined || expiresAt > now)
      .map(({ sealed }) => keyring.open(sealed, ownerOf(tenant, endpoint.id)));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function faultOf(status: number): string | undefined {
  if (status >= 200 && status <= 299) return undefined;
  if (status >= 300 && status <= 399) return `answered ${status}: deliveries are not redirected, give the final URL`;
  return `answered ${status}`;
}

/** NUL and halves of characters say nothing, and some readers of JSON refuse them. */
const textOf = (body: Buffer): string =>
  body.toString('utf8').replaceAll('\u0000', '').toWellFormed().slice(0, KEPT_CHARACTERS);
