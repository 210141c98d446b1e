/**
 * onnxruntime-node's own session, without the layer that its package puts around it. `InferenceSession.run` of the
 * package hands every output back as a new array, those too that were given to be filled: a copy of all keys and values
 * at each token, four fifths of a step's time. The native part fills given outputs first and copies them afterwards,
 * one by one, into tensors made by a constructor that it was told; ours refuses to be called, so nothing is copied. It
 * computes in the calling thread, which is why the engine has a thread of its own: call `openNativeSession` nowhere else,
 * since the constructor is set once for a thread.
 */
import { createRequire } from 'node:module';
import { isMainThread } from 'node:worker_threads';

/** A tensor as the native part reads it. `data` may be longer than `dims` say. */
export interface NativeTensor {
  readonly type: 'float32' | 'int64';
  readonly location: 'cpu';
  data: Float32Array | BigInt64Array;
  readonly dims: number[];
}

type Tensors = Readonly<Record<string, NativeTensor>>;

interface InputMetadata {
  readonly name: string;
  readonly isTensor: boolean;
  readonly shape: readonly number[];
  /** ONNX's number of an element type: 1 is float32. */
  readonly type: number;
}

interface Binding {
  readonly InferenceSession: new () => {
    loadModel(path: string, options: object): void;
    readonly inputMetadata: readonly InputMetadata[];
    readonly outputMetadata: readonly InputMetadata[];
    run(feeds: Tensors, fetches: Tensors, options: object): unknown;
    dispose(): void;
  };
  initOrtOnce(logLevel: number, tensor: typeof Refused, isMainThread: boolean): void;
}

export interface NativeSession {
  readonly inputs: readonly InputMetadata[];
  readonly provider: 'cpu' | 'cuda';
  /** Computes, and fills `outputs`, each of which must have the length that the graph gives it. */
  run(inputs: Tensors, outputs: Tensors): void;
  close(): void;
}

const FLOAT32 = 1;
const FILLED = new Error('the outputs are filled');

/** Where a tensor for an output is to be made. */
class Refused {
  constructor() {
    throw FILLED;
  }
}

let binding: Binding | undefined;

function load(): Binding {
  if (binding) return binding;
  const native = (createRequire(import.meta.url)('onnxruntime-node/dist/binding.js') as { binding: Binding }).binding;
  const fatal = 4;
  native.initOrtOnce(fatal, Refused, isMainThread);
  binding = native;
  return native;
}

/**
 * @throws Error that names the file
 */
export function openNativeSession(
  path: string,
  options: { readonly provider: 'cpu' | 'cuda'; readonly threads: number },
): NativeSession {
  const { InferenceSession } = load();
  const open = (provider: 'cpu' | 'cuda') => {
    const session = new InferenceSession();
    session.loadModel(path, {
      executionProviders: [provider],
      intraOpNumThreads: options.threads,
      interOpNumThreads: 1,
      graphOptimizationLevel: 'all',
      logSeverityLevel: 4,
    });
    return { session, provider };
  };
  const { session, provider } = attempt(path, options.provider, open);
  const inputs = session.inputMetadata;
  const half = [...inputs, ...session.outputMetadata].find(
    ({ name, type }) => /^(past_key_values|present)\.|^logits$/.test(name) && type !== FLOAT32,
  );
  if (half) {
    session.dispose();
    throw new Error(`${path} keeps ${half.name} in another type than 32-bit floats: export the model as fp32 or int8`);
  }
  return {
    inputs,
    provider,
    run(feeds, fetches) {
      try {
        session.run(feeds, fetches, {});
      } catch (error) {
        if (error !== FILLED) throw error;
      }
    },
    close: () => session.dispose(),
  };
}

/** ONNX Runtime fails hard on a provider that is not there, so the fall-back to the CPU is ours. */
function attempt<T>(path: string, wanted: 'cpu' | 'cuda', open: (provider: 'cpu' | 'cuda') => T): T {
  try {
    if (wanted === 'cuda') {
      try {
        return open('cuda');
      } catch {
        // No GPU, no driver or no CUDA build: the same weights run on the CPU.
      }
    }
    return open('cpu');
  } catch (cause) {
    throw new Error(`${path} cannot be loaded: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
