import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { fromText, ID, TOKENS, toText } from '../../../shared/nano/format.ts';
import { type Backend, BackendRefused, type GenerateRequest, type Generation, type PromptMessage } from './backend.ts';
import { type KeyValues, type OnnxModel, type OnnxModelOptions, openOnnxModel } from './onnx-model.ts';
import { sampler } from './sampling.ts';
import { likeliestTurn } from './search.ts';
import { type Constraint, speakable } from './speakable.ts';

export interface OnnxOptions extends OnnxModelOptions {
  /** Bytes of keys and values kept for runs whose next turn is to come. */
  readonly cacheBytes: number;
  /** What the model may say at each place; see speakable.ts. */
  readonly constraint: Constraint;
  /** Turns that are weighed against each other at temperature 0; 1, as when left out, is greedy. See search.ts. */
  readonly branches?: number;
}

/** What a run has been fed so far. */
interface Prefix {
  readonly ids: readonly number[];
  readonly past: KeyValues;
}

/** Tokens per call while a prompt is read: onnxruntime-node computes on the event loop, which must stay free for lock renewal. */
const CHUNK = 256;

/** The vocabulary that format.ts speaks; weights trained on another would answer nonsense. */
export const vocabulary = createHash('sha256').update(JSON.stringify(TOKENS)).digest('hex').slice(0, 16);

/** The token ids of a conversation: its text is the readable form, message after message. */
export function promptIds(messages: readonly PromptMessage[]): number[] {
  const parts = messages.flatMap((message) => message.content);
  if (parts.some((part) => part.type === 'image')) {
    throw new BackendRefused(
      'no_images',
      'this model sees images only through tools: render the run with the nano dialect',
    );
  }
  const text = parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
  try {
    return fromText(text);
  } catch (error) {
    throw new BackendRefused(
      'invalid_prompt',
      `the prompt is not in cota-nano's format: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

function startsWith(ids: readonly number[], prefix: readonly number[]): boolean {
  return prefix.length < ids.length && prefix.every((id, at) => ids[at] === id);
}

/**
 * Runs a cota-nano folder in this process with onnxruntime-node. A run's keys and values are kept by session until
 * `cacheBytes` are used, least recently used first, so that a turn feeds only what is new. Calls may overlap: each owns
 * its prefix while it works, and a second call of the same session reads its prompt anew.
 *
 * @throws Error when the folder cannot be loaded or was trained on another vocabulary
 */
export async function openOnnxBackend(options: OnnxOptions): Promise<Backend & { readonly model: OnnxModel }> {
  const model = await openOnnxModel(options);
  const trained = model.config.cota_vocabulary;
  if (trained !== vocabulary) {
    await model.close();
    throw new Error(
      `${options.folder} was trained on vocabulary ${trained ?? '(none named)'}, this program speaks ${vocabulary}: export the model again`,
    );
  }
  const prefixes = new LRUCache<string, Prefix>({
    maxSize: Math.max(1, options.cacheBytes),
    sizeCalculation: (prefix) => Math.max(1, prefix.ids.length * model.bytesPerToken),
  });

  /** The session's prefix, taken out of the cache so that nobody else uses it, or an empty one. */
  function takePrefix(session: string, ids: readonly number[]): Prefix {
    const kept = prefixes.get(session);
    if (!kept || !startsWith(ids, kept.ids)) return { ids: [], past: model.emptyPast() };
    prefixes.delete(session);
    return kept;
  }

  async function generate(request: GenerateRequest): Promise<Generation> {
    request.signal.throwIfAborted();
    const prompt = promptIds(request.messages);
    const room = model.config.max_position_embeddings - prompt.length;
    if (room < 1) {
      throw new BackendRefused(
        'context_length_exceeded',
        `the prompt has ${prompt.length} tokens, the model reads ${model.config.max_position_embeddings}: ask less or read fewer images`,
      );
    }
    const prefix = takePrefix(request.session, prompt);
    let past = prefix.past;
    let fed = prefix.ids.length;
    let logits: Float32Array = new Float32Array(0);
    const feed = async (ids: readonly number[]) => {
      request.signal.throwIfAborted();
      const result = await model.feed(ids, fed, past);
      past = result.present;
      logits = result.logits;
      fed += ids.length;
    };
    for (let at = fed; at < prompt.length; at += CHUNK) await feed(prompt.slice(at, at + CHUNK));

    const mask = options.constraint === 'none' ? undefined : speakable(prompt, options.constraint);
    const limit = Math.min(request.maxTokens, room);
    let said: number[] = [];
    if (request.temperature <= 0) {
      const branches = options.branches ?? 1;
      const turn = await likeliestTurn({
        past,
        fed,
        logits,
        mask,
        limit,
        branches,
        end: ID.end,
        onToken: (id) => request.onText?.(toText([id])),
        feed: (ids, position, before) => {
          request.signal.throwIfAborted();
          return model.feed(ids, position, before);
        },
      });
      ({ said, past, fed } = turn);
      if (branches > 1) request.onText?.(toText(said));
    } else {
      const seed = (request.seed ?? Math.floor(Math.random() * 2 ** 31)) + request.turn;
      const choose = sampler({ temperature: request.temperature, topP: request.topP, seed });
      while (said.length < limit && said.at(-1) !== ID.end) {
        if (said.length > 0) await feed(said.slice(-1));
        mask?.(said, logits);
        const id = choose(logits);
        said.push(id);
        request.onText?.(toText([id]));
      }
    }
    request.signal.throwIfAborted();
    prefixes.set(request.session, { ids: [...prompt, ...said].slice(0, fed), past });
    return {
      text: toText(said),
      finishReason: said.at(-1) === ID.end ? 'stop' : 'length',
      usage: { inputTokens: prompt.length, outputTokens: said.length, cachedTokens: prefix.ids.length },
    };
  }

  return {
    model,
    holdsPrefix: true,
    generate,
    // The weights lie in this process: if it answers at all, they are here.
    check: () => Promise.resolve(),
    close: async () => {
      prefixes.clear();
      await model.close();
    },
  };
}
