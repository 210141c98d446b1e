/**
 * The batch machine: what an event makes of a batch. Pure, like the run machine; the store commits what it returns only
 * if nobody else has changed the batch meanwhile. An event that does not fit changes nothing, so each may come twice.
 */
import type { BatchState, BatchUsage, LineProblem } from './contract.ts';
import { isOver } from './contract.ts';

/** Times are Unix seconds. */
export type BatchEvent =
  | {
      readonly type: 'validated';
      readonly now: number;
      readonly lines: number;
      readonly twins: number;
      readonly windows: number;
      readonly model: string | null;
    }
  | { readonly type: 'invalid'; readonly now: number; readonly errors: readonly LineProblem[] }
  /** Said before the first run of the window is made, so that none is forgotten. */
  | { readonly type: 'opening'; readonly number: number; readonly lines: number; readonly twins: number }
  | { readonly type: 'opened'; readonly number: number; readonly refused: number }
  /** Its output is in the store. */
  | {
      readonly type: 'written';
      readonly number: number;
      readonly completed: number;
      readonly failed: number;
      readonly usage: BatchUsage;
    }
  /** What it needs is gone: its input file was deleted. */
  | {
      readonly type: 'lost';
      readonly now: number;
      readonly errors: readonly LineProblem[];
      readonly outputFileId: string | null;
      readonly errorFileId: string | null;
    }
  | { readonly type: 'cancel'; readonly now: number }
  | { readonly type: 'expire'; readonly now: number }
  /** No window is left to wait for. */
  | { readonly type: 'drained'; readonly now: number }
  /** Its files are there. `unopened`: lines that were never begun, and are in the error file. */
  | {
      readonly type: 'concluded';
      readonly now: number;
      readonly unopened: number;
      readonly outputFileId: string | null;
      readonly errorFileId: string | null;
    };

/** @returns the batch after the event; the same object where the event changes nothing */
export function nextBatch(batch: BatchState, event: BatchEvent): BatchState {
  if (isOver(batch.status)) return batch;
  switch (event.type) {
    case 'validated':
      if (batch.status !== 'validating') return batch;
      return {
        ...batch,
        status: 'in_progress',
        lines: event.lines,
        twins: event.twins,
        windows: event.windows,
        model: event.model,
        times: { ...batch.times, in_progress: event.now },
      };
    case 'invalid':
      if (batch.status !== 'validating') return batch;
      return { ...batch, status: 'failed', errors: [...event.errors], times: { ...batch.times, failed: event.now } };
    case 'opening': {
      if (batch.status !== 'in_progress' || batch.ending !== null || event.number !== batch.next) return batch;
      const window = { number: event.number, lines: event.lines, twins: event.twins, ready: false, refused: 0 };
      return { ...batch, next: batch.next + 1, open: [...batch.open, window] };
    }
    case 'opened':
      if (!batch.open.some((one) => one.number === event.number && !one.ready)) return batch;
      return {
        ...batch,
        open: batch.open.map((one) =>
          one.number === event.number ? { ...one, ready: true, refused: event.refused } : one,
        ),
      };
    case 'written':
      if (!batch.open.some((one) => one.number === event.number)) return batch;
      return {
        ...batch,
        open: batch.open.filter((one) => one.number !== event.number),
        counts: {
          completed: batch.counts.completed + event.completed,
          failed: batch.counts.failed + event.failed,
        },
        usage: addUsage(batch.usage, event.usage),
      };
    case 'lost':
      return {
        ...batch,
        status: 'failed',
        errors: [...event.errors],
        open: [],
        outputFileId: event.outputFileId,
        errorFileId: event.errorFileId,
        times: { ...batch.times, failed: event.now },
      };
    case 'cancel':
      // What is being concluded is whole already.
      if (batch.ending !== null || batch.status === 'finalizing') return batch;
      return {
        ...batch,
        status: 'cancelling',
        ending: 'cancelled',
        times: { ...batch.times, cancelling: event.now },
      };
    case 'expire':
      if (batch.ending !== null || batch.status === 'finalizing') return batch;
      return { ...batch, ending: 'expired' };
    case 'drained':
      if (batch.open.length > 0 || batch.times.finalizing !== undefined) return batch;
      // A batch whose time is over while its file is read is concluded once it is known what lines it has.
      if (batch.status === 'validating') return batch;
      if (batch.ending === null && batch.next < batch.windows) return batch;
      return {
        ...batch,
        // OpenAI's cancelled batches stay `cancelling` until they are cancelled.
        status: batch.status === 'cancelling' ? 'cancelling' : 'finalizing',
        ending: batch.ending ?? 'completed',
        times: { ...batch.times, finalizing: event.now },
      };
    case 'concluded': {
      if (batch.times.finalizing === undefined || batch.ending === null) return batch;
      return {
        ...batch,
        status: batch.ending,
        counts: { ...batch.counts, failed: batch.counts.failed + event.unopened },
        outputFileId: event.outputFileId,
        errorFileId: event.errorFileId,
        times: { ...batch.times, [batch.ending]: event.now },
      };
    }
  }
}

export function addUsage(a: BatchUsage, b: BatchUsage): BatchUsage {
  return {
    inputTokens: a.inputTokens + b.inputTokens,
    cachedTokens: a.cachedTokens + b.cachedTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    runs: a.runs + b.runs,
    activeMs: a.activeMs + b.activeMs,
  };
}
