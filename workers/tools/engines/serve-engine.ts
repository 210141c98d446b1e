import type { EngineFault, EngineMessage, EngineReply } from './warm-engine.ts';

/**
 * The inside of a warm engine, in its process: answers each request with what `handle` returns or throws.
 * @param handle may be async; its value must survive a structured clone. The signal is aborted when nobody waits for
 *   the answer any more, which async code hears of between its awaits
 */
export function serveEngine(handle: (request: unknown, signal: AbortSignal) => unknown): void {
  const working = new Map<number, AbortController>();
  const post = connect(async (message) => {
    if ('cancel' in message) {
      working.get(message.cancel)?.abort();
      return;
    }
    const { id, request } = message;
    const control = new AbortController();
    working.set(id, control);
    let reply: EngineReply;
    try {
      reply = { id, ok: true, value: await handle(request, control.signal) };
    } catch (error) {
      reply = { id, ok: false, error: faultOf(error) };
    }
    working.delete(id);
    post(reply);
  });
}

/** Listens to whoever started this process. @returns how to answer */
function connect(listen: (message: EngineMessage) => void): (reply: EngineReply) => void {
  if (!process.send) throw new Error('serveEngine runs inside what warmProcess starts');
  process.on('message', listen);
  // Its parent is gone, or wants no more of it.
  process.on('disconnect', () => process.exit());
  if (!process.connected) process.exit();
  // A terminal or an init system may signal the whole group: the parent still drains then, and ends this process itself.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
  return (reply) => void process.send?.(reply, () => undefined);
}

function faultOf(error: unknown): EngineFault {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return { name: error.name, code, message: error.message };
}
