/**
 * A process that exits while one of its threads is inside onnxruntime aborts: the native part comes back into an
 * environment that is gone. So the thread says when it is inside, and an exit waits for it to come out.
 */
const STOP = 0;
const INSIDE = 1;
/** A step takes milliseconds; an engine that hangs must not keep its process, milliseconds. */
const PATIENCE = 2_000;

/** To be given to the thread. */
export const exitGuard = (): Int32Array => new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT));

/** In the thread: does the work, or nothing when the process is about to exit. */
export function guarded<T>(guard: Int32Array, work: () => T): T | undefined {
  Atomics.store(guard, INSIDE, 1);
  try {
    return Atomics.load(guard, STOP) === 0 ? work() : undefined;
  } finally {
    Atomics.store(guard, INSIDE, 0);
    Atomics.notify(guard, INSIDE);
  }
}

/** In the process, as it exits: the thread begins nothing more, and is out when this returns. */
export function stopAtExit(guard: Int32Array): void {
  Atomics.store(guard, STOP, 1);
  Atomics.wait(guard, INSIDE, 1, PATIENCE);
}
