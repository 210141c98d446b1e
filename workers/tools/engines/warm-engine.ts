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
  /** Milliseconds from the moment the engine takes the request up; waiting behind others is not counted. */
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

/** The thread or process that an engine runs in. */
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
}

/**
 * Code that is loaded once and answers many requests, one after another, beside the event loop, which it would hold up
 * (and with it the renewal of locks). A request over its time ends the host, and a fresh one serves the next.
 * @param patienceMs how long an aborted request may go on before its host is ended; not given: it is ended at once,
 *   which is right where a new one costs little. The caller never waits for either.
 */
export function warmEngine(launch: (events: HostEvents) => Host, patienceMs?: number): WarmEngine {
  const queue: Waiting[] = [];
  let host: Host | undefined;
  let running: Waiting | undefined;
  let timer: NodeJS.Timeout | undefined;
  let nextId = 0;

  function start(): Host {
    const started = launch({
      replied(reply) {
        if (started !== host || reply.id !== running?.id) return;
        settle(({ resolve, reject }) => (reply.ok ? resolve(reply.value) : reject(new EngineError(reply.error))));
      },
      lost(reason, message) {
        if (started !== host) return;
        host = undefined;
        settle(({ reject }) => reject(new EngineEnded(reason, message)));
      },
    });
    return started;
  }

  /** Ends the running call. One that was aborted has been refused before, so whatever is said of it now is dropped. */
  function settle(end: (call: Waiting) => void): void {
    const done = running;
    running = undefined;
    clearTimeout(timer);
    if (!done) return;
    host?.hold(false);
    end(done);
    takeUp();
  }

  function stop(): Promise<unknown> {
    const old = host;
    host = undefined;
    return old ? old.end() : Promise.resolve();
  }

  function limit(ms: number): void {
    clearTimeout(timer);
    timer = setTimeout(() => {
      void stop();
      settle(({ reject }) => reject(new EngineEnded('time', `no answer within ${ms} ms`)));
    }, ms);
  }

  function takeUp(): void {
    if (running) return;
    running = queue.shift();
    if (!running) return;
    const { id, request, options } = running;
    limit(options.timeLimitMs);
    try {
      host ??= start();
      host.hold(true);
      host.post({ id, request });
    } catch (error) {
      // No memory, no process ids. Unless it is let go here, all calls behind it wait for ever.
      settle(({ reject }) => reject(new EngineEnded('crash', `the engine could not be started: ${error}`)));
    }
  }

  function abort(call: Waiting, reason: unknown): void {
    call.reject(reason);
    const place = queue.indexOf(call);
    if (place >= 0) {
      queue.splice(place, 1);
    } else if (running === call && patienceMs !== undefined) {
      // It stays the running one until the host answers: only then is the host free for the next.
      host?.post({ cancel: call.id });
      limit(patienceMs);
    } else if (running === call) {
      void stop();
      settle(() => undefined);
    }
  }

  async function call(request: unknown, options: CallOptions): Promise<unknown> {
    const { signal } = options;
    signal?.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const waiting: Waiting = { id: nextId++, request, options, resolve, reject };
    const onAbort = () => abort(waiting, signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    queue.push(waiting);
    takeUp();
    try {
      return await promise;
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  return {
    call,
    async close() {
      for (const { reject } of queue.splice(0)) reject(new EngineEnded('closed', 'the engine was closed'));
      const ending = stop();
      settle(({ reject }) => reject(new EngineEnded('closed', 'the engine was closed')));
      await ending;
    },
  };
}
