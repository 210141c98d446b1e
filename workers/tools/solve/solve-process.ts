import { serveEngine } from '../engines/serve-engine.ts';
import { answer } from './answer.ts';
import type { SolveOutcome } from './present.ts';
import { NeedsSymbolic, type SymbolicRequest } from './symbolic.ts';

export interface SolveRequest {
  readonly query: string;
  /** What nerdamer has answered so far, by the key of what it was asked. */
  readonly answers: readonly (readonly [key: string, answer: string | null])[];
}

/** An answer; or what nerdamer has to be asked first. */
export type SolveReply = { readonly outcome: SolveOutcome } | { readonly ask: SymbolicRequest };

serveEngine((message): SolveReply => {
  const { query, answers } = message as SolveRequest;
  try {
    return { outcome: answer(query, new Map(answers)) };
  } catch (error) {
    if (error instanceof NeedsSymbolic) return { ask: error.request };
    // Deeper than any question that means something.
    if (error instanceof RangeError)
      throw Object.assign(new Error('the question is too large'), { name: 'Fault', code: 'too_large' });
    throw error;
  }
});
