/**
 * Lets `permits` pieces of work go on at a time; the others wait in order.
 * @returns runs one piece. Throws what `work` throws, or the signal's reason when aborted while it waits
 */
export function semaphore(permits: number): <T>(work: () => Promise<T>, signal: AbortSignal) => Promise<T> {
  let free = permits;
  const waiting = new Set<() => void>();

  function acquire(signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const stop = (): void => {
      waiting.delete(enter);
      reject(signal.reason);
    };
    const enter = (): void => {
      signal.removeEventListener('abort', stop);
      resolve();
    };
    if (signal.aborted) {
      stop();
    } else if (free > 0) {
      free -= 1;
      enter();
    } else {
      signal.addEventListener('abort', stop, { once: true });
      waiting.add(enter);
    }
    return promise;
  }

  function release(): void {
    const [next] = waiting;
    if (next) {
      waiting.delete(next);
      next();
    } else free += 1;
  }

  return async (work, signal) => {
    await acquire(signal);
    try {
      return await work();
    } finally {
      release();
    }
  };
}
