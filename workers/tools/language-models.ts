/**
 * Lets tools ask models: the one that tools.yaml names, or the run's own. They are asked through the same breaker and
 * limiter as by model workers, so that a tool cannot take more of an engine than models.yaml allows.
 */
import { randomUUID } from 'node:crypto';
import type { Cluster } from '../../shared/cluster.ts';
import type { ImageRef, Run, TokenUsage } from '../../shared/contract.ts';
import { modelPart } from '../../shared/images.ts';
import { openModelGate } from '../../shared/model-gate.ts';
import { tokensLeft } from '../../shared/run/budget.ts';
import { metrics } from '../../shared/telemetry.ts';
import { BackendAway, BackendRefused, type GenerateRequest, type PromptMessage } from '../model/backends/backend.ts';
import { openBackend } from '../model/backends/open.ts';
import { openBreaker } from '../model/breaker.ts';
import { estimateTokens, type SharedModel, withinLimits } from '../model/within-limits.ts';
import { type AskedModel, askedModel } from './asked-model.ts';
import type { ToolServices } from './context.ts';
import type { ToolSettings } from './settings.ts';
import { type Question, type Reply, ToolError } from './tool.ts';

/** Engines are opened when first asked, and closed when the process stops, after the steps that ask them. */
export function openLanguageModels(
  cluster: Pick<Cluster, 'redis' | 'objects' | 'env' | 'lifecycle'>,
  settings: ToolSettings,
): ToolServices['ask'] {
  const opened = new Map<string, Promise<SharedModel>>();
  // Registered now: what is registered at the first question would be closed before the steps have ended.
  cluster.lifecycle.onStop('asked models', async () => {
    const models = await Promise.allSettled(opened.values());
    await Promise.all(models.map((model) => (model.status === 'fulfilled' ? model.value.backend.close() : undefined)));
  });

  const open = async ({ id, entry, models }: AskedModel): Promise<SharedModel> => {
    const { env, objects, redis } = cluster;
    const backend = await openBackend(id, entry, { env, models, objects });
    const { concurrency, tokens_per_minute: tokensPerMinute } = entry.limits;
    const gate = openModelGate(redis, id, { concurrency, tokensPerMinute });
    return { id, backend, gate, breaker: openBreaker(id, gate), leaseMs: env.COTA_STEP_TIMEOUT_MS };
  };
  const modelOf = (asked: AskedModel): Promise<SharedModel> => {
    let model = opened.get(asked.id);
    if (!model) {
      model = open(asked);
      model.catch(() => opened.delete(asked.id));
      opened.set(asked.id, model);
    }
    return model;
  };

  return async (run, question, signal) => {
    const asked = askedModel(question.images ? 'vision' : 'language', run, settings);
    const maxTokens = allowance(run, question, asked);
    const model = await modelOf(asked);
    await lookAfter(model);
    const messages = messagesOf(question);
    const errand = {
      lease: `${run.id}-${run.step}-${randomUUID()}`,
      tokens: estimateTokens(messages) + maxTokens,
      signal,
    };
    try {
      return await withinLimits(model, errand, async ({ onText }) => {
        const { temperature, max_pixels: maxPixels } = asked.entry;
        const { text, finishReason, usage } = await model.backend.generate({
          ...{ messages, maxTokens, temperature, seed: run.config.seed, session: run.id, turn: 0, signal, onText },
          question: question.text,
          image: imageOf(question, maxPixels),
        });
        const value = { text: text.trim(), cutOff: finishReason === 'length', usage };
        return { value: counted(asked.id, value), usage };
      });
    } catch (error) {
      if (error instanceof BackendAway) await model.breaker.trip(error);
      if (error instanceof BackendRefused) throw new ToolError(error.code, refusal(asked.id, error));
      throw error;
    }
  };
}

/** @returns output tokens that the answer may have. @throws ToolError when the run has none left */
function allowance(run: Run, question: Question, { entry }: AskedModel): number {
  const left = tokensLeft(run.config, run.usage);
  if (left < 1) {
    throw new ToolError(
      'budget_spent',
      'The output tokens of this run are spent, so that no model can be asked any more. Call Terminate with the answer.',
    );
  }
  // The turns of a run are another model's; a call of a tool has no others.
  const most = run.config.call ? run.config.budgets.turnTokens : Infinity;
  return Math.min(question.maxTokens, entry.max_turn_tokens, most, left);
}

/**
 * Model workers see to it that an engine that is away is asked whether it is back. No worker may serve a model that only
 * tools ask, and then its breaker would stay open.
 */
async function lookAfter({ breaker, backend }: SharedModel): Promise<void> {
  const { is, forMs } = await breaker.look();
  if (is === 'open' && forMs === 0) await breaker.probe(backend);
}

function messagesOf({ instructions, text, images = [] }: Question): PromptMessage[] {
  const parts: PromptMessage['content'] = [
    ...images.map(({ ref }) => ({ type: 'image' as const, image: ref })),
    { type: 'text', text },
  ];
  return [
    ...(instructions === undefined
      ? []
      : [{ role: 'system' as const, content: [{ type: 'text' as const, text: instructions }] }]),
    { role: 'user', content: parts },
  ];
}

function imageOf({ images = [] }: Question, maxPixels: number): GenerateRequest['image'] {
  return async (ref: ImageRef) => {
    const image = images.find((one) => one.ref.sha256 === ref.sha256);
    if (!image) throw new Error(`${ref.name} is no image of this question`);
    return modelPart(image.bytes, { maxPixels });
  };
}

function counted(model: string, value: Reply & { readonly usage: TokenUsage }) {
  metrics.tokens.inc({ model, direction: 'input' }, value.usage.inputTokens);
  metrics.tokens.inc({ model, direction: 'output' }, value.usage.outputTokens);
  return value;
}

const refusal = (id: string, { code, message }: BackendRefused): string =>
  code === 'context_length_exceeded'
    ? `This is too long for the model that was asked. Ask something shorter.`
    : `The model that was asked (${id}) refuses this: ${message}. Ask in other words, or do without it.`;
