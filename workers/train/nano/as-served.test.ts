/** What cota-nano is trained on is what it is served: the same ids, the same actions, nothing that its mask forbids. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Run, Step } from '../../../shared/contract.ts';
import { CHAIN_VERSION, type Chain } from '../../../shared/data/chain.ts';
import { encodeTurn, fromText, type NanoChain, toText } from '../../../shared/nano/format.ts';
import { openReading } from '../../../shared/nano/read.ts';
import { objectWorld } from '../../data/program/objects/world.ts';
import { textWorld } from '../../data/program/texts/world.ts';
import { random } from '../../data/random.ts';
import { nano } from '../../model/dialects/nano.ts';
import { CALLED, nanoChain } from './from-chain.ts';
import { sayable } from './sayable.ts';
import { sequence } from './sequences.ts';

const dialect = nano();
const usage = { inputTokens: 0, outputTokens: 0, cachedTokens: 0 };

let chains: Chain[];
beforeAll(async () => {
  chains = [];
  for (const world of [textWorld, objectWorld])
    for (let index = 0; index < 36; index++) {
      const made = await world.make({
        ...{ seed: 11, index, split: 'train', observe: 'noise', multipleChoice: 0.3, unanswerable: 0.12, wanted: 5 },
        families: Object.fromEntries(world.families.map((family) => [family, 1])),
      });
      for (const [nth, one] of made.entries())
        chains.push({
          ...{
            version: CHAIN_VERSION,
            id: `${world.name}/${index}-${nth}`,
            source: 'test',
            origin: 'program',
            licence: 'CC0-1.0',
          },
          ...one,
        });
    }
});

interface Case {
  readonly chain: Chain;
  readonly nano: NanoChain;
}

const converted = (): Case[] =>
  chains.flatMap((chain) => {
    const nano = nanoChain(chain, random(1, chain.id));
    return typeof nano === 'string' || nano.observations.length === 0 ? [] : [{ chain, nano }];
  });

type Call = Chain['turns'][number]['actions'][number];
type Result = Chain['turns'][number]['observations'][number];

/** What the chain calls, and what cota-nano calls besides: Calculate, where a thought compares places. */
function callsOf({ chain, nano }: Case): { readonly action: Call; readonly observation: Result | undefined }[] {
  const calls = chain.turns.flatMap(({ actions, observations }) =>
    actions.map((action, at) => ({ action, observation: observations[at] })),
  );
  return nano.turns.map(({ action }, at) => {
    const own = typeof action === 'object' && action.name === 'Calculate' && calls[0]?.action.name !== 'Calculate';
    if (!own) return calls.shift() as (typeof calls)[number];
    const { result } = nano.observations[at] as { readonly result: string };
    const call = { name: 'Calculate', arguments: { expression: action.argument } };
    return { action: call, observation: { ok: true, result: { result } } as Result };
  });
}

/** The run that a cluster holds after the chain's turns, one action each. */
function runOf(one: Case): Run {
  const { chain, nano } = one;
  const calls = callsOf(one);
  const read = openReading(nano.asks ?? nano.prompt.question);
  const steps = nano.turns.flatMap((turn, at): Step[] => {
    const { action, observation } = calls[at] as (typeof calls)[number];
    const text = toText(encodeTurn(turn, read));
    if (nano.observations[at]) read.add(nano.observations[at]);
    const said = {
      kind: 'model',
      text,
      thought: '',
      actions: [],
      finishReason: 'stop',
      usage,
    };
    const done = {
      kind: 'action',
      action,
      observation: observation?.ok ? { ...observation, images: observation.images ?? [] } : observation,
      toolVersion: '1',
      cached: false,
      toolMs: 0,
    };
    return (observation ? [said, done] : [said]) as unknown as Step[];
  });
  const tool = (name: string) => ({
    name,
    version: '1',
    description: '',
    parameters: {},
    returns: '',
    example: {},
    pool: 'cpu',
  });
  return {
    config: {
      question: chain.question,
      tools: nano.prompt.tools.map(tool),
      budgets: { replies: nano.prompt.budget, turnTokens: 100 },
    },
    images: chain.images.map((image) => ({
      ...image,
      sha256: '0'.repeat(64),
      contentType: 'image/png',
      bytes: 1,
      key: '',
    })),
    steps: steps.map((step) => ({ ...step, startedAt: 0, endedAt: 0 })),
    answerNow: undefined,
  } as unknown as Run;
}

