import type { Action, Run } from '../../../shared/contract.ts';
import type { PromptMessage } from '../backends/backend.ts';

/** A reply, read. `problem` is set when it could not be read: the words go back to the model as feedback. */
export interface ParsedReply {
  readonly thought: string;
  readonly actions: readonly Action[];
  readonly problem?: string;
}

/** How a model writes thoughts and actions, and how a run is told to it. Both functions are pure. */
export interface Dialect {
  readonly name: string;
  /**
   * The conversation so far. The prompt of turn n+1 must extend the prompt of turn n and its reply byte for byte:
   * engines keep the prefix, and a replay must see the same bytes.
   */
  render(run: Run): readonly PromptMessage[];
  parse(reply: string, run: Run): ParsedReply;
}
