import { closeSync, openSync, readSync } from 'node:fs';
import type { Calls } from './calls.ts';
import { type DecoderConfig, type Dtype, readDecoderFolder, shapeOf } from './decoder-config.ts';
import { openNativeSession } from './native-session.ts';
import { plainCalls } from './plain-calls.ts';
import { sharedCalls } from './shared-calls.ts';
import { openSlots, type Slots } from './slots.ts';

export interface DecoderOptions {
  /** Holds config.json and onnx/model.onnx. */
  readonly folder: string;
  readonly dtype: Dtype;
  readonly provider: 'cpu' | 'cuda';
  /** Threads of one call; 1 is best for small models, whose operations are too short to share. */
  readonly threads: number;
  /** For keys and values of the sequences under way. */
  readonly slotBytes: number;
}

/** A decoder with its weights and the memory for its keys and values. Computes in the calling thread. */
export interface Decoder extends Calls {
  readonly config: DecoderConfig;
  /** What it really runs on. */
  readonly provider: 'cpu' | 'cuda';
  readonly slots: Slots;
  /** Tokens of the longest sequence: what the model can read, and what there is memory for. */
  readonly longest: number;
  close(): void;
}

/** Whether the graph's attention appends in place and takes sequences of unequal lengths. */
function hasGroupQueryAttention(path: string): boolean {
  const wanted = 'GroupQueryAttention';
  const file = openSync(path, 'r');
  try {
    const piece = Buffer.alloc(1 << 20);
    for (let at = 0; ; at += piece.length - wanted.length) {
      const read = readSync(file, piece, 0, piece.length, at);
      if (piece.subarray(0, read).includes(wanted)) return true;
      if (read < piece.length) return false;
    }
  } finally {
    closeSync(file);
  }
}

/**
 * Opens a folder in the Hugging Face ONNX layout, of any decoder-only model that keeps keys and values.
 * @param within does what must not be left in its middle
 * @throws Error that names the file, and what to do
 */
export async function openDecoder(
  options: DecoderOptions,
  within: <T>(work: () => T) => T | undefined = (work) => work(),
): Promise<Decoder> {
  const { config, path } = await readDecoderFolder(options.folder, options.dtype);
  const session = within(() => openNativeSession(path, options));
  if (!session) throw new Error('the process is about to exit');
  const shape = shapeOf(config);
  const needed = [
    'input_ids',
    'attention_mask',
    ...Array.from({ length: shape.layers }, (_, layer) => `past_key_values.${layer}`).flatMap((name) => [
      `${name}.key`,
      `${name}.value`,
    ]),
  ];
  const names = new Set(session.inputs.map(({ name }) => name));
  const missing = needed.find((name) => !names.has(name));
  const unknown = [...names].find((name) => !needed.includes(name) && name !== 'position_ids');
  if (missing !== undefined || unknown !== undefined) {
    session.close();
    throw new Error(
      missing !== undefined
        ? `${path} has no input ${missing}: it must be exported with its key-value cache`
        : `${path} wants an input ${unknown}, which a decoder-only model in the Hugging Face ONNX layout does not have`,
    );
  }
  const slots = openSlots(shape, options.slotBytes);
  const longest = Math.min(config.max_position_embeddings, slots.capacity);
  if (longest < 2) {
    session.close();
    throw new Error(`${options.slotBytes} bytes hold no key and value of ${options.folder}: raise COTA_ONNX_KV_BYTES`);
  }
  const parts = { session, slots, vocabulary: config.vocab_size, positions: names.has('position_ids'), longest };
  const calls = hasGroupQueryAttention(path) ? sharedCalls(parts) : plainCalls(parts);
  return { config, provider: session.provider, slots, longest, ...calls, close: () => session.close() };
}
