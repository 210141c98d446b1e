/** One model turn: prompt -> backend -> parse. `begin` and `advance` stand around it, in shared/worker.ts. */

import type { ImageRef, ModelStep, Run } from '../../shared/contract.ts';
import { CotaError } from '../../shared/errors.ts';
import type { Fleet } from '../../shared/fleet.ts';
import type { ModelGate } from '../../shared/model-gate.ts';
import { poolOfModel } from '../../shared/models/trained-id.ts';
import type { Queues } from '../../shared/queues.ts';
import { turnTokens } from '../../shared/run/budget.ts';
import type { RunEvent } from '../../shared/run/run-machine.ts';
import type { StepContext, StepHandler } from '../../shared/run/run-step.ts';
import type { ProgressTeller } from '../../shared/stream/progress.ts';
import { metrics } from '../../shared/telemetry.ts';
import { begunWith, dialectOfVersion, insistOnVersion, othersWithModel } from '../../shared/versions.ts';
import type { Backend, PromptMessage } from './backends/backend.ts';
import type { Breaker, Pass } from './breaker.ts';
import type { Dialect } from './dialects/dialect.ts';
import { estimateTokens, withinLimits } from './within-limits.ts';

type Replied = Extract<RunEvent, { type: 'replied' }>;

export interface ModelStepParts {
  readonly backend: Backend;
  readonly dialect: Dialect;
  readonly gate: ModelGate;
  readonly breaker: Breaker;
  /** Of the model, as this worker serves it. */
  readonly version: string;
  /** Turns that a worker does at a time. */
  readonly concurrency: number;
  readonly fleet: Pick<Fleet, 'workers'>;
  readonly queues: Pick<Queues, 'waiting'>;
  readonly workerId: string;
  /** A slot of the limiter falls free after this long if the process dies, milliseconds. */
  readonly leaseMs: number;
  /** Who is told what the model says while it says it; undefined for runs of which nobody asked that. */
  readonly progress: (run: Run) => ProgressTeller | undefined;
  /** The image as the model should see it. */
  readonly image: (ref: ImageRef) => Promise<{ readonly bytes: Buffer; readonly contentType: string }>;
}

export function modelStepHandler(parts: ModelStepParts): StepHandler {
  return async (context) => {
    const { run, signal } = context;
    await checkVersion(run, parts);
    const messages = parts.dialect.render(run);
    const maxTokens = turnTokens(run.config, run.usage);
    const errand = {
      lease: `${run.id}-${run.step}-${run.epoch}`,
      tokens: estimateTokens(messages) + maxTokens,
      signal,
    };
    return withinLimits({ ...parts, id: run.config.model }, errand, async (pass) => {
      const value = await generate(context, parts, pass, messages, maxTokens);
      return { value, usage: value.step.usage };
    });
  };
}

/** @throws BelongsElsewhere; CotaError when this worker's words would not fit to those before them */
async function checkVersion(run: Run, { version, concurrency, fleet, queues }: ModelStepParts): Promise<void> {
  const { model, modelVersion } = run.config;
  const begun = begunWith(run);
  const wanted = begun ?? modelVersion;
  const others = wanted === version ? undefined : othersWithModel(fleet, model, wanted, version);
  await insistOnVersion({ kind: 'model', name: model, wanted, mine: version, others, concurrency }, queues);
  if (begun !== undefined && dialectOfVersion(begun) !== dialectOfVersion(version)) {
    throw new CotaError(
      'model_changed',
      `this run began with version ${begun} of model "${model}", which no worker has room for any more; version ${version} writes another dialect and cannot go on with it. Ask again.`,
    );
  }
}

async function generate(
  { run, signal }: StepContext,
  parts: ModelStepParts,
  { onText }: Pass,
  messages: readonly PromptMessage[],
  maxTokens: number,
): Promise<Replied> {
  const { config } = run;
  const progress = parts.progress(run);
  const started = performance.now();
  const generation = await parts.backend
    .generate({
      messages,
      maxTokens,
      temperature: config.temperature,
      topP: config.topP,
      seed: config.seed,
      session: run.id,
      owner: run.tenant,
      turn: run.usage.replies,
      signal,
      image: parts.image,
      onText: progress ? both(onText, progress.say) : onText,
      question: config.question,
      recording: config.replay?.key,
    })
    .finally(() => progress?.end());
  const modelMs = Math.round(performance.now() - started);
  metrics.tokens.inc({ model: poolOfModel(config.model), direction: 'input' }, generation.usage.inputTokens);
  metrics.tokens.inc({ model: poolOfModel(config.model), direction: 'output' }, generation.usage.outputTokens);
  const parsed = parts.dialect.parse(generation.text, run);
  const step: ModelStep = {
    kind: 'model',
    text: generation.text,
    thought: parsed.thought,
    actions: [...parsed.actions],
    ...(parsed.problem === undefined ? {} : { problem: parsed.problem }),
    finishReason: generation.finishReason,
    usage: generation.usage,
    modelVersion: parts.version,
  };
  return { type: 'replied', step, modelMs, holder: parts.backend.holdsPrefix ? parts.workerId : undefined };
}

const both = (first: (() => void) | undefined, second: (text: string) => void) => (text: string) => {
  first?.();
  second(text);
};
