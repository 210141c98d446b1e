/** What a training needs of whoever has it done: the cluster's record, or a terminal. */
import type { Readable } from 'node:stream';
import type { ObjectStore } from '../../shared/object-store.ts';
import type { NewTrainEvent, TrainError, TrainJob, TrainProgress, TrainResult } from '../../shared/train/job.ts';
import type { SourceParts } from './chains.ts';

export interface Desk {
  /** Keeps an event, in order. */
  say(event: NewTrainEvent): Promise<void>;
  /** Fields that are left out stay as they were. Cheap, may be called often. */
  progress(now: Partial<TrainProgress>): void;
  /** A line for the log. */
  log(line: string): void;
  /** The trainer died at this step. @returns how often it has without getting further */
  death(step: number): Promise<number>;
  /** Is the job still in our hands? */
  holds(): Promise<boolean>;
  /** Events so far, oldest first, for metrics and page. */
  events(): AsyncIterable<NewTrainEvent & { readonly at: number }>;
}

export interface TrainParts extends SourceParts {
  readonly objects: ObjectStore;
  readonly python: string;
  /** Pause before a trainer that died is started again. */
  readonly retryMs: number;
  /** Counts bytes as kept by the tenant. */
  meter(tenant: string, bytes: number): Promise<void>;
  /** @returns id of the file */
  keepMetrics(job: TrainJob, csv: Readable): Promise<string | undefined>;
  /** Makes the model known to the workers that serve it. */
  register(job: TrainJob, files: TrainResult['files'], description: string): Promise<void>;
  /** Takes it back, where the job was ended by somebody else meanwhile. */
  unregister(job: TrainJob): Promise<void>;
}

export interface Attempt {
  readonly parts: TrainParts;
  readonly job: TrainJob;
  readonly desk: Desk;
  /** Of this try alone. */
  readonly folder: string;
  /** 8 hex digits: names in the store that no other try has. */
  readonly name: string;
  /** Aborted: save and let go. */
  readonly ask: AbortSignal;
  /** Aborted: let go now. */
  readonly kill: AbortSignal;
}

export type Outcome =
  | { readonly is: 'done'; readonly result: TrainResult; readonly words: string }
  /** It was asked to stop. */
  | { readonly is: 'stopped' }
  | { readonly is: 'failed'; readonly error: TrainError };

/** A fault that ends the job, told with its code. */
export class TrainingFailed extends Error {
  override readonly name = 'TrainingFailed';
  readonly error: TrainError;
  constructor(code: string, message: string, param: string | null = null) {
    super(message);
    this.error = { code, message, param };
  }
}

/** It was asked to stop, between two steps of the work. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
}
