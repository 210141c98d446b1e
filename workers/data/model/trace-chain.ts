/** A run's trace as a chain: what it thought, did and saw, with the pictures that it looked at and made. */
import type { Step } from '../../../shared/contract.ts';
import type { Chain, ChainImage, ChainObservation, ChainTurn } from '../../../shared/data/chain.ts';
import { paths } from '../../../shared/keys.ts';
import { ObjectMissing, type ObjectStore } from '../../../shared/object-store.ts';
import { readTrace, type Trace } from '../../../shared/run/trace.ts';
import { keepPicture, pictureKey } from '../factory/pictures.ts';
import { pictureHash } from '../filter/picture-hash.ts';

type ImageRef = Trace['images'][number];

/** @returns undefined where the run has been deleted, or left no trace */
export async function traceOfRun(objects: ObjectStore, tenant: string, run: string): Promise<Trace | undefined> {
  try {
    const { bytes } = await objects.get(paths.trace(tenant, run));
    return readTrace(bytes.toString());
  } catch (error) {
    if (error instanceof ObjectMissing) return undefined;
    throw error;
  }
}

export interface KeptImages {
  /** The picture as chains name it, kept for as long as the data job. @returns undefined where its bytes are gone */
  keep(ref: ImageRef): Promise<ChainImage | undefined>;
}

/** Pictures belong to their runs, which may be deleted at any time: each is copied once into the folder of the job. */
export function openKeptImages(
  objects: ObjectStore,
  owner: { readonly tenant: string; readonly id: string },
): KeptImages {
  const known = new Map<string, string>();
  return {
    async keep({ name, width, height, contentType, sha256, key: from }) {
      const key = pictureKey(sha256);
      const image = { name, width, height, key, sha256, contentType };
      const hash = known.get(sha256);
      if (hash !== undefined) return { ...image, phash: hash };
      try {
        const { bytes } = await objects.get(from);
        await keepPicture(objects, owner, { sha256, bytes, contentType });
        const phash = await pictureHash(bytes);
        if (known.size > 20_000) known.clear();
        known.set(sha256, phash);
        return { ...image, phash };
      } catch (error) {
        if (error instanceof ObjectMissing) return undefined;
        throw error;
      }
    },
  };
}

export type ChainOfTrace = Pick<Chain, 'images' | 'turns' | 'tools' | 'answer'> & {
  readonly made: Omit<Chain['made'], 'seed'>;
  /** Replies that could not be read. */
  readonly problems: number;
  /** Calls of tools, those that failed among them. */
  readonly calls: number;
  readonly failedCalls: number;
};

/** @returns undefined where pictures of the run are gone */
export async function chainOfTrace(trace: Trace, kept: KeptImages): Promise<ChainOfTrace | undefined> {
  const refs = new Map<string, ChainImage>();
  for (const ref of trace.images) {
    const image = await kept.keep(ref);
    if (!image) return undefined;
    refs.set(ref.name, image);
  }
  const turns = turnsOf(trace, refs);
  const inputs = trace.images.slice(0, trace.config.sources.length).map(({ name }) => refs.get(name) as ChainImage);
  const observations = turns.flatMap((turn) => turn.observations);
  const toolVersions: Record<string, string> = {};
  for (const step of trace.steps)
    if (step.kind === 'action' && step.toolVersion !== '') toolVersions[step.action.name] = step.toolVersion;
  const said = trace.steps.findLast((step) => step.kind === 'model');
  return {
    images: inputs,
    turns,
    tools: [...trace.config.tools.map(({ name }) => name), 'Terminate'],
    answer: trace.answer,
    problems: turns.filter(({ problem }) => problem !== undefined).length,
    calls: observations.length,
    failedCalls: observations.filter(({ ok }) => !ok).length,
    made: {
      model: trace.model,
      modelVersion: (said?.kind === 'model' ? said.modelVersion : undefined) ?? trace.config.modelVersion,
      toolVersions: Object.fromEntries(Object.entries(toolVersions).sort(([a], [b]) => (a < b ? -1 : 1))),
      run: trace.id,
      stopReason: trace.stop_reason,
      tokens: { input: trace.usage.inputTokens, output: trace.usage.outputTokens },
    },
  };
}

function turnsOf(trace: Trace, refs: ReadonlyMap<string, ChainImage>): ChainTurn[] {
  const turns: ChainTurn[] = [];
  const { steps } = trace;
  for (const [at, step] of steps.entries()) {
    if (step.kind !== 'model') continue;
    const acted = actionsBehind(steps, at);
    const problem = step.problem === undefined ? {} : { problem: step.problem };
    // What could not be read has no thought: then all that was said stands in its place.
    const thought = step.thought === '' && step.problem !== undefined ? step.text : step.thought;
    // Actions behind Terminate, or of a reply that was to be the answer, were never carried out.
    const last = at + acted.length === steps.length - 1;
    const end = last && trace.answer !== null ? step.actions.find(({ name }) => name === 'Terminate') : undefined;
    turns.push({
      thought,
      actions: [...acted.map(({ action }) => action), ...(end ? [end] : [])],
      observations: acted.map(({ observation }) => observationOf(observation, refs)),
      ...problem,
    });
  }
  return turns;
}

type ActionOf = Extract<Step, { kind: 'action' }>;

function actionsBehind(steps: readonly Step[], at: number): ActionOf[] {
  const found: ActionOf[] = [];
  for (const step of steps.slice(at + 1)) {
    if (step.kind !== 'action') break;
    found.push(step);
  }
  return found;
}

function observationOf(seen: ActionOf['observation'], refs: ReadonlyMap<string, ChainImage>): ChainObservation {
  if (!seen.ok) return seen;
  const images = seen.images.map(({ name }) => refs.get(name)).filter((image) => image !== undefined);
  return { ok: true, result: seen.result, ...(images.length > 0 ? { images } : {}) };
}
