/** One model turn: prompt -> backend -> parse. `begin` and `advance` stand around it, in shared/worker.ts. */
import { turnTokens } from '../../shared/budget.ts';
import type { ImageRef, ModelStep } from '../../shared/contract.ts';
import { CotaError } from '../../shared/errors.ts';
import type { ModelGate } from '../../shared/model-gate.ts';
import type { RunEvent } from '../../shared/run-machine.ts';
import { metrics } from '../../shared/telemetry.ts';
import type { StepContext, StepHandler } from '../../shared/worker.ts';
import type { Backend, PromptMessage } from './backends/backend.ts';
import type { Dialect } from './dialects/dialect.ts';

export interface ModelStepParts {
  readonly backend: Backend;
  readonly dialect: Dialect;
  readonly gate: ModelGate;
  readonly workerId: string;
  /** A slot of the limiter falls free after this long if the process dies, milliseconds. */
  readonly leaseMs: number;
  /** The image as the model should see it. */
  readonly image: (ref: ImageRef) => Promise<{ readonly bytes: Buffer; readonly contentType: string }>;
}

export function modelStepHandler(parts: ModelStepParts): StepHandler {
  return async (context) => {
    const { run } = context;
    const messages = parts.dialect.render(run);
    const maxTokens = turnTokens(run.config, run.usage);
    const lease = `${run.id}-${run.step}-${run.epoch}`;
    const estimate = estimateTokens(messages) + maxTokens;
    const waitMs = await parts.gate.acquire(lease, estimate, parts.leaseMs);
    if (waitMs > 0) {
      throw new CotaError('rate_limit_exceeded', `the limits of model "${run.config.model}" are reached`, {
        retryAfterMs: waitMs,
      });
    }
    let used = 0;
    try {
      const reply = await generate(context, parts, messages, maxTokens);
      used = reply.step.usage.inputTokens + reply.step.usage.outputTokens;
      return reply;
    } finally {
      await parts.gate.release(lease, estimate, used);
    }
  };
}

async function generate(
  { run, signal }: StepContext,
  parts: ModelStepParts,
  messages: readonly PromptMessage[],
  maxTokens: number,
): Promise<Extract<RunEvent, { type: 'replied' }>> {
  const { config } = run;
  const started = performance.now();
  const generation = await parts.backend.generate({
    messages,
    maxTokens,
    temperature: config.temperature,
    topP: config.topP,
    seed: config.seed,
    session: run.id,
    turn: run.usage.replies,
    signal,
    image: parts.image,
    question: config.question,
    recording: config.replay?.key,
  });
  const modelMs = Math.round(performance.now() - started);
  metrics.tokens.inc({ model: config.model, direction: 'input' }, generation.usage.inputTokens);
  metrics.tokens.inc({ model: config.model, direction: 'output' }, generation.usage.outputTokens);
  const parsed = parts.dialect.parse(generation.text, run);
  const step: ModelStep = {
    kind: 'model',
    text: generation.text,
    thought: parsed.thought,
    actions: [...parsed.actions],
    ...(parsed.problem === undefined ? {} : { problem: parsed.problem }),
    finishReason: generation.finishReason,
    usage: generation.usage,
  };
  return { type: 'replied', step, modelMs, holder: parts.backend.holdsPrefix ? parts.workerId : undefined };
}

/** A rough count for the limiter, settled by the real one afterwards: four characters a token, 1,000 an image. */
function estimateTokens(messages: readonly PromptMessage[]): number {
  let tokens = 0;
  for (const message of messages) {
    for (const part of message.content) tokens += part.type === 'text' ? part.text.length / 4 : 1_000;
  }
  return Math.ceil(tokens);
}
