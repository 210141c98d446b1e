import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { z } from 'zod';

/** The fields of a Hugging Face config.json that running a decoder needs. */
const decoderConfig = z.object({
  vocab_size: z.int().positive(),
  num_hidden_layers: z.int().positive(),
  num_attention_heads: z.int().positive(),
  num_key_value_heads: z.int().positive().optional(),
  hidden_size: z.int().positive(),
  head_dim: z.int().positive().optional(),
  max_position_embeddings: z.int().positive(),
  /** Written by our export: which token ids the weights were trained on. */
  cota_vocabulary: z.string().optional(),
});
export type DecoderConfig = z.infer<typeof decoderConfig>;

/** Keys and values of all layers for the tokens fed so far, by input name. */
export type KeyValues = Record<string, Tensor>;

/** A decoder in the Hugging Face ONNX layout, with its weights loaded. */
export interface OnnxModel {
  readonly config: DecoderConfig;
  /** What it really runs on. */
  readonly provider: 'cpu' | 'cuda';
  /** Bytes of keys and values per token. */
  readonly bytesPerToken: number;
  emptyPast(): KeyValues;
  /**
   * Feeds tokens after those in `past` (which stays valid) and gives the logits after the last of them.
   * @param position how many tokens `past` holds
   */
  feed(
    ids: readonly number[],
    position: number,
    past: KeyValues,
  ): Promise<{ logits: Float32Array; present: KeyValues }>;
  close(): Promise<void>;
}

export interface OnnxModelOptions {
  /** Holds config.json and onnx/model.onnx. */
  readonly folder: string;
  readonly provider: 'cpu' | 'cuda';
  /** Threads of one run; 1 is best for small models, whose operations are too short to share. */
  readonly threads: number;
}

/** ONNX Runtime fails hard on a provider that is not there, so the fall-back to the CPU is ours. */
async function openSession(
  path: string,
  options: OnnxModelOptions,
): Promise<{ session: InferenceSession; provider: 'cpu' | 'cuda' }> {
  const shared = {
    intraOpNumThreads: options.threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
  } as const;
  if (options.provider === 'cuda') {
    try {
      return {
        session: await InferenceSession.create(path, { ...shared, executionProviders: ['cuda'] }),
        provider: 'cuda',
      };
    } catch {
      // No GPU, no driver or no CUDA build: the same weights run on the CPU.
    }
  }
  return { session: await InferenceSession.create(path, { ...shared, executionProviders: ['cpu'] }), provider: 'cpu' };
}

/**
 * Opens a model folder. Throws an Error that names the file when one is missing or is not what the layout says.
 */
export async function openOnnxModel(options: OnnxModelOptions): Promise<OnnxModel> {
  const configPath = join(options.folder, 'config.json');
  const text = await readFile(configPath, 'utf8').catch(() => {
    throw new Error(`${configPath} cannot be read: models.yaml must name a folder in the Hugging Face ONNX layout`);
  });
  const config = decoderConfig.parse(JSON.parse(text));
  const modelPath = join(options.folder, 'onnx', 'model.onnx');
  const { session, provider } = await openSession(modelPath, options).catch((cause: unknown) => {
    throw new Error(`${modelPath} cannot be loaded: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  });
  const heads = config.num_key_value_heads ?? config.num_attention_heads;
  const headDim = config.head_dim ?? config.hidden_size / config.num_attention_heads;
  const names = Array.from({ length: config.num_hidden_layers }, (_, layer) =>
    ['key', 'value'].map((part) => `${layer}.${part}`),
  ).flat();
  const wantsPositions = session.inputNames.includes('position_ids');
  const missing = ['input_ids', 'attention_mask', ...names.map((name) => `past_key_values.${name}`)].filter(
    (name) => !session.inputNames.includes(name),
  );
  if (missing.length > 0)
    throw new Error(`${modelPath} has no input ${missing[0]}: it must be exported with its key-value cache`);
  const whole = (values: BigInt64Array, length: number) => new Tensor('int64', values, [1, length]);

  return {
    config,
    provider,
    bytesPerToken: names.length * heads * headDim * Float32Array.BYTES_PER_ELEMENT,
    emptyPast: () =>
      Object.fromEntries(
        names.map((name) => [
          `past_key_values.${name}`,
          new Tensor('float32', new Float32Array(0), [1, heads, 0, headDim]),
        ]),
      ),
    async feed(ids, position, past) {
      const total = position + ids.length;
      const feeds: Record<string, Tensor> = {
        input_ids: whole(BigInt64Array.from(ids, BigInt), ids.length),
        attention_mask: whole(new BigInt64Array(total).fill(1n), total),
        ...past,
      };
      if (wantsPositions)
        feeds.position_ids = whole(
          BigInt64Array.from(ids, (_, at) => BigInt(position + at)),
          ids.length,
        );
      const outputs = await session.run(feeds);
      const logits = outputs.logits as Tensor;
      const all = logits.data as Float32Array;
      const present = Object.fromEntries(
        names.map((name) => [`past_key_values.${name}`, outputs[`present.${name}`] as Tensor]),
      );
      return { logits: all.slice(all.length - config.vocab_size), present };
    },
    close: () => session.release(),
  };
}
