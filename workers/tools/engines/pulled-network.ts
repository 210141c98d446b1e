/** The side of the worker of engines whose weights are pulled: which weights, whether they are there, and where. */
import { toolSettings } from '../settings.ts';
import type { ToolStatus } from '../tool.ts';
import type { SessionSettings } from './onnx-session.ts';
import { tokenizersStatus } from './tokenizer.ts';

/** What a process needs to load a network. */
export interface NetworkPlace {
  /** Folder of all weights. */
  readonly root: string;
  /** `org/name`, a folder beneath it. */
  readonly repo: string;
  /** Other weights, other hash. */
  readonly hash: string;
  /** Of this network, relative to its own folder: `onnx/model.onnx`. */
  readonly graphs: readonly string[];
  readonly session: SessionSettings;
}

export interface PulledNetwork {
  /** `clip-vit-base-patch32@<hash>`; `@missing` before they are pulled. */
  engine(): string;
  status(): ToolStatus;
  /** @throws Error when the weights are not there: ask `status` first */
  place(): NetworkPlace;
}

const DEFAULTS = {
  'grounding-dino': 'grounding-dino-tiny',
  depth: 'depth-anything-v2-small',
  clip: 'clip-vit-base-patch32',
} as const;

/** @param options.tokenizes whether it reads text */
export function pulledNetwork(
  engine: keyof typeof DEFAULTS,
  { tokenizes }: { readonly tokenizes: boolean },
): PulledNetwork {
  function find() {
    const { config, weights } = toolSettings();
    const id = config.engines.weights[engine] ?? DEFAULTS[engine];
    return { id, state: weights.find(id) };
  }
  return {
    engine() {
      const { id, state } = find();
      return `${id}@${state.ready ? state.hash : 'missing'}`;
    },
    status() {
      const { id, state } = find();
      if (!state.ready)
        return {
          ready: false,
          reason: `This needs the weights "${id}", which are not installed here. Do without it.`,
          remedy: state.remedy,
        };
      if (state.entry.engine !== engine)
        return {
          ready: false,
          reason: `This is set up with the wrong weights, "${id}". Do without it.`,
          remedy: `tools.yaml: engines.weights.${engine} must name weights for ${engine}; "${id}" is for ${state.entry.engine}`,
        };
      return tokenizes ? tokenizersStatus() : { ready: true };
    },
    place() {
      const { id, state } = find();
      if (!state.ready) throw new Error(`the weights ${id} are missing: ${state.remedy}`);
      const { weights, session } = toolSettings();
      const graphs = state.entry.files.map(({ path }) => path).filter((path) => path.endsWith('.onnx'));
      return { root: weights.root, repo: state.entry.repo, hash: state.hash, graphs, session };
    },
  };
}
