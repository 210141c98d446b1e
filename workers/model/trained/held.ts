/** A bounded number of costly things, opened when they are asked for and closed when others need their place. */

export interface Held<T> {
  /**
   * Opens what is not open, and keeps it open while `work` goes on.
   * @throws what `open` throws; again the same for a while, so that what cannot be opened does not hold up the others
   */
  use<R>(key: string, open: () => Promise<T>, signal: AbortSignal, work: (value: T) => Promise<R>): Promise<R>;
  /** Lets go of those whose key is not to be kept, as soon as nobody works with them. */
  keepOnly(keep: (key: string) => boolean): Promise<void>;
  readonly open: number;
  close(): Promise<void>;
}

export interface HeldOptions<T> {
  /** Open at a time. */
  readonly most: number;
  /** One that nobody has asked for so long is closed, milliseconds. */
  readonly idleMs: number;
  close(value: T): Promise<void>;
  /** Is this worth remembering? A failure that may pass is not. */
  isLasting(error: unknown): boolean;
}

interface Entry<T> {
  readonly value: Promise<T>;
  users: number;
  usedAt: number;
  doomed: boolean;
}

/** How long a lasting failure is given back without another try. */
const FAILED_MS = 30_000;

/** @throws the signal's reason; the opening goes on for whoever else waits for it */
function unlessStopped<T>(value: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    value.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

export function openHeld<T>({ most, idleMs, close, isLasting }: HeldOptions<T>): Held<T> {
  const entries = new Map<string, Entry<T>>();
  const failed = new Map<string, { readonly error: unknown; readonly until: number }>();
  /** Those that wait for a place; all look again when something has changed. */
  let waiting: (() => void)[] = [];
  const wake = (): void => {
    const those = waiting;
    waiting = [];
    for (const look of those) look();
  };
  const changed = (signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const stop = (): void => reject(signal.reason);
      signal.addEventListener('abort', stop, { once: true });
      waiting.push(() => {
        signal.removeEventListener('abort', stop);
        resolve();
      });
    });

  async function letGo(key: string, entry: Entry<T>): Promise<void> {
    entries.delete(key);
    await entry.value.then(close, () => undefined);
    wake();
  }

  const idle = (): [string, Entry<T>][] =>
    [...entries].filter(([, { users }]) => users === 0).sort(([, a], [, b]) => a.usedAt - b.usedAt);

  /** The entry with one more user, once there is a place for it. */
  async function take(key: string, open: () => Promise<T>, signal: AbortSignal): Promise<Entry<T>> {
    for (;;) {
      signal.throwIfAborted();
      const there = entries.get(key);
      if (there ? !there.doomed : entries.size < most) {
        const entry = there ?? add(key, open);
        entry.users += 1;
        return entry;
      }
      const [longest] = there ? [] : idle();
      if (longest) await letGo(...longest);
      else await changed(signal);
    }
  }

  function add(key: string, open: () => Promise<T>): Entry<T> {
    const entry: Entry<T> = { value: open(), users: 0, usedAt: performance.now(), doomed: false };
    entries.set(key, entry);
    entry.value.catch((error: unknown) => {
      if (entries.get(key) === entry) entries.delete(key);
      if (isLasting(error)) failed.set(key, { error, until: performance.now() + FAILED_MS });
      wake();
    });
    return entry;
  }

  const timer = setInterval(
    () => {
      const before = performance.now() - idleMs;
      for (const [key, entry] of idle()) if (entry.usedAt < before) void letGo(key, entry);
      for (const [key, { until }] of failed) if (until < performance.now()) failed.delete(key);
    },
    Math.min(idleMs, 10_000),
  );
  timer.unref();

  return {
    async use(key, open, signal, work) {
      const before = failed.get(key);
      if (before && before.until > performance.now()) throw before.error;
      const entry = await take(key, open, signal);
      try {
        return await work(await unlessStopped(entry.value, signal));
      } finally {
        entry.users -= 1;
        entry.usedAt = performance.now();
        if (entry.users === 0 && entry.doomed && entries.get(key) === entry) await letGo(key, entry);
        else wake();
      }
    },
    async keepOnly(keep) {
      for (const [key, entry] of entries) {
        if (keep(key)) continue;
        entry.doomed = true;
        if (entry.users === 0) await letGo(key, entry);
      }
      for (const key of failed.keys()) if (!keep(key)) failed.delete(key);
    },
    get open() {
      return entries.size;
    },
    async close() {
      clearInterval(timer);
      await Promise.all([...entries].map(([key, entry]) => letGo(key, entry)));
    },
  };
}
