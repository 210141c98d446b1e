/** Asks a model one thing, through the breaker and the limiter that it has in the whole cluster. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../../../shared/cluster.ts';
import type { ImageRef } from '../../../shared/contract.ts';
import type { ChainImage } from '../../../shared/data/chain.ts';
import { CotaError, codeOf, ruleOf } from '../../../shared/errors.ts';
import { modelPart } from '../../../shared/images.ts';
import { openModelGate } from '../../../shared/model-gate.ts';
import { isTrainedId } from '../../../shared/models/trained-id.ts';
import { type ModelEntry, type Models, noSuchModel } from '../../../shared/models.ts';
import type { PromptMessage } from '../../model/backends/backend.ts';
import { BackendAway, BackendRefused } from '../../model/backends/backend.ts';
import { openBackend } from '../../model/backends/open.ts';
import { openBreaker } from '../../model/breaker.ts';
import { estimateTokens, type SharedModel, withinLimits } from '../../model/within-limits.ts';
import type { ModelQuestion, Services } from '../factory/services.ts';

export type AskingParts = Pick<Cluster, 'redis' | 'objects' | 'env' | 'lifecycle'>;

/** Tries of a question where the engine answered it with an error; waiting for one that is away spends none. */
const TRIES = 3;
const PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

/**
 * Engines are opened when they are first asked, and closed when the process stops, after the shards that ask them.
 * @param models read when a question is first asked
 */
export function openAsking(parts: AskingParts, models: () => Models): Services['ask'] {
  const opened = new Map<string, Promise<SharedModel>>();
  parts.lifecycle.onStop('models that stages ask', async () => {
    const all = await Promise.allSettled(opened.values());
    await Promise.all(all.map((model) => (model.status === 'fulfilled' ? model.value.backend.close() : undefined)));
  });

  const open = async (id: string, entry: ModelEntry): Promise<SharedModel> => {
    const { env, objects, redis } = parts;
    const backend = await openBackend(id, entry, { env, models: models(), objects });
    const { concurrency, tokens_per_minute: tokensPerMinute } = entry.limits;
    const gate = openModelGate(redis, id, { concurrency, tokensPerMinute });
    return { id, backend, gate, breaker: openBreaker(id, gate), leaseMs: env.COTA_STEP_TIMEOUT_MS };
  };

  return async (question, signal) => {
    const entry = entryOf(question.model, models());
    let model = opened.get(question.model);
    if (!model) {
      model = open(question.model, entry);
      model.catch(() => opened.delete(question.model));
      opened.set(question.model, model);
    }
    return await untilAnswered(await model, question, entry, parts, signal);
  };
}

function entryOf(id: string, models: Models): ModelEntry & { readonly version: string } {
  const entry = models.get(id);
  const trained = isTrainedId(id);
  if (!entry && !trained) throw noSuchModel(id, models.ids);
  if (!entry || entry.backend === 'onnx') {
    const words = `The model '${id}' only writes chains of thought and action: it cannot be asked a question in free words. Name a model whose backend is openai.`;
    throw new CotaError('invalid_value', words);
  }
  return entry;
}

async function untilAnswered(
  model: SharedModel,
  question: ModelQuestion,
  entry: ModelEntry & { readonly version: string },
  { objects }: Pick<AskingParts, 'objects'>,
  signal: AbortSignal,
): ReturnType<Services['ask']> {
  const images = (question.images ?? []).map(refOf);
  const messages = messagesOf(question, images);
  const maxTokens = Math.min(question.maxTokens, entry.max_turn_tokens);
  const { temperature, seed } = question;
  let fails = 0;
  for (let tries = 0; ; tries++) {
    signal.throwIfAborted();
    await lookAfter(model);
    const lease = `data-${randomUUID()}`;
    try {
      return await withinLimits(
        model,
        { lease, tokens: estimateTokens(messages) + maxTokens, signal },
        async ({ onText }) => {
          const { text, usage } = await model.backend.generate({
            ...{
              messages,
              maxTokens,
              temperature,
              seed,
              session: lease,
              turn: 0,
              signal,
              onText,
              question: question.user,
            },
            image: async (ref) => modelPart((await objects.get(ref.key)).bytes, { maxPixels: entry.max_pixels }),
          });
          const tokens = { input: usage.inputTokens, output: usage.outputTokens };
          return { value: { text, modelVersion: entry.version, tokens }, usage };
        },
      );
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof BackendAway) await model.breaker.trip(error);
      if (error instanceof BackendRefused) {
        throw new CotaError('model_refused', `The model '${model.id}' refuses this question: ${error.message}`, {
          cause: error,
        });
      }
      const { run } = ruleOf(codeOf(error));
      if (run === 'fail') throw error;
      if (run === 'retry' && ++fails >= TRIES) throw error;
      const hint = error instanceof CotaError || error instanceof BackendAway ? error.retryAfterMs : undefined;
      await sleep(Math.min(LONGEST_PAUSE_MS, hint ?? PAUSE_MS * 2 ** Math.min(tries, 5)), undefined, { signal });
    }
  }
}

/** No model worker may serve a model that only stages ask: then nobody else would see that its engine is back. */
async function lookAfter({ breaker, backend }: SharedModel): Promise<void> {
  const { is, forMs } = await breaker.look();
  if (is === 'open' && forMs === 0) await breaker.probe(backend);
}

function refOf(image: ChainImage): ImageRef {
  const { name, width, height, key, sha256, contentType } = image;
  if (key === undefined || sha256 === undefined) {
    throw new CotaError('invalid_value', `${name} was never drawn: a model cannot look at it.`);
  }
  return { name, width, height, key, sha256, contentType: contentType ?? 'image/png', bytes: 0 };
}

function messagesOf({ system, user }: ModelQuestion, images: readonly ImageRef[]): PromptMessage[] {
  const content: PromptMessage['content'] = [
    ...images.map((image) => ({ type: 'image' as const, image })),
    { type: 'text', text: user },
  ];
  return [
    ...(system === '' ? [] : [{ role: 'system' as const, content: [{ type: 'text' as const, text: system }] }]),
    { role: 'user', content },
  ];
}
