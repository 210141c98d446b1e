/** Budgets of a run. A spent budget never cuts a run off in the middle: the next reply must be the answer. */
import type { RunConfig, RunUsage } from '../contract.ts';

/**
 * @param now epoch milliseconds
 * @returns the name of the budget that is spent, or undefined; `replies` when only one reply is left
 */
export function spentBudget(
  config: Pick<RunConfig, 'budgets' | 'deadline'>,
  usage: RunUsage,
  now: number,
): string | undefined {
  const { budgets, deadline } = config;
  if (budgets.outputTokens !== undefined && usage.outputTokens >= budgets.outputTokens) return 'output_tokens';
  if (budgets.toolCalls !== undefined && usage.toolCalls >= budgets.toolCalls) return 'tool_calls';
  if (budgets.toolSeconds !== undefined && usage.toolMs >= budgets.toolSeconds * 1000) return 'tool_seconds';
  const activeMs = usage.modelMs + usage.toolMs;
  if (budgets.activeSeconds !== undefined && activeMs >= budgets.activeSeconds * 1000) return 'active_seconds';
  // A forced answer needs a reply too, so it is asked for while there is time for it.
  const replyMs = usage.replies > 0 ? usage.modelMs / usage.replies : 0;
  if (deadline !== undefined && now + 2 * replyMs >= deadline) return 'deadline';
  if (usage.replies >= budgets.replies - 1) return 'replies';
  return undefined;
}

/** Output tokens that the next turn may use. A turn for the answer always gets some, else nothing could be said. */
export function turnTokens(config: Pick<RunConfig, 'budgets'>, usage: RunUsage): number {
  const { turnTokens: most, outputTokens } = config.budgets;
  if (outputTokens === undefined) return most;
  return Math.max(Math.min(most, ANSWER_TOKENS), Math.min(most, outputTokens - usage.outputTokens));
}

/** Output tokens that are left of the run's budget; Infinity where it has none, 0 when it is spent. */
export function tokensLeft({ budgets }: Pick<RunConfig, 'budgets'>, usage: Pick<RunUsage, 'outputTokens'>): number {
  return budgets.outputTokens === undefined ? Infinity : Math.max(0, budgets.outputTokens - usage.outputTokens);
}

const ANSWER_TOKENS = 256;
