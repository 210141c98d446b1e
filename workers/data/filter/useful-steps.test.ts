import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../shared/contract.ts';
import { CANNOT_TELL, type Chain, type ChainObservation } from '../../../shared/data/chain.ts';
import { sampleChain } from '../../../test/sample-chains.ts';
import { type TacoTrace, tacoTraces } from '../../../test/taco-trace.ts';
import { formatFault } from './format.ts';
import { uselessStep } from './useful-steps.ts';

type Step = readonly [thought: string, tool: string, given: JsonObject, back: JsonObject | 'fails'];

const observed = (back: Step[3]): ChainObservation =>
  back === 'fails' ? { ok: false, error: { code: 'tool', message: 'no' } } : { ok: true, result: back };

/** A chain of steps that ends with a thought and an answer. */
function chainOf(steps: readonly Step[], thought: string, answer: string, choices?: string[]): Chain {
  return {
    ...sampleChain(0),
    answer,
    ...(choices && { choices }),
    tools: ['OCR', 'LocalizeObjects', 'GetObjects', 'EstimateObjectDepth', 'Calculate', 'ZoomIn', 'Terminate'],
    turns: [
      ...steps.map(([said, name, given, back]) => ({
        thought: said,
        actions: [{ name, arguments: given }],
        observations: [observed(back)],
      })),
      { thought, actions: [{ name: 'Terminate', arguments: { answer } }], observations: [] },
    ],
  };
}

const image = { image: 'image-0' };
const reasonOf = (chain: Chain): string | undefined => uselessStep(chain)?.reason;

describe('useful steps', () => {
  it.each<[string, Chain]>([
    [
      'a word of the text',
      chainOf([['Read.', 'OCR', image, { text: 'OPEN 24 HOURS' }]], 'The sign says open.', 'open'),
    ],
    [
      'a word that lost its space',
      chainOf([['Read.', 'OCR', image, { text: 'orange juice' }]], 'I see ORANGEJUICE.', 'x'),
    ],
    [
      'a number, rounded',
      chainOf([['Add.', 'Calculate', { expression: '1/3' }, { result: 0.33333 }]], 'That is 0.33.', '0.33'),
    ],
    [
      'a number with a comma',
      chainOf([['Add.', 'Calculate', { expression: '2' }, { result: 1234.5 }]], 'It is 1,234.50.', 'a'),
    ],
    ['per cent', chainOf([['Divide.', 'Calculate', { expression: '1/4' }, { result: 0.25 }]], 'That is 25 %.', 'B')],
    [
      'a count in words',
      chainOf(
        [['Look.', 'LocalizeObjects', image, { regions: [{ label: 'cat' }, { label: 'cat-2' }] }]],
        'Two of them.',
        '2',
      ),
    ],
    [
      'the chosen option',
      chainOf([['Look.', 'GetObjects', image, { objects: ['heron'] }]], 'So it is.', 'B', ['a duck', 'a heron']),
    ],
    [
      'the thing that was measured',
      chainOf(
        [['Far?', 'EstimateObjectDepth', { ...image, object: 'cup' }, { depth: 3.2 }]],
        'The cup is near.',
        'near',
      ),
    ],
    ['nothing was found', chainOf([['Look.', 'LocalizeObjects', image, { regions: [] }]], 'There is none.', '0')],
    ['it cannot be told', chainOf([['Read.', 'OCR', image, { text: 'zyx' }]], 'Hm.', CANNOT_TELL)],
    [
      'one of two decides',
      chainOf(
        [
          ['One.', 'GetObjects', image, { objects: ['tree'] }],
          ['Two.', 'GetObjects', { image: 'image-1' }, { objects: ['dog'] }],
        ],
        'The dog is in the second.',
        'image-1',
      ),
    ],
    [
      'a failure made up for',
      chainOf(
        [
          ['Read.', 'OCR', image, 'fails'],
          ['Again.', 'OCR', image, { text: 'EXIT' }],
        ],
        'It says exit.',
        'exit',
      ),
    ],
    ['another script', chainOf([['Read.', 'OCR', image, { text: '出口' }]], 'It means the way out.', 'exit')],
  ])('counts as use: %s', (_, chain) => expect(uselessStep(chain)).toBeUndefined());

  it.each<[string, Chain]>([
    ['unused-result', chainOf([['Read.', 'OCR', image, { text: 'OPEN 24 HOURS' }]], 'The fence is green.', 'green')],
    ['unused-result', chainOf([['Add.', 'Calculate', { expression: '17+4' }, { result: 21 }]], 'I say 17.', '17')],
    ['failed-step', chainOf([['Read.', 'OCR', image, 'fails']], 'It is red.', 'red')],
    [
      'repeated-step',
      chainOf(
        [
          ['Read.', 'OCR', image, { text: 'A1' }],
          ['Again.', 'OCR', image, { text: 'A1' }],
        ],
        'It says A1.',
        'A1',
      ),
    ],
  ])('finds: %s', (reason, chain) => expect(reasonOf(chain)).toBe(reason));

  it('finds a reply that could not be read', () => {
    const chain = chainOf([], 'Red.', 'red');
    const unread = { thought: '', actions: [], observations: [], problem: 'no JSON' };
    expect(uselessStep({ ...chain, turns: [unread, ...chain.turns] })).toEqual({
      reason: 'unparsable-turn',
      detail: 'turn 0',
    });
  });
});

/** A recorded conversation as a chain, with the first call of each reply, which is all that was carried out. */
function ofTrace({ question, answer, inputs, turns, calls, observations }: TacoTrace): Chain {
  const named = (name: string) => ({ name, width: 1, height: 1 });
  let next = 0;
  const made = turns.map((text, i) => {
    const actions = (calls[i] ?? []).slice(0, 1);
    const carried = actions.filter(({ name }) => name !== 'Terminate');
    return {
      thought: (JSON.parse(text) as { thought: string }).thought,
      actions,
      observations: carried.map(() => {
        const { result, images } = observations[next++] as TacoTrace['observations'][number];
        return { ok: true as const, result, images: images.map(named) };
      }),
    };
  });
  const tools = [...new Set(calls.flat().map(({ name }) => name))];
  return { ...sampleChain(0), question, answer, truth: '?', images: inputs.map(named), tools, turns: made };
}

const traces = tacoTraces();
describe.skipIf(!traces)('of recorded traces', () => {
  it('accuses those whose thought says that the observation was of no use, and hardly others', () => {
    const faults = (traces ?? []).map(([, trace]) => {
      const chain = ofTrace(trace);
      expect(formatFault(chain)).toBeUndefined();
      return [trace, uselessStep(chain)] as const;
    });
    const accused = faults.filter(([, fault]) => fault !== undefined);
    expect(accused.length).toBeGreaterThanOrEqual(4);
    // Read one by one: each accused chain says itself that it goes on without the result.
    for (const [{ turns }, fault] of accused) {
      expect(fault?.reason).toBe('unused-result');
      expect(turns.join(' ')).toMatch(/did(n't| not) provide|does(n't| not) provide/);
    }
  });
});
