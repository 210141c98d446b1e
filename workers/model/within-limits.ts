/** One request to a model as the whole cluster shares it: its breaker, its limiter, and whose fault a failure is. */
import { CotaError } from '../../shared/errors.ts';
import type { ModelGate } from '../../shared/model-gate.ts';
import type { Backend, Generation, PromptMessage } from './backends/backend.ts';
import type { Breaker, Pass } from './breaker.ts';
import { faultOf } from './fault.ts';

export interface SharedModel {
  /** Its id in models.yaml. */
  readonly id: string;
  readonly backend: Backend;
  readonly gate: ModelGate;
  readonly breaker: Breaker;
  /** A slot of the limiter falls free after this long if the process dies, milliseconds. */
  readonly leaseMs: number;
}

export interface Errand {
  /** A name of this request, no other's. */
  readonly lease: string;
  /** Input and output tokens that it may come to; settled by what it did. */
  readonly tokens: number;
  readonly signal: AbortSignal;
}

/**
 * @param request asks the backend; `pass.onText` wants to hear of each piece of the reply
 * @throws CotaError that spends no attempt where the model is away or its limits are reached; what `faultOf` makes of
 *   what the engine did
 */
export async function withinLimits<T>(
  { id, backend, gate, breaker, leaseMs }: SharedModel,
  { lease, tokens, signal }: Errand,
  request: (pass: Pass) => Promise<{ readonly value: T; readonly usage: Generation['usage'] }>,
): Promise<T> {
  const limited = async (pass: Pass): Promise<T> => {
    const waitMs = await gate.acquire(lease, tokens, leaseMs);
    if (waitMs > 0) {
      throw new CotaError('rate_limit_exceeded', `the limits of model "${id}" are reached`, { retryAfterMs: waitMs });
    }
    let used = 0;
    try {
      const { value, usage } = await request(pass);
      used = usage.inputTokens + usage.outputTokens;
      return value;
    } catch (error) {
      throw await faultOf(error, backend, signal);
    } finally {
      await gate.release(lease, tokens, used);
    }
  };
  const pass = await breaker.enter(signal);
  try {
    const value = await limited(pass);
    await pass.completed();
    return value;
  } catch (error) {
    await pass.failed(error);
    throw error;
  }
}

/** A rough count for the limiter, settled by the real one afterwards: four characters a token, 1,000 an image. */
export function estimateTokens(messages: readonly PromptMessage[]): number {
  let tokens = 0;
  for (const message of messages) {
    for (const part of message.content) tokens += part.type === 'text' ? part.text.length / 4 : 1_000;
  }
  return Math.ceil(tokens);
}
