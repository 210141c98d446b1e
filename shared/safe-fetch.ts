/**
 * Fetches URLs that users gave: images, and webhooks. Such a URL may point anywhere, so everything about it is
 * bounded: scheme, port, address (checked in the moment of connecting), redirects, bytes, and time in all.
 */
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import type { Dispatcher } from 'undici';
import { SettingsError } from './env.ts';
import { type Answer, ask } from './safe-fetch/ask.ts';
import { blame, FetchFailed, FetchRefused } from './safe-fetch/errors.ts';
import { createGuardedAgent, createUrlCheck, type FetchPolicy } from './safe-fetch/policy.ts';
import { type SendOptions, type Sent, send } from './safe-fetch/send.ts';

export { FetchFailed, FetchRefused } from './safe-fetch/errors.ts';
export type { FetchPolicy, ResolvedAddress } from './safe-fetch/policy.ts';
export type { Sent } from './safe-fetch/send.ts';

export interface FetchOptions {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
  /** Bytes of the body at most, both as sent and decompressed. */
  readonly maxBytes: number;
  /** Milliseconds for everything: lookup, connections, redirects, body. */
  readonly timeoutMs: number;
  /** Default 3 for GET. Anything else is never redirected: a 3xx answer is then a failure. */
  readonly maxRedirects?: number;
  /** Asks for gzip, where a server wants its callers to; its bytes count as decompressed. */
  readonly gzip?: boolean;
  readonly signal?: AbortSignal;
}

export interface Fetched {
  /** Where the answer came from, after redirects. */
  readonly url: string;
  /** 200 to 299; other answers are thrown as FetchFailed. */
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface SafeFetch {
  /** What can be said of a URL without the network. Throws FetchRefused. */
  check(url: string): URL;
  /** Throws FetchRefused (never try again) or FetchFailed (`retryable` says whether to), or the signal's own reason. */
  fetch(url: string, options: FetchOptions): Promise<Fetched>;
  /** POSTs once, whatever the answer. Throws FetchRefused or FetchFailed where there is none, or the signal's reason. */
  send(url: string, options: SendOptions): Promise<Sent>;
  /** Closes idle connections and ends those in use. */
  close(): Promise<void>;
}

/**
 * One per process: it keeps connections to hosts that are asked often.
 * @throws SettingsError that names the entry of the allow list that cannot be read
 */
export function createSafeFetch(policy: FetchPolicy = {}): SafeFetch {
  const { check, agent } = guardedBy(policy);
  return {
    check,
    fetch: (url, options) => fetchWithin(agent, check, url, options),
    send: (url, options) => send(agent, check, url, options),
    close: () => agent.destroy(),
  };
}

function guardedBy(policy: FetchPolicy): { check: (url: string) => URL; agent: Dispatcher } {
  try {
    return { check: createUrlCheck(policy), agent: createGuardedAgent(policy) };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new SettingsError(`${policy.setting ?? 'COTA_FETCH_ALLOW'}: ${error.message}`);
  }
}

async function fetchWithin(
  agent: Dispatcher,
  check: (url: string) => URL,
  text: string,
  options: FetchOptions,
): Promise<Fetched> {
  const timeout = AbortSignal.timeout(options.timeoutMs);
  const signal = options.signal === undefined ? timeout : AbortSignal.any([options.signal, timeout]);
  const method = options.method ?? 'GET';
  let left = method === 'GET' ? (options.maxRedirects ?? 3) : 0;
  let url = check(text);
  const encoding = options.gzip ? 'gzip' : 'identity';
  let headers: Record<string, string> = { 'user-agent': 'cota', ...options.headers, 'accept-encoding': encoding };
  try {
    for (;;) {
      const answer = await ask(url, { dispatcher: agent, method, headers, body: options.body ?? null, signal });
      const target = redirectOf(answer);
      if (target === undefined || method !== 'GET') return await read(answer, url, options.maxBytes);
      await answer.body.dump({ limit: 16_384, signal });
      if (left-- === 0)
        throw new FetchRefused(
          'too_many_redirects',
          `"${text.slice(0, 100)}" redirects more often than is followed. Give the final URL.`,
        );
      const next = check(new URL(target, url).href);
      // What was meant for one host (keys, cookies, signatures) is not shown to the next.
      if (next.origin !== url.origin)
        headers = { 'user-agent': headers['user-agent'] ?? 'cota', 'accept-encoding': encoding };
      url = next;
    }
  } catch (error) {
    throw blame(error, url.host, options, timeout);
  }
}

function redirectOf({ statusCode, headers }: Answer): string | undefined {
  if (![301, 302, 303, 307, 308].includes(statusCode)) return undefined;
  const location = [headers.location].flat()[0];
  return location !== undefined && URL.canParse(location, 'https://x') ? location : undefined;
}

async function read(answer: Answer, url: URL, maxBytes: number): Promise<Fetched> {
  const { statusCode: status, body } = answer;
  const headers = Object.fromEntries(Object.entries(answer.headers).map(([name, value]) => [name, String(value)]));
  if (status < 200 || status > 299) {
    body.on('error', () => undefined).destroy();
    const retryable = status === 408 || status === 425 || status === 429 || status >= 500;
    throw new FetchFailed(`"${url.host}" answered ${status}.`, {
      status,
      retryable,
      ...retryAfter(headers['retry-after']),
    });
  }
  const tooLarge = (): FetchRefused => {
    body.on('error', () => undefined).destroy();
    return new FetchRefused('too_large', `The file at "${url.host}" is larger than ${maxBytes} bytes.`);
  };
  if (Number(headers['content-length'] ?? 0) > maxBytes) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) throw tooLarge();
    chunks.push(chunk);
  }
  const decoded = await decode(Buffer.concat(chunks), headers['content-encoding'], maxBytes, url);
  return { url: url.href, status, headers, body: decoded };
}

const DECODERS = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
};

/** Servers compress also where plain bytes were asked for. */
async function decode(bytes: Buffer, encoding: string | undefined, maxBytes: number, url: URL): Promise<Buffer> {
  const name = encoding?.trim().toLowerCase() ?? '';
  if (name === '' || name === 'identity') return bytes;
  if (!Object.hasOwn(DECODERS, name)) {
    throw new FetchFailed(`"${url.host}" sent the encoding "${name.slice(0, 30)}", which was not asked for.`, {
      retryable: false,
    });
  }
  try {
    return await DECODERS[name as keyof typeof DECODERS](bytes, { maxOutputLength: maxBytes });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') {
      throw new FetchRefused('too_large', `The file at "${url.host}" is larger than ${maxBytes} bytes.`);
    }
    throw new FetchFailed(`"${url.host}" sent a body that cannot be decompressed.`, { retryable: false, cause: error });
  }
}

/** Retry-After in seconds or as a date; at most an hour is believed. */
function retryAfter(value: string | undefined): { retryAfterMs?: number } {
  if (value === undefined) return {};
  const ms = /^\d+$/.test(value.trim()) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(ms) && ms >= 0 ? { retryAfterMs: Math.min(ms, 3_600_000) } : {};
}
