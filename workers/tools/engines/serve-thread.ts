import { parentPort } from 'node:worker_threads';
import type { ThreadFault, ThreadReply } from './warm-thread.ts';

/**
 * The inside of a warm thread: answers each request with what `handle` returns or throws.
 * @param handle may be async; its value must survive a structured clone
 */
export function serveThread(handle: (request: unknown) => unknown): void {
  const port = parentPort;
  if (!port) throw new Error('serveThread runs inside a worker thread: start it with warmThread(entry)');
  port.on('message', async ({ id, request }: { id: number; request: unknown }) => {
    let reply: ThreadReply;
    try {
      reply = { id, ok: true, value: await handle(request) };
    } catch (error) {
      reply = { id, ok: false, error: faultOf(error) };
    }
    port.postMessage(reply);
  });
}

function faultOf(error: unknown): ThreadFault {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return { name: error.name, code, message: error.message };
}
