/** What a data worker and the processes that do its work say to each other. */
import type { PLAN } from '../../../shared/data/job-state.ts';
import type { ErrorCode } from '../../../shared/errors.ts';

/** One shard to make, or one stage to plan. */
export interface Order {
  readonly tenant: string;
  readonly jobId: string;
  /** Its name. */
  readonly stage: string;
  readonly shard: number | typeof PLAN;
}

/** What came of an order. */
export type Outcome =
  | {
      readonly is: 'done';
      readonly rows: number;
      readonly counts: Readonly<Record<string, number>>;
      /** Written into the store, for the tenant's quota. */
      readonly bytes: number;
    }
  | { readonly is: 'planned'; readonly shards: number; readonly bytes: number }
  | { readonly is: 'later'; readonly ms: number; readonly note: string }
  /** The job cannot go on: the user has to mend something. */
  | { readonly is: 'failed'; readonly error: { readonly code: ErrorCode; readonly message: string } }
  /** Something is away: tried again for nothing. */
  | { readonly is: 'away'; readonly note: string; readonly ms: number | undefined }
  /** It went wrong for no known reason: tried again a few times. */
  | { readonly is: 'retry'; readonly note: string }
  /** It was told to stop. */
  | { readonly is: 'stopped' };

export type ToHand = { readonly type: 'work'; readonly order: Order } | { readonly type: 'stop' };

export type FromHand =
  /** All is open. */
  | {
      readonly type: 'ready';
      /** Names of those that it can do, in order. */
      readonly stages: readonly string[];
    }
  /** It has the order: should it end from here on, the order is the cause. */
  | { readonly type: 'begun' }
  | { readonly type: 'progress'; readonly share: number }
  | { readonly type: 'ended'; readonly outcome: Outcome };
