/** A POST whose answer is wanted whatever it says: webhooks. It is never redirected, and little of the body is read. */
import type { Dispatcher } from 'undici';
import { type Answer, ask } from './ask.ts';
import { blame } from './errors.ts';

export interface SendOptions {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Bytes of the answer's body that are read; what follows is thrown away with the connection. */
  readonly maxBytes: number;
  /** Milliseconds for everything: lookup, connection, answer. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

export interface Sent {
  /** Whatever the server answered, a redirect too. */
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Start of the body, as far as it came. */
  readonly body: Buffer;
}

/** @throws FetchRefused or FetchFailed where there was no answer, or the signal's own reason */
export async function send(
  agent: Dispatcher,
  check: (url: string) => URL,
  text: string,
  options: SendOptions,
): Promise<Sent> {
  const timeout = AbortSignal.timeout(options.timeoutMs);
  const signal = options.signal === undefined ? timeout : AbortSignal.any([options.signal, timeout]);
  const url = check(text);
  const headers = { 'user-agent': 'cota', ...options.headers, 'accept-encoding': 'identity' };
  try {
    const answer = await ask(url, { dispatcher: agent, method: 'POST', headers, body: options.body, signal });
    const named = Object.entries(answer.headers).map(([name, value]) => [name, String(value)]);
    return {
      status: answer.statusCode,
      headers: Object.fromEntries(named),
      body: await startOf(answer, options.maxBytes),
    };
  } catch (error) {
    throw blame(error, url.host, options, timeout);
  }
}

/** The status line has said what counts; a body that breaks off or never ends changes nothing. */
async function startOf({ body }: Answer, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      size += chunk.length;
      if (size >= maxBytes) break;
    }
  } catch {
    // As far as it came.
  }
  return Buffer.concat(chunks).subarray(0, maxBytes);
}
