import { describe, expect, it } from 'vitest';
import type { Run, Step } from '../../../shared/contract.ts';
import { encodeTurn, type NanoChain, toText } from '../../../shared/nano/format.ts';
import { chains } from '../../data/nano/main.ts';
import { promptIds } from '../backends/onnx.ts';
import { nano } from './nano.ts';

const COUNT = 1000;
const dialect = nano();
const usage = { inputTokens: 0, outputTokens: 0, cachedTokens: 0 };

/** The run that a cluster would hold after these turns and observations, with results as the tools shape them. */
function runOf(chain: NanoChain): Run {
  const steps: Step[] = [];
  for (const [at, turn] of chain.turns.entries()) {
    steps.push({
      kind: 'model',
      text: toText(encodeTurn(turn)),
      thought: '',
      actions: [],
      finishReason: 'stop',
      usage,
    });
    const observation = chain.observations[at];
    if (!observation || turn.action === 'unknown') continue;
    const cells = (row: string) => row.split('\t').map((text) => ({ text, bbox: [0, 0, 1, 1], score: 1 }));
    const result =
      'rows' in observation
        ? {
            text: observation.rows.join('\n'),
            rows: observation.rows.map((text) => ({ text, bbox: [0, 0, 1, 1], cells: cells(text) })),
          }
        : { result: 'result' in observation ? observation.result : '' };
    steps.push({
      kind: 'action',
      action: { name: turn.action.name, arguments: {} },
      observation:
        'error' in observation
          ? { ok: false, error: { code: 'failed', message: observation.error } }
          : { ok: true, images: [], result },
      toolVersion: '1',
      cached: false,
      toolMs: 0,
    });
  }
  const tools = chain.prompt.tools.map((name) => ({
    name,
    version: '1',
    description: '',
    parameters: {},
    returns: '',
    example: {},
    pool: 'cpu',
  }));
  return {
    config: { question: chain.prompt.question, tools, budgets: { replies: chain.prompt.budget, turnTokens: 100 } },
    images: chain.prompt.images.map((size, at) => ({
      ...size,
      name: `image-${at}`,
      sha256: '0'.repeat(64),
      contentType: 'image/png',
      bytes: 1,
      key: '',
    })),
    steps: steps.map((step) => ({ ...step, startedAt: 0, endedAt: 0 })),
    answerNow: chain.observations.at(-1)?.answerNow ? 'replies' : undefined,
  } as unknown as Run;
}

describe('training and serving share one view of a prompt', () => {
  it(`gives the worker the generator's ids for ${COUNT} chains, turn by turn`, () => {
    let compared = 0;
    let turns = 0;
    for (const { made, example } of chains(20_011, 'train')) {
      const { chain } = made;
      for (let turn = 0; turn < chain.turns.length; turn++) {
        const until: NanoChain = {
          ...chain,
          turns: chain.turns.slice(0, turn),
          observations: chain.observations.slice(0, turn),
        };
        const ids = [...promptIds(dialect.render(runOf(until))), ...encodeTurn(chain.turns[turn]!)];
        expect(ids).toEqual(example.ids.slice(0, ids.length));
        if (turn === chain.turns.length - 1) expect(ids.length).toBe(example.ids.length);
        turns++;
      }
      compared++;
      if (compared === COUNT) break;
    }
    expect(compared).toBe(COUNT);
    expect(turns).toBeGreaterThan(2 * COUNT);
  }, 60_000);
});
