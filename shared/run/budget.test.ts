import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Budgets, RunUsage } from '../contract.ts';
import { spentBudget, turnTokens } from './budget.ts';

const none: RunUsage = {
  replies: 0,
  toolCalls: 0,
  inputTokens: 0,
  outputTokens: 0,
  cachedTokens: 0,
  modelMs: 0,
  toolMs: 0,
};
const budgets = (change: Partial<Budgets> = {}): Budgets => ({ replies: 10, turnTokens: 500, ...change });

describe('spentBudget', () => {
  it.each<[string, Partial<Budgets>, Partial<RunUsage>, string | undefined]>([
    ['nothing used', {}, {}, undefined],
    ['two replies left', {}, { replies: 8 }, undefined],
    ['the last reply', {}, { replies: 9 }, 'replies'],
    ['a single reply', { replies: 1 }, {}, 'replies'],
    ['a call left', { toolCalls: 3 }, { toolCalls: 2 }, undefined],
    ['no call left', { toolCalls: 3 }, { toolCalls: 3 }, 'tool_calls'],
    ['no call at all', { toolCalls: 0 }, {}, 'tool_calls'],
    ['tokens left', { outputTokens: 100 }, { outputTokens: 99 }, undefined],
    ['no tokens left', { outputTokens: 100 }, { outputTokens: 100 }, 'output_tokens'],
    ['tool time left', { toolSeconds: 1.5 }, { toolMs: 1499 }, undefined],
    ['no tool time left', { toolSeconds: 1.5 }, { toolMs: 1500 }, 'tool_seconds'],
    ['active time left', { activeSeconds: 2 }, { modelMs: 1500, toolMs: 499 }, undefined],
    ['no active time left', { activeSeconds: 2 }, { modelMs: 1500, toolMs: 500 }, 'active_seconds'],
    [
      'several at once: one is named',
      { toolCalls: 1, outputTokens: 1 },
      { replies: 9, toolCalls: 1, outputTokens: 1 },
      'output_tokens',
    ],
  ])('%s', (_, limits, usage, expected) => {
    expect(spentBudget({ budgets: budgets(limits) }, { ...none, ...usage }, 0)).toBe(expected);
  });

  it('knows a deadline', () => {
    expect(spentBudget({ budgets: budgets(), deadline: 1000 }, none, 999)).toBeUndefined();
    expect(spentBudget({ budgets: budgets(), deadline: 1000 }, none, 1000)).toBe('deadline');
  });

  it('never lets a run have more replies than its budget', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), (replies) => {
        let given = 0;
        for (; spentBudget({ budgets: budgets({ replies }) }, { ...none, replies: given }, 0) === undefined; given++);
        // The reply for which the answer is asked comes on top of those that were free.
        expect(given + 1).toBe(replies);
      }),
    );
  });
});

describe('turnTokens', () => {
  it.each<[string, Partial<Budgets>, number, number]>([
    ['no limit but that of a turn', {}, 9_999, 500],
    ['much left', { outputTokens: 5_000 }, 1_000, 500],
    ['less than a turn left', { outputTokens: 1_000 }, 700, 300],
    ['too little left for an answer', { outputTokens: 1_000 }, 990, 256],
    ['nothing left', { outputTokens: 1_000 }, 1_200, 256],
    ['short turns', { outputTokens: 1_000, turnTokens: 40 }, 1_200, 40],
  ])('%s', (_, limits, outputTokens, expected) => {
    expect(turnTokens({ budgets: budgets(limits) }, { ...none, outputTokens })).toBe(expected);
  });
});