const textOf = (run: Run): string =>
  dialect
    .render(run)
    .flatMap(({ content }) => content.map((part) => (part.type === 'text' ? part.text : '')))
    .join('');

describe('chains of the factory', () => {
  it('become what the dialect makes of the same run, token for token', () => {
    const cases = converted();
    expect(cases.length).toBeGreaterThan(180);
    for (const one of cases) {
      const run = runOf(one);
      const whole = { ...run, steps: run.steps.slice(0, -1) } as Run;
      const last = fromText((run.steps.at(-1) as { readonly text: string }).text);
      expect(toText([...fromText(textOf(whole)), ...last])).toBe(toText(sequence(one.nano, 0).ids));
    }
  });

  it('come back from the dialect with their actions and answers', () => {
    let zooms = 0;
    for (const one of converted()) {
      const run = runOf(one);
      const said = run.steps.flatMap((step, at) => (step.kind === 'model' ? [{ step, at }] : []));
      const calls = callsOf(one).map(({ action }) => action);
      for (const [nth, { step, at }] of said.entries()) {
        const before = { ...run, steps: run.steps.slice(0, at) } as Run;
        const { actions, problem } = dialect.parse(step.text, before);
        expect(problem).toBeUndefined();
        const call = calls[nth]!;
        const [action] = actions;
        if (call.name === 'ZoomIn' || call.name === 'Crop') {
          zooms++;
          expect(action).toMatchObject({ name: 'ZoomIn', arguments: { image: call.arguments.image } });
        } else if (call.name === 'LocalizeObjects') expect(action).toEqual(call);
        else expect(action?.name).toBe(call.name);
        if (call.name === 'Terminate' && /^[\d.]+$/.test(String(call.arguments.answer)))
          expect(action?.arguments.answer).toBe(call.arguments.answer);
      }
    }
    expect(zooms).toBeGreaterThan(1);
  });

  it('compare places by Calculate, and answer with the thing at the place that it gives', () => {
    const placed = converted().filter(({ chain }) => /^(left|right|top|bottom)most$/.test(chain.facts?.family ?? ''));
    expect(placed.length).toBeGreaterThan(3);
    for (const { nano } of placed) {
      const last = nano.turns.at(-1);
      if (last?.action === 'unknown') continue;
      expect(nano.turns.at(-2)?.action).toMatchObject({
        name: 'Calculate',
        argument: expect.stringMatching(/^(min|max)\(\[:[12]\]\)$/),
      });
      expect(last?.quotes).toHaveLength(1);
    }
  });

  it('hold nothing that the mask of serving forbids, in 99 of 100', () => {
    const cases = converted();
    expect(cases.filter(({ nano }) => sayable(nano)).length / cases.length).toBeGreaterThan(0.99);
  });

  it('are left out where they quote a row whose mark a later one has', () => {
    const rows = (count: number) => Array.from({ length: count }, (_, at) => ({ text: `row ${at}` }));
    const quoting = (at: number, count: number) =>
      nanoChain(
        {
          ...(chains[0] as Chain),
          ...{ facts: undefined, question: 'which?' },
          turns: [
            {
              thought: '',
              actions: [{ name: 'OCR', arguments: { image: 'image-0' } }],
              observations: [{ ok: true, result: { rows: rows(count) } }],
            },
            {
              thought: `The row "row ${at}" says it.`,
              actions: [{ name: 'Terminate', arguments: { answer: String(at) } }],
              observations: [],
            },
          ],
        } as unknown as Chain,
        random(1, 'x'),
      );
    expect(quoting(5, 70)).toBe('no-evidence');
    expect(quoting(6, 70)).toMatchObject({ turns: [{}, { quotes: [6] }] });
  });

  it('are left out with a reason, or say at once that they cannot be told, where another tool is needed', () => {
    for (const chain of chains) {
      const called = chain.turns.flatMap(({ actions }) =>
        actions.map(({ name }) => (name === 'Crop' ? 'ZoomIn' : name)),
      );
      if (called.every((name) => CALLED.has(name))) continue;
      const nano = nanoChain(chain, random(1, chain.id));
      if (typeof nano === 'string') expect(nano).toBe('other-tool');
      else expect(nano.turns).toEqual([{ quotes: [], action: 'unknown' }]);
    }
  });
});
