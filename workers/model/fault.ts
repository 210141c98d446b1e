/** Whose fault is it when the engine fails while it has a request: the engine's, or the request's? */
import { CotaError } from '../../shared/errors.ts';
import { type Backend, BackendAway, BackendRefused, smallestRequest } from './backends/backend.ts';

const PROBE_MS = 10_000;

/**
 * An engine that breaks off one request and completes another right afterwards is there; then the request is taken for
 * the cause, and spends an attempt. Otherwise it would be asked again for ever, and each time close the model to all. An
 * engine that restarts, hangs or is overloaded does not complete the other one either: it is away, and nobody's fault.
 * That its list of models answers would prove too little, as a server may give that while its engine hangs.
 * @returns what the step should end with in place of `error`
 */
export async function faultOf(
  error: unknown,
  backend: Pick<Backend, 'generate'>,
  signal: AbortSignal,
): Promise<unknown> {
  if (!(error instanceof BackendAway && error.hadRequest)) return error;
  try {
    await backend.generate(smallestRequest(AbortSignal.any([signal, AbortSignal.timeout(PROBE_MS)])));
  } catch (other) {
    // Some models do not take so small a request; a server that says so is there.
    if (!(other instanceof BackendRefused)) return error;
  }
  const words = `${error.message}; the engine answers other requests, so this one may be the cause`;
  return new CotaError('server_error', words, { cause: error });
}
