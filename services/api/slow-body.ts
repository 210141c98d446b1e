import type { FastifyReply, FastifyRequest } from 'fastify';

/** Time for a client to send its whole request: 20 MB at 1.4 Mbit/s. */
const LONGEST_BODY_MS = 120_000;

/**
 * Ends a request whose body does not come to its end. Not the server's own time limit, which would cut long uploads
 * too: those have a limit on silence instead.
 */
export function limitBodyTime(
  { raw: request }: FastifyRequest,
  { raw: response }: FastifyReply,
  end: () => void,
): void {
  const timer = setTimeout(() => {
    if (!request.complete && !response.writableEnded) end();
  }, LONGEST_BODY_MS);
  timer.unref();
  response.once('close', () => clearTimeout(timer));
}
