/** What goes to an engine: a request, or word that nobody waits for the answer to an earlier one any more. */
export type EngineMessage = { readonly id: number; readonly request: unknown } | { readonly cancel: number };

/** What an engine answers to each request, also to a cancelled one; see `serveEngine`. */
export type EngineReply = { id: number; ok: true; value: unknown } | { id: number; ok: false; error: EngineFault };

/** An error on its way out of an engine: class instances do not survive the copy, so only what is needed does. */
export interface EngineFault {
  readonly name: string;
  readonly code?: string | undefined;
  readonly message: string;
}

/** Thrown by `call` when the engine ended before it answered: by its time limit, its memory limit, or a crash. */
export class EngineEnded extends Error {
  override readonly name = 'EngineEnded';
  readonly reason: 'time' | 'memory' | 'crash' | 'closed';
  constructor(reason: EngineEnded['reason'], message: string) {
    super(message);
    this.reason = reason;
  }
}

/** An error that the code inside the engine threw. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
  readonly fault: EngineFault;
  constructor(fault: EngineFault) {
    super(fault.message);
    this.fault = fault;
  }
}

export interface CallOptions {
  /**
   * Milliseconds from the moment the engine takes the request up; waiting behind others is not counted. Where it holds
   * several at once, it is from the last answer that it gave.
   */
  readonly timeLimitMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface WarmEngine {
  /**
   * One request, one answer; requests wait in order.
   * @throws EngineError what the code in the engine threw; EngineEnded; the signal's reason, at once, when aborted
   */
  call(request: unknown, options: CallOptions): Promise<unknown>;
  /** Ends the engine; calls still open are refused. The next call starts a new one. */
  close(): Promise<void>;
}

/** The process that an engine runs in. */
export interface Host {
  post(message: EngineMessage): void;
  /** Ends it at once, whatever it does. */
  end(): Promise<unknown>;
  /** Whether it keeps this process alive: an idle engine must not. */
  hold(busy: boolean): void;
}

export interface HostEvents {
  replied(reply: EngineReply): void;
  /** It ended by itself. */
  lost(reason: EngineEnded['reason'], message: string): void;
}

interface Waiting {
  readonly id: number;
  readonly request: unknown;
  readonly options: CallOptions;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  /** Its caller has been refused; the host may still be at it. */
  aborted: boolean;
  /** It was in the host's hands together with others when that ended: whose fault it was shows when it goes alone. */
  alone: boolean;
  /** When the host took it up, gave an answer after that, or was told that nobody waits for it. */
  since: number;
}

export interface WarmOptions {
  /**
   * How long an aborted request may go on before its host is ended; not given: it is ended at once, which is right where
   * a new one costs little. The caller never waits for either.
   */
  readonly patienceMs?: number | undefined;
  /** Requests that the host is given at a time, so that it can do them together. */
  readonly inFlight?: number | undefined;
}

/**
 * Code that is loaded once and answers many requests, beside the event loop, which it would hold up (and with it the
 * renewal of locks). A request over its time ends the host, and a fresh one serves the next. Where the host had several,
 * each is given to the fresh one once more, by itself: so only the one at fault is lost.
 */
export function warmEngine(
  launch: (events: HostEvents) => Host,
  { patienceMs, inFlight = 1 }: WarmOptions = {},
): WarmEngine {
  const queue: Waiting[] = [];
  const running = new Map<number, Waiting>();
  let host: Host | undefined;
  let timer: NodeJS.Timeout | undefined;
  let nextId = 0;

  function start(): Host {
    const started = launch({
      replied(reply) {
        const call = started === host ? running.get(reply.id) : undefined;
        if (!call) return;
        running.delete(reply.id);
        for (const other of running.values()) other.since = performance.now();
        // One that was aborted has been refused before, so whatever is said of it now is dropped.
        reply.ok ? call.resolve(reply.value) : call.reject(new EngineError(reply.error));
        goOn();
      },
      lost(reason, message) {
        if (started !== host) return;
        host = undefined;
        settleAll(new EngineEnded(reason, message));
      },
    });
    return started;
  }

  /** After the host has ended: what it had is refused, or goes to the next one, each by itself. */
  function settleAll(error: EngineEnded): void {
    const calls = [...running.values()];
    running.clear();
    const open = calls.filter(({ aborted }) => !aborted);
    const again = calls.length > 1 ? open : [];
    for (const call of again) call.alone = true;
    queue.unshift(...again);
    if (again.length === 0) for (const { reject } of open) reject(error);
    goOn();
  }

  function stop(): Promise<unknown> {
    const old = host;
    host = undefined;
    return old ? old.end() : Promise.resolve();
  }

  /** What has to happen next, after anything did. */
  function goOn(): void {
    takeUp();
    host?.hold(running.size > 0);
    clearTimeout(timer);
    const open = [...running.values()].filter(({ aborted }) => !aborted);
    if (open.length > 0) {
      const first = open.reduce((a, b) => (endOf(a) <= endOf(b) ? a : b));
      const { timeLimitMs } = first.options;
      end(endOf(first) - performance.now(), `no answer within ${timeLimitMs} ms`);
    } else if (running.size > 0) {
      // Nobody waits for what the host does, and only when it is done is it free for the next.
      const last = Math.max(...[...running.values()].map(({ since }) => since));
      end(last + (patienceMs ?? 0) - performance.now(), 'what was aborted went on');
    }
  }

  function end(ms: number, message: string): void {
    timer = setTimeout(
      () => {
        void stop();
        settleAll(new EngineEnded('time', message));
      },
      Math.max(0, ms),
    );
  }

  function takeUp(): void {
    for (;;) {
      const [next] = queue;
      const taken = [...running.values()];
      const full = taken.length >= (next?.alone || taken[0]?.alone ? 1 : inFlight);
      if (!next || full) return;
      queue.shift();
      next.since = performance.now();
      running.set(next.id, next);
      try {
        host ??= start();
        host.post({ id: next.id, request: next.request });
      } catch (error) {
        // No memory, no process ids. Unless it is let go here, all calls behind it wait for ever.
        running.delete(next.id);
        next.reject(new EngineEnded('crash', `the engine could not be started: ${error}`));
      }
    }
  }

  function abort(call: Waiting, reason: unknown): void {
    call.reject(reason);
    call.aborted = true;
    call.since = performance.now();
    const place = queue.indexOf(call);
    if (place >= 0) queue.splice(place, 1);
    if (!running.has(call.id)) return;
    const mourned = [...running.values()].some(({ aborted }) => !aborted);
    if (patienceMs !== undefined || mourned) {
      host?.post({ cancel: call.id });
      goOn();
    } else {
      void stop();
      running.clear();
      goOn();
    }
  }

  async function call(request: unknown, options: CallOptions): Promise<unknown> {
    const { signal } = options;
    signal?.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const state = { aborted: false, alone: false, since: 0 };
    const waiting: Waiting = { id: nextId++, request, options, resolve, reject, ...state };
    const onAbort = () => abort(waiting, signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    queue.push(waiting);
    goOn();
    try {
      return await promise;
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  return {
    call,
    async close() {
      const closed = new EngineEnded('closed', 'the engine was closed');
      for (const { reject } of [...queue.splice(0), ...running.values()]) reject(closed);
      running.clear();
      const ending = stop();
      goOn();
      await ending;
    },
  };
}

const endOf = ({ since, options }: Waiting) => since + options.timeLimitMs;
