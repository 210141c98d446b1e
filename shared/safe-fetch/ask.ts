import { type Dispatcher, request } from 'undici';

export type Answer = Dispatcher.ResponseData<unknown>;

/** undici hears the signal only once it is connected; a lookup or handshake that hangs must not hold the caller. */
export async function ask(url: URL, options: Parameters<typeof request>[1] & { signal: AbortSignal }): Promise<Answer> {
  const { signal } = options;
  const { promise: stopped, reject } = Promise.withResolvers<never>();
  const stop = () => reject(signal.reason);
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  const answer = request(url, options);
  // The loser of the race must not end the process.
  answer.catch(() => undefined);
  stopped.catch(() => undefined);
  try {
    return await Promise.race([answer, stopped]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
