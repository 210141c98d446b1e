import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
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

/** Numbers of a weight: 32-bit floats, or 8-bit integers with a scale for each block of 32. */
export type Dtype = 'fp32' | 'int8';

/** The names that @huggingface/transformers gives them. */
const FILES: Readonly<Record<Dtype, string>> = { fp32: 'model.onnx', int8: 'model_int8.onnx' };

/** Shape of what a decoder keeps of each token. */
export interface DecoderShape {
  readonly layers: number;
  readonly kvHeads: number;
  readonly headDim: number;
}

/** Bytes of keys and values per token. */
export function bytesPerToken({ layers, kvHeads, headDim }: DecoderShape): number {
  return 2 * layers * kvHeads * headDim * Float32Array.BYTES_PER_ELEMENT;
}

export function shapeOf(config: DecoderConfig): DecoderShape {
  return {
    layers: config.num_hidden_layers,
    kvHeads: config.num_key_value_heads ?? config.num_attention_heads,
    headDim: config.head_dim ?? config.hidden_size / config.num_attention_heads,
  };
}

export interface DecoderFolder {
  readonly config: DecoderConfig;
  /** Path of the graph with its weights. */
  readonly path: string;
}

/**
 * What a folder in the Hugging Face ONNX layout says of itself.
 * @throws Error that names the file which is missing or wrong, and what to do
 */
export async function readDecoderFolder(folder: string, dtype: Dtype): Promise<DecoderFolder> {
  const configPath = join(folder, 'config.json');
  const text = await readFile(configPath, 'utf8').catch(() => {
    throw new Error(`${configPath} cannot be read: models.yaml must name a folder in the Hugging Face ONNX layout`);
  });
  const config = parse(configPath, text);
  const path = join(folder, 'onnx', FILES[dtype]);
  await access(path).catch(() => {
    throw new Error(`${path} is not there: export the model as ${dtype}, or name another dtype in models.yaml`);
  });
  return { config, path };
}

function parse(path: string, text: string): DecoderConfig {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw new Error(`${path} is not JSON: copy it from the model's repository again`);
  }
  const parsed = decoderConfig.safeParse(document);
  if (parsed.success) return parsed.data;
  const [fault] = parsed.error.issues;
  throw new Error(
    `${path} is not the config.json of a decoder: ${fault?.path.join('.')}: ${fault?.message}; only decoder-only models run here`,
  );
}
