import type { ImageRef, TokenUsage } from '../../../shared/contract.ts';

export type PromptPart =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'image'; readonly image: ImageRef };

/** A conversation as every backend understands it. Each prompt of a run extends the one before it, byte for byte. */
export interface PromptMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: readonly PromptPart[];
}

export interface GenerateRequest {
  readonly messages: readonly PromptMessage[];
  /** Output tokens at most. */
  readonly maxTokens: number;
  /** 0 = greedy. */
  readonly temperature: number;
  readonly topP?: number | undefined;
  readonly seed?: number | undefined;
  /** Stable over a run's turns, so that an engine can keep the prefix. */
  readonly session: string;
  /** Whose run it is: what an engine keeps of a prompt serves this owner's runs only. */
  readonly owner?: string | undefined;
  /** Turn number within the run, from 0. */
  readonly turn: number;
  /** Aborted on cancel, lost lock or shutdown: generation stops within a token. */
  readonly signal: AbortSignal;
  /** Bytes of an image as the model should see it: EXIF applied, scaled once to the model's pixel limit. */
  image(ref: ImageRef): Promise<{ readonly bytes: Buffer; readonly contentType: string }>;
  /** Called with each piece of text as it comes, where the backend streams. */
  onText?: ((text: string) => void) | undefined;
  /** The question of the run; only the `replay` backend looks at it. */
  readonly question?: string | undefined;
  /** Key of the recording to replay; only the `replay` backend looks at it. */
  readonly recording?: string | undefined;
}

export interface Generation {
  readonly text: string;
  readonly finishReason: 'stop' | 'length';
  readonly usage: TokenUsage;
}

export interface Backend {
  /** True when the process keeps a run's prefix (KV cache), so that its next turn should come back here. */
  readonly holdsPrefix: boolean;
  /**
   * @throws BackendAway when the engine cannot be reached or is overloaded: spends no attempt, runs wait
   * @throws BackendRefused when the engine refuses this very request: the run fails
   */
  generate(request: GenerateRequest): Promise<Generation>;
  /** Resolves when the engine answers; rejects with BackendAway. */
  check(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** The engine cannot be reached, or says that it is overloaded. The fault is not the run's: it waits. */
export class BackendAway extends Error {
  override readonly name = 'BackendAway';
  /** From Retry-After, where the engine said so. */
  readonly retryAfterMs: number | undefined;
  /** The engine had the request when it failed, so the request itself may be the cause; see fault.ts. */
  readonly hadRequest: boolean;
  constructor(message: string, retryAfterMs?: number, options: ErrorOptions & { readonly hadRequest?: boolean } = {}) {
    super(message, options);
    this.retryAfterMs = retryAfterMs;
    this.hadRequest = options.hadRequest ?? false;
  }
}

/** The engine understood the request and will not serve it: too long a prompt, an unknown model, no images. */
export class BackendRefused extends Error {
  override readonly name = 'BackendRefused';
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** What any engine that works completes at once. */
export const smallestRequest = (signal: AbortSignal): GenerateRequest => ({
  messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }],
  maxTokens: 1,
  temperature: 0,
  session: 'check',
  turn: 0,
  signal,
  question: '',
  image: () => Promise.reject(new Error('there are no images in this request')),
});
