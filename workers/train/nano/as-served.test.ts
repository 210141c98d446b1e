/** What cota-nano is trained on is what it is served: the same ids, the same actions, nothing that its mask forbids. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Run, Step } from '../../../shared/contract.ts';
import { CHAIN_VERSION, type Chain } from '../../../shared/data/chain.ts';
import {
  encodeObservation,
  encodePrompt,
  encodeTurn,
  fitRows,
  fromText,
  ID,
  MARKS,
  markOf,
  marksOf,
  type NanoChain,
  rowGlyphs,
  toText,
} from '../../../shared/nano/format.ts';
import { openReading } from '../../../shared/nano/read.ts';
import { objectWorld } from '../../data/program/objects/world.ts';
import { textWorld } from '../../data/program/texts/world.ts';
import { random } from '../../data/random.ts';
import { nano } from '../../model/dialects/nano.ts';
import { drill } from './drills.ts';
import { CALLED, nanoChain } from './from-chain.ts';
import { sayable } from './sayable.ts';
import { LONGEST, sequence, sequences, WEIGHT_SCALE } from './sequences.ts';

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

describe('sequences', () => {
  it('share a reading among questions, and each question is answered from the rows that it names', () => {
    const rng = random(3, 'drills');
    for (let n = 0; n < 60; n++) {
      const asked = drill(rng, { rows: [2, 12], questions: 5, regions: 0.2, copies: 0.1 });
      const made = sequences(rng, asked);
      const readings = made.map(({ ids }) => ids.filter((id) => id === ID.observation).length);
      // Questions about one page stand in one sequence, as far as they fit; a search is asked for once.
      const tokens = made.reduce((sum, { ids }) => sum + ids.length, 0);
      const [reading] = asked[0]?.observations ?? [];
      if (reading && 'rows' in reading && !reading.found && tokens < LONGEST) expect(made.length).toBe(1);
      for (const example of made) {
        expect(example.ids.length).toBe(example.weights.length);
        expect(example.weights.every((weight) => [0, 1, WEIGHT_SCALE, 2 * WEIGHT_SCALE].includes(weight))).toBe(true);
      }
      expect(readings.every((count) => count > 0)).toBe(true);
      for (const chain of asked) expect(sayable(chain)).toBe(true);
    }
  });

  it('have pages that are seen whole, whatever lengths are asked for', () => {
    const rng = random(4, 'long');
    for (let n = 0; n < 12; n++)
      for (const chain of drill(rng, { rows: [60, 200], questions: 3, regions: 0, copies: 0 })) {
        const [page] = chain.observations as [{ readonly rows: readonly string[] }];
        expect(fitRows(page.rows).seen.map(({ row }) => row)).toEqual(page.rows.map((_, at) => at));
        expect(page.rows.length).toBeLessThanOrEqual(MARKS);
        expect(sayable(chain)).toBe(true);
      }
  });

  it('mark rows from any mark on, and quotes follow', () => {
    const [chain] = drill(random(5, 'one'), { rows: [3, 6], questions: 1, regions: 0, copies: 0 }) as [NanoChain];
    const [low, high] = [sequence(chain, 0).ids, sequence(chain, 40).ids];
    expect(high.length).toBe(low.length);
    const moved = low.map((id, at) => [id, high[at]!] as const).filter(([a, b]) => a !== b);
    expect(moved.length).toBe(low.filter((id) => markOf(id) !== undefined).length);
    expect(moved.length).toBeGreaterThanOrEqual(2 * marksOf(chain.observations[0]!));
    expect(new Set(moved.map(([a, b]) => (b - a + MARKS) % MARKS)).size).toBe(1);
  });

  it('ask nothing more of rows whose marks were taken by what was read later', () => {
    const page = Array.from({ length: 40 }, (_, at) => `row ${at}`);
    const asks = (question: string, later: readonly string[]): NanoChain => ({
      prompt: { tools: ['OCR'], budget: 3, images: [{ width: 1, height: 1 }], question },
      turns: [
        { quotes: [], action: { name: 'OCR', argument: '0' } },
        ...later.slice(0, 1).map(() => ({ quotes: [], action: { name: 'OCR', argument: '0' } }) as const),
        { quotes: [39], action: { name: 'Terminate', argument: '39' } },
      ],
      observations: [{ rows: page }, ...(later.length > 0 ? [{ rows: later }] : [])],
    });
    const made = (later: number) => {
      const chains = [asks('which?', page.slice(0, later)), asks('what?', [])];
      // The one with two readings must come first to be shared.
      return Math.min(...[1, 2, 3, 4, 5, 6].map((seed) => sequences(random(seed, 'x'), chains).length));
    };
    expect([made(10), made(30)]).toEqual([1, 2]);
  });

  it('leave out what is too long', () => {
    const rows = Array.from({ length: 90 }, (_, at) => `row ${at}\t${'x'.repeat(9)}`);
    const chain = {
      prompt: { tools: [], budget: 3, images: [{ width: 1, height: 1 }], question: 'q' },
      turns: [
        { quotes: [], action: { name: 'OCR', argument: '0' } },
        { quotes: [1], action: { name: 'Terminate', argument: '1' } },
      ],
      observations: [{ rows }],
    } as const;
    expect(sequences(random(1, 'x'), [chain], 600)).toEqual([]);
    const [whole] = sequences(random(1, 'x'), [chain]);
    expect(whole?.ids.length).toBe(
      encodePrompt(chain.prompt).length +
        3 +
        encodeObservation({ rows }, 'q', 0).length +
        4 +
        rowGlyphs(rows[1]!).length,
    );
  });
});
