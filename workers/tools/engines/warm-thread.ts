import { Worker } from 'node:worker_threads';

/** What a thread posts back for each request; see `serveThread`. */
export type ThreadReply = { id: number; ok: true; value: unknown } | { id: number; ok: false; error: ThreadFault };

/** An error that crossed a thread: class instances do not survive the copy, so only what is needed does. */
export interface ThreadFault {
  readonly name: string;
  readonly code?: string | undefined;
  readonly message: string;
}

/** Thrown by `call` when the thread ended before it answered: by its time limit, its memory limit, or a crash. */
export class ThreadEnded extends Error {
  override readonly name = 'ThreadEnded';
  readonly reason: 'time' | 'memory' | 'crash' | 'closed';
  constructor(reason: ThreadEnded['reason'], message: string) {
    super(message);
    this.reason = reason;
  }
}

/** An error that the code inside the thread threw. */
export class ThreadError extends Error {
  override readonly name = 'ThreadError';
  readonly fault: ThreadFault;
  constructor(fault: ThreadFault) {
    super(fault.message);
    this.fault = fault;
  }
}

export interface WarmThreadOptions {
  /** Passed to the thread as `workerData`. */
  readonly data?: unknown;
  /** Heap of the thread; going over it ends the thread, not the process. */
  readonly heapMb?: number;
}

export interface CallOptions {
  /** Milliseconds from the moment the thread takes the request up; waiting behind others is not counted. */
  readonly timeLimitMs: number;
  readonly signal?: AbortSignal | undefined;
}

interface Waiting {
  readonly id: number;
  readonly request: unknown;
  readonly options: CallOptions;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

export interface WarmThread {
  /**
   * One request, one answer; requests wait in order.
   * @throws ThreadError what the code in the thread threw; ThreadEnded; the signal's reason when aborted
   */
  call(request: unknown, options: CallOptions): Promise<unknown>;
  /** Ends the thread; calls still open are refused. The next call starts a new one. */
  close(): Promise<void>;
}

/**
 * A worker thread that is started once and answers many requests, so that work which would hold up the event loop
 * (and with it the renewal of locks) runs beside it. A request that runs over its time ends the thread, which is the
 * only way to stop JavaScript from outside, and a fresh one serves the next request: nothing of it is left over.
 * @param entry module that calls `serveThread`
 */
export function warmThread(entry: URL, threadOptions: WarmThreadOptions = {}): WarmThread {
  const queue: Waiting[] = [];
  let thread: Worker | undefined;
  let running: Waiting | undefined;
  let timer: NodeJS.Timeout | undefined;
  let nextId = 0;

  function start(): Worker {
    const started = new Worker(entry, {
      workerData: threadOptions.data,
      ...(threadOptions.heapMb && { resourceLimits: { maxOldGenerationSizeMb: threadOptions.heapMb } }),
    });
    // An idle thread must not keep a finished process alive.
    started.unref();
    started.on('message', (reply: ThreadReply) => {
      if (started !== thread || reply.id !== running?.id) return;
      settle(({ resolve, reject }) => (reply.ok ? resolve(reply.value) : reject(new ThreadError(reply.error))));
    });
    const lost = (reason: ThreadEnded['reason'], message: string) => {
      if (started !== thread) return;
      thread = undefined;
      settle(({ reject }) => reject(new ThreadEnded(reason, message)));
    };
    started.on('error', (error: NodeJS.ErrnoException) =>
      lost(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'memory' : 'crash', error.message),
    );
    started.on('exit', (code) => lost('crash', `the thread ended with code ${code}`));
    return started;
  }

  function settle(end: (call: Waiting) => void): void {
    const done = running;
    running = undefined;
    clearTimeout(timer);
    if (!done) return;
    thread?.unref();
    end(done);
    takeUp();
  }

  function stop(): Promise<unknown> {
    const old = thread;
    thread = undefined;
    return old ? old.terminate() : Promise.resolve();
  }

  function takeUp(): void {
    if (running) return;
    running = queue.shift();
    if (!running) return;
    thread ??= start();
    thread.ref();
    const { id, request, options } = running;
    timer = setTimeout(() => {
      void stop();
      settle(({ reject }) => reject(new ThreadEnded('time', `no answer within ${options.timeLimitMs} ms`)));
    }, options.timeLimitMs);
    thread.postMessage({ id, request });
  }

  function abort(call: Waiting, reason: unknown): void {
    const place = queue.indexOf(call);
    if (place >= 0) {
      queue.splice(place, 1);
      call.reject(reason);
    } else if (running === call) {
      void stop();
      settle(({ reject }) => reject(reason));
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
      for (const { reject } of queue.splice(0)) reject(new ThreadEnded('closed', 'the engine was closed'));
      const ending = stop();
      settle(({ reject }) => reject(new ThreadEnded('closed', 'the engine was closed')));
      await ending;
    },
  };
}
