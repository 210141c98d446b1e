/** What the engine's thread and its owner say to each other. */

import type { DecoderOptions } from './decoder.ts';
import type { DecoderConfig } from './decoder-config.ts';
import type { EngineStats } from './scheduler.ts';

/** A function that makes masks: `export` of the module at `url` is called with the prompt and the request's `constraint`. */
export interface MaskMaker {
  readonly url: string;
  readonly export: string;
}

export interface EngineOptions extends DecoderOptions {
  /** Of keys and values that are kept for prompts to come. */
  readonly cacheBytes: number;
  /** Sequences under way at a time; left out: 64. */
  readonly batch?: number | undefined;
  readonly masks?: MaskMaker | undefined;
}

export interface EngineRequest {
  readonly owner: string;
  readonly session: string;
  readonly prompt: readonly number[];
  /** Output tokens at most, at least 1. */
  readonly maxTokens: number;
  readonly end: readonly number[];
  /** For the maker of masks; undefined forbids nothing. */
  readonly constraint?: string | undefined;
  /** 0 = greedy. */
  readonly temperature: number;
  readonly topP?: number | undefined;
  readonly seed: number;
  readonly branches: number;
  /** Whether tokens are told as they come. */
  readonly tell: boolean;
}

export type ToThread =
  | { readonly type: 'generate'; readonly id: number; readonly request: EngineRequest }
  | { readonly type: 'cancel'; readonly id: number }
  | { readonly type: 'close' };

export interface Opened {
  readonly config: DecoderConfig;
  readonly provider: 'cpu' | 'cuda';
  /** Tokens of prompt and turn together at most. */
  readonly longest: number;
  /** Allocated for keys and values, kept ones included. */
  readonly bytes: number;
}

export interface Said {
  readonly said: readonly number[];
  /** Prompt tokens that were not computed again. */
  readonly cachedTokens: number;
}

export type FromThread =
  | { readonly type: 'opened'; readonly opened: Opened }
  | { readonly type: 'unopened'; readonly message: string }
  /** Pairs of request id and token. */
  | { readonly type: 'tokens'; readonly pairs: readonly number[] }
  | { readonly type: 'done'; readonly id: number; readonly result: Said }
  | { readonly type: 'failed'; readonly id: number; readonly message: string }
  | { readonly type: 'stats'; readonly stats: EngineStats };
