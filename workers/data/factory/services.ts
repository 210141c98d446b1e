/** What a stage may ask of the cluster. Work is done by its workers; a data worker only waits for it. */
import type { Action } from '../../../shared/contract.ts';
import type { ChainImage, ChainObservation } from '../../../shared/data/chain.ts';

export interface ToolCall {
  readonly action: Action;
  /** Images that the arguments may name, with the keys of their bytes. */
  readonly images: readonly ChainImage[];
}

export interface ToolAnswer {
  /** Images that the tool made are kept beside the chains, and named on from the call's last image. */
  readonly observation: ChainObservation;
  readonly toolVersion: string;
}

export interface ModelQuestion {
  /** Id in models.yaml. */
  readonly model: string;
  readonly system: string;
  readonly user: string;
  readonly images?: readonly ChainImage[];
  /** Output tokens at most. */
  readonly maxTokens: number;
  readonly temperature: number;
  readonly seed?: number;
}

export interface ModelAnswer {
  readonly text: string;
  readonly modelVersion: string;
  readonly tokens: { readonly input: number; readonly output: number };
}

export interface Services {
  /** Carries an action out with the cluster's tools. @throws CotaError where no worker has the tool; the signal's reason */
  act(call: ToolCall, signal: AbortSignal): Promise<ToolAnswer>;
  /** Asks a model one thing, without tools, through its limiter. @throws CotaError; the signal's reason */
  ask(question: ModelQuestion, signal: AbortSignal): Promise<ModelAnswer>;
  /** Version of a model of models.yaml, so that what it said once can be found again; undefined where there is none. */
  modelVersion?(model: string): string | undefined;
  /** US dollars per million tokens, where models.yaml says so. */
  price?(model: string): { readonly input: number; readonly output: number } | undefined;
  /**
   * Hands a file of requests to the cluster as a batch. The same name gives the same batch, however often it is asked.
   * @param key of a JSONL file of batch lines in the object store
   * @returns its id
   */
  startBatch(name: string, key: string): Promise<string>;
  /** How far a batch is. @throws CotaError where it failed as a whole */
  batchState(id: string): Promise<{ readonly over: boolean; readonly done: number; readonly total: number }>;
}
