/** Asking again what a run asked: the same question, images, tools and budgets, of the model as it is now. */
import type { RunConfig, ToolSpec } from '../contract.ts';
import { dialectLimits, seenLength } from '../dialect-limits.ts';
import { CotaError } from '../errors.ts';
import { type Models, noSuchModel } from '../models.ts';
import { promptVersionOf } from '../prompt-versions.ts';
import type { RunView } from '../response.ts';
import { statusOf } from '../response.ts';
import type { CheckedImage } from './submit.ts';

export interface RetryContext {
  readonly models: Models;
  /** Tools that the cluster knows, served just now or not. */
  readonly tools: readonly ToolSpec[];
  /** Epoch milliseconds of Redis' clock. */
  readonly now: number;
}

/**
 * What the new run is pinned to. A line of a batch becomes a run of its own.
 * @throws CotaError where the run has not ended, or the cluster cannot do the same any more
 */
export function retriedConfig(run: RunView, context: RetryContext): Omit<RunConfig, 'sources'> {
  const status = statusOf(run);
  if (status === 'queued' || status === 'in_progress') {
    throw new CotaError('still_running', `The run is ${status}: wait for its end or cancel it, then try again.`);
  }
  const { sources: _sources, batch, progress: _progress, ...pinned } = run.config;
  const { model, deadline } = pinned;
  if (pinned.call)
    return { ...pinned, tools: currentTools(pinned.tools, model, undefined, context.tools), retryOf: run.id };
  const entry = context.models.get(model);
  if (!entry) {
    const { message } = noSuchModel(model, context.models.ids);
    throw new CotaError('model_not_found', `The model of this run is gone. ${message}`);
  }
  const limits = dialectLimits[entry.dialect];
  if (limits.question !== undefined && seenLength(pinned.question) > limits.question) {
    const words = `The model '${model}' takes questions of at most ${limits.question} characters now: ask another model.`;
    throw new CotaError('string_above_max_length', words);
  }
  if (pinned.replay && entry.backend !== 'replay') {
    throw new CotaError('invalid_value', `This run replayed a recording, and '${model}' is no replay model any more.`);
  }
  return {
    ...pinned,
    modelVersion: entry.version,
    dialect: entry.dialect,
    promptVersion: promptVersionOf(entry.dialect),
    tools: currentTools(pinned.tools, model, entry.tools, context.tools),
    budgets: { ...pinned.budgets, turnTokens: entry.max_turn_tokens },
    // Whoever asks a line again by itself waits for it.
    priority: batch ? 'interactive' : pinned.priority,
    // As far ahead as it was.
    ...(deadline === undefined ? {} : { deadline: Math.ceil(context.now + deadline - run.createdAt) }),
    retryOf: run.id,
  };
}

/** The same tools in the versions that the cluster has now. */
function currentTools(
  pinned: readonly ToolSpec[],
  model: string,
  known: readonly string[] | undefined,
  announced: readonly ToolSpec[],
): ToolSpec[] {
  return pinned.map(({ name }) => {
    if (known && !known.includes(name)) {
      throw new CotaError(
        'unknown_tool',
        `The run may use ${name}, which the model '${model}' does not know any more.`,
      );
    }
    const now = announced.find((tool) => tool.name === name);
    if (now) return now;
    throw new CotaError(
      'tool_away',
      `The run may use ${name}, which no worker has announced: start one that serves it.`,
      {
        retryAfterMs: 5_000,
      },
    );
  });
}

/** Its images as it took them in; of a run that never came so far, what it was to take in. */
export function retriedImages({ config, images }: RunView): CheckedImage[] {
  const { sources } = config;
  return sources.map((source, index): CheckedImage => {
    const image = images[index];
    if (image) return { from: 'run', key: image.key };
    if (source.from === 'url') return source;
    return source.copy ? { from: 'object', key: source.key, bytes: source.bytes } : { from: 'run', key: source.key };
  });
}
