import type { z } from 'zod';
import type { ImageRef, JsonObject } from '../../shared/contract.ts';

/** Which workers carry a tool out: `cpu` is short arithmetic and pixels, `vision` runs networks, `remote` waits on others. */
export type Pool = 'cpu' | 'vision' | 'remote';

/** A tool without its weights or settings answers at once: the model hears the reason, the operator the remedy. */
export type ToolStatus =
  | { readonly ready: true }
  | {
      readonly ready: false;
      /** For the model: what is not possible here. */
      readonly reason: string;
      /** For the operator: what to run or to write where, `cota models pull clip`. */
      readonly remedy: string;
    };

/** A question to a model. */
export interface Question {
  /** What the model is told before the question: how to answer. */
  readonly instructions?: string;
  readonly text: string;
  /** What the question is about: then the vision model is asked, else the language model. */
  readonly images?: readonly { readonly ref: ImageRef; readonly bytes: Buffer }[];
  /** Output tokens at most; the run's budget may leave fewer. */
  readonly maxTokens: number;
}

export interface Reply {
  /** May be empty: some models spend all their tokens on thinking. */
  readonly text: string;
  /** True when the tokens did not suffice for all of it. */
  readonly cutOff: boolean;
}

/** What a tool may touch while it works. Everything else (files, network, environment) is out of its reach by habit. */
export interface ToolContext {
  /** Aborted when the run is cancelled, the tool's time is up or the worker stops. */
  readonly signal: AbortSignal;
  /**
   * The original bytes of an image of this run.
   * @param name `image-N`
   * @throws ToolError `unknown_image` that lists the images there are
   */
  image(name: string): Promise<{ readonly ref: ImageRef; readonly bytes: Buffer }>;
  /**
   * Keeps a picture that the tool made as the run's next image.
   * @param bytes an encoded image (PNG or JPEG)
   * @returns its name, `image-N`, to be put in the result
   */
  keepImage(bytes: Buffer): Promise<string>;
  /**
   * Asks a model; its tokens are counted in the run's budget.
   * @param signal by default the context's own
   * @throws ToolError where there is none to ask, it refuses, or the run's budget has no tokens left. Anything else is
   *   for the cluster (the model is away, ...) and must be let through, so that the step waits
   */
  ask(question: Question, signal?: AbortSignal): Promise<Reply>;
}

/** A kind of action. A new tool is one file that exports one of these, and one line in the registry. */
export interface Tool<Arguments extends JsonObject = JsonObject> {
  readonly name: string;
  /** Raised whenever the same arguments may give another result: it is part of the cache key and pinned by runs. */
  readonly version: string;
  /** The engine and its weights, for the cache key and for `/v1/tools`: `ppocr-v4@<hash>`, `sharp`, `mathjs`. A getter where settings or pulled weights decide. */
  readonly engine: string;
  readonly description: string;
  readonly arguments: z.ZodType<Arguments>;
  /** JSON Schema of the arguments as models and clients are shown it, where it is not to be made of `arguments`. */
  readonly parameters?: JsonObject;
  /** What comes back, in words for the prompt. */
  readonly returns: string;
  readonly example: Arguments;
  readonly pool: Pool;
  readonly timeLimitMs: number;
  /** Same arguments and images, same result: only then may it be cached. */
  readonly deterministic: boolean;
  /** False for work that is cheaper than looking it up. */
  readonly cache: boolean;
  /** False: only runs that name it get it. Not given: every run that names no tools does, while it is ready. */
  readonly offered?: boolean;
  /** Asked before each call and every few seconds; so it is quick. Not given: always ready. */
  status?(): ToolStatus;
  /** Loads what the tool needs once per process; called before the worker takes its first job. */
  warmUp?(): Promise<void>;
  /**
   * Carries the action out.
   * @returns a JSON object; images are named by what `keepImage` returned
   * @throws ToolError for what the model can mend; anything else counts as the tool's own failure
   */
  run(args: Arguments, context: ToolContext): Promise<JsonObject>;
}

/** An error meant for the model: it says what was wrong with the action and what to do instead. */
export class ToolError extends Error {
  override readonly name = 'ToolError';
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}
