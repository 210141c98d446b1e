import { fromText, ID, toText } from '../../../shared/nano/format.ts';
import type { Constraint } from '../../../shared/nano/speakable/mask.ts';
import { readDecoderFolder } from '../engine/decoder-config.ts';
import { openEngine } from '../engine/engine.ts';
import type { EngineOptions, Opened } from '../engine/messages.ts';
import type { EngineStats } from '../engine/scheduler.ts';
import { type Backend, BackendRefused, type GenerateRequest, type Generation, type PromptMessage } from './backend.ts';
import { checkVocabulary, MASKS } from './vocabulary.ts';

export interface OnnxOptions extends Pick<EngineOptions, 'folder' | 'provider' | 'threads'> {
  /** Left out: 32-bit floats. */
  readonly dtype?: EngineOptions['dtype'] | undefined;
  /** Bytes of keys and values kept for runs whose next turn is to come. */
  readonly cacheBytes: number;
  /** Bytes of keys and values of turns under way; left out: SLOT_BYTES. */
  readonly slotBytes?: number | undefined;
  /** What the model may say at each place; see shared/nano/speakable/mask.ts. */
  readonly constraint: Constraint;
  /** Turns that are weighed against each other at temperature 0; 1, as when left out, is greedy. See engine/turn.ts. */
  readonly branches?: number;
  /** Hears the engine's figures from time to time. */
  readonly onStats?: ((stats: EngineStats) => void) | undefined;
}

/** Enough for 64 turns of 512 tokens of cota-nano. */
const SLOT_BYTES = 256 * 2 ** 20;

/** The token ids of a conversation: its text is the readable form, message after message. */
function promptIds(messages: readonly PromptMessage[]): number[] {
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

/**
 * Serves a cota-nano folder with the engine, which batches all turns that are asked for at a time and keeps keys and
 * values for a run's next turn.
 *
 * @throws Error when the folder cannot be loaded or was trained on another vocabulary
 */
export async function openOnnxBackend(options: OnnxOptions): Promise<Backend & { readonly model: Opened }> {
  const { folder, provider, threads, cacheBytes, constraint, onStats } = options;
  const dtype = options.dtype ?? 'fp32';
  const { config } = await readDecoderFolder(folder, dtype);
  checkVocabulary(folder, config.cota_vocabulary);
  const engine = await openEngine(
    { ...{ folder, provider, threads, cacheBytes, dtype, masks: MASKS }, slotBytes: options.slotBytes ?? SLOT_BYTES },
    onStats,
  );

  async function generate(request: GenerateRequest): Promise<Generation> {
    const { signal, onText, temperature, topP } = request;
    signal.throwIfAborted();
    const prompt = promptIds(request.messages);
    if (prompt.length >= engine.longest) {
      throw new BackendRefused(
        'context_length_exceeded',
        `the prompt has ${prompt.length} tokens, the model reads ${engine.longest}: ask less or read fewer images`,
      );
    }
    const branches = options.branches ?? 1;
    const weighed = temperature <= 0 && branches > 1;
    const { said, cachedTokens } = await engine.generate(
      {
        ...{ prompt, branches, temperature, topP, maxTokens: request.maxTokens, end: [ID.end] },
        owner: request.owner ?? '',
        session: request.session,
        constraint: constraint === 'none' ? undefined : constraint,
        seed: (request.seed ?? Math.floor(Math.random() * 2 ** 31)) + request.turn,
      },
      signal,
      onText && !weighed ? (id) => onText(toText([id])) : undefined,
    );
    if (weighed) onText?.(toText(said));
    return {
      text: toText(said),
      finishReason: said.at(-1) === ID.end ? 'stop' : 'length',
      usage: { inputTokens: prompt.length, outputTokens: said.length, cachedTokens },
    };
  }

  return {
    model: engine,
    holdsPrefix: true,
    generate,
    // The weights lie in this process: if it answers at all, they are here.
    check: () => Promise.resolve(),
    close: () => engine.close(),
  };
}
