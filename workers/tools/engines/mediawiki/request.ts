/**
 * Requests to the API of a MediaWiki, as Wikimedia asks of programs: named, with a way to reach who runs them, few at a
 * time, compressed, and quiet when the servers are busy (https://www.mediawiki.org/wiki/API:Etiquette).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { FetchFailed, FetchRefused, type SafeFetch } from '../../../../shared/safe-fetch.ts';
import { semaphore } from '../../semaphore.ts';

export interface Wiki {
  /** Its `api.php`. */
  readonly endpoint: string;
  readonly userAgent: string;
  readonly web: Pick<SafeFetch, 'fetch'>;
}

export interface Pace {
  /** Between the starts of two requests, milliseconds. */
  readonly gapMs: number;
  /** Waits in all before a request is given up, milliseconds. */
  readonly patienceMs: number;
}

/** The wiki cannot be asked now, or not by us; in words for a person. */
export class WikiAway extends Error {
  override readonly name = 'WikiAway';
}

/** Two a second at most. */
const USUAL_PACE: Pace = { gapMs: 500, patienceMs: 20_000 };
const AT_A_TIME = 2;
const REQUEST_LIMIT_MS = 10_000;
const MOST_BYTES = 4 * 1024 * 1024;
/** Seconds that its replicas may be behind: a server that is further behind has enough to do. */
const MAX_LAG = 5;
const FIRST_PAUSE_MS = 1_000;

/** Errors of the API by which it asks for a pause. */
const BUSY = /^(maxlag|ratelimited|readonly|internal_api_error_|.*-lockdown$)/;

const failure = z.object({ error: z.object({ code: z.string(), info: z.string().optional() }) });

export type Ask = (parameters: Readonly<Record<string, string>>, signal: AbortSignal) => Promise<unknown>;

/** All requests to a wiki go through one of these, so that its pace is that of the whole process. */
export function openRequests({ endpoint, userAgent, web }: Wiki, pace: Pace = USUAL_PACE): Ask {
  const inTurn = semaphore(AT_A_TIME);
  /** When the next request may start: all that wait do so for the same reason. */
  let nextAt = 0;
  const { host } = new URL(endpoint);

  async function turn(signal: AbortSignal): Promise<void> {
    const now = performance.now();
    const at = Math.max(now, nextAt);
    nextAt = at + pace.gapMs;
    if (at > now) await sleep(at - now, undefined, { signal });
  }

  /** @returns the document, or for how long the wiki wants to be left alone */
  async function once(
    url: string,
    signal: AbortSignal,
  ): Promise<{ readonly is: unknown } | { readonly pauseMs?: number; readonly why: string }> {
    try {
      const options = { headers: { 'user-agent': userAgent }, maxBytes: MOST_BYTES, timeoutMs: REQUEST_LIMIT_MS };
      const { body, headers } = await web.fetch(url, { ...options, gzip: true, signal });
      const document = parsed(body, host);
      const failed = failure.safeParse(document);
      if (!failed.success) return { is: document };
      const { code, info } = failed.data.error;
      if (!BUSY.test(code)) throw new WikiAway(`${host} answered: ${info ?? code}`);
      const seconds = Number(headers['retry-after']);
      return { why: `${host} is busy (${code})`, ...(seconds > 0 ? { pauseMs: seconds * 1_000 } : {}) };
    } catch (error) {
      // Too large an answer, or one from an address that may not be asked.
      if (error instanceof FetchRefused) throw new WikiAway(error.message);
      if (!(error instanceof FetchFailed)) throw error;
      if (error.status === 403)
        throw new WikiAway(`${host} refuses this program: check "contact" under "knowledge" in tools.yaml`);
      if (!error.retryable) throw new WikiAway(error.message);
      return { why: error.message, ...(error.retryAfterMs === undefined ? {} : { pauseMs: error.retryAfterMs }) };
    }
  }

  return async (parameters, signal) => {
    const query = new URLSearchParams({ ...parameters, format: 'json', formatversion: '2', maxlag: String(MAX_LAG) });
    const url = `${endpoint}${endpoint.includes('?') ? '&' : '?'}${query}`;
    const until = performance.now() + pace.patienceMs;
    return inTurn(async () => {
      for (let pauses = 0; ; pauses++) {
        if (nextAt > until) throw new WikiAway(`${host} asked to be left alone for a while`);
        await turn(signal);
        const answer = await once(url, signal);
        if ('is' in answer) return answer.is;
        nextAt = Math.max(nextAt, performance.now() + (answer.pauseMs ?? FIRST_PAUSE_MS * 2 ** pauses));
        if (nextAt > until) throw new WikiAway(answer.why);
      }
    }, signal);
  };
}

function parsed(body: Buffer, host: string): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new WikiAway(`${host} did not answer as a MediaWiki does: is "endpoint" in tools.yaml its api.php?`);
  }
}
