/** The side of the process: a network's files, opened. */
import { join } from 'node:path';
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { onnxSession } from './onnx-session.ts';
import type { NetworkPlace } from './pulled-network.ts';

export const folderOf = ({ root, repo }: Pick<NetworkPlace, 'root' | 'repo'>): string => join(root, repo);

/**
 * @param name `model`, `text_model`, ...: the graph of this name, whatever its numbers are (`model_fp16.onnx` too)
 * @throws Error that names what is missing
 */
export function openGraph(place: NetworkPlace, name: string): Promise<InferenceSession> {
  const path = place.graphs.find((graph) => graph === `onnx/${name}.onnx` || graph.startsWith(`onnx/${name}_`));
  if (path === undefined)
    throw new Error(`${place.repo} has no graph "${name}"; it has ${place.graphs.join(', ') || 'none'}`);
  return onnxSession(join(folderOf(place), path), place.session);
}

/**
 * Runs a network. Exports of one architecture differ in the inputs they kept, so it gets those that it asks for.
 * @param output the only one that is fetched
 * @throws Error when the graph wants an input that there is none for, or lacks the output
 */
export async function infer(
  session: InferenceSession,
  inputs: Readonly<Record<string, Tensor>>,
  outputs: readonly string[],
): Promise<Tensor[]> {
  const lacking = outputs.filter((name) => !session.outputNames.includes(name));
  if (lacking.length > 0)
    throw new Error(`the graph has no output ${lacking.join(', ')}, but ${session.outputNames.join(', ')}`);
  const feeds: Record<string, Tensor> = {};
  for (const name of session.inputNames) {
    const input = inputs[name];
    if (!input) throw new Error(`the graph wants "${name}", which is not known here`);
    feeds[name] = input;
  }
  const results = await session.run(feeds, [...outputs]);
  return outputs.map((name) => results[name]!);
}

/** Numbers of an output, as floats. @throws Error when they are of another kind */
export function floatsOf(tensor: Tensor): Float32Array {
  if (tensor.data instanceof Float32Array) return tensor.data;
  throw new Error(`expected float32 and got ${tensor.type}: take weights with 32-bit inputs and outputs`);
}

/** Loads at the first call, once; a load that failed is tried again by the next. */
export function loadedOnce<Network>(
  open: (place: NetworkPlace) => Promise<Network>,
): (place: NetworkPlace) => Promise<Network> {
  let network: Promise<Network> | undefined;
  return (place) => {
    if (!network) {
      network = open(place);
      network.catch(() => {
        network = undefined;
      });
    }
    return network;
  };
}
