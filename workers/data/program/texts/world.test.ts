import { beforeAll, describe, expect, it } from 'vitest';
import { CANNOT_TELL, chain, type Split } from '../../../../shared/data/chain.ts';
import { FONTS } from '../../render/fonts.ts';
import type { WorldChain } from '../world.ts';
import { FAMILIES, type TextFamily } from './families.ts';
import { WEARS } from './splits.ts';
import { textWorld } from './world.ts';

async function made(
  split: Split,
  scenes: number,
  families: readonly TextFamily[] = FAMILIES,
  observe: 'annotation' | 'noise' = 'noise',
  seed = 5,
): Promise<WorldChain[]> {
  const chains: WorldChain[] = [];
  for (let index = 0; index < scenes; index++)
    chains.push(
      ...(await textWorld.make({
        seed,
        index,
        split,
        families: Object.fromEntries(families.map((family) => [family, 1])),
        observe,
        multipleChoice: 0.5,
        unanswerable: 0.12,
        wanted: 4,
      })),
    );
  return chains;
}

const facts = (chains: readonly WorldChain[], of: 'template' | 'skeleton' | 'wear' | 'scene'): Set<string> =>
  new Set(chains.flatMap((c) => (c.facts ? [c.facts[of]] : [])));
const shared = (a: ReadonlySet<string>, b: ReadonlySet<string>): string[] => [...a].filter((one) => b.has(one));

let train: WorldChain[];
let validation: WorldChain[];
let holdout: WorldChain[];
beforeAll(async () => {
  [train, validation, holdout] = [await made('train', 350), await made('validation', 60), await made('holdout', 60)];
}, 60_000);

describe('chains about texts', () => {
  it('are chains', () => {
    for (const [i, one] of train.entries()) {
      const whole = { version: 1, id: `t/${i}`, source: 't', origin: 'program', licence: 'CC0-1.0', ...one };
      expect(chain.safeParse(whole).error?.issues).toBeUndefined();
    }
  });

  it('are the same for the same seed, and others for another', async () => {
    const text = async (seed: number): Promise<string> =>
      JSON.stringify(await made('train', 20, FAMILIES, 'noise', seed));
    expect(await text(5)).toBe(await text(5));
    expect(await text(6)).not.toBe(await text(5));
  });

  it.each(FAMILIES)('%s: can be asked by itself', async (family) => {
    const chains = await made('train', 12, [family], 'annotation');
    expect(chains.length).toBeGreaterThan(5);
    expect([...new Set(chains.map((c) => c.facts?.family))]).toEqual([family]);
    const called = new Set(
      chains.flatMap(({ turns }) => turns.flatMap(({ actions }) => actions.map(({ name }) => name))),
    );
    for (const name of called) expect([...(textWorld.tools[family] ?? []), 'Terminate']).toContain(name);
  });

  it('say the truth, or that they cannot tell what they do not show', () => {
    const key = (text: string | null): string =>
      (text ?? '')
        .toLowerCase()
        .replace(/[^\p{L}\p{N}.]/gu, '')
        .replace(/\.$/, '');
    const wrong = train.filter(({ answer, truth }) => key(answer) !== key(truth));
    // A full stop within a text may be lost: `08.05 2015`.
    expect(wrong.length / train.length).toBeLessThan(0.01);
    for (const { facts: f, truth, answer } of train)
      if (f?.sceneTruth !== undefined || f?.unanswerable) expect([truth, answer]).toEqual([CANNOT_TELL, CANNOT_TELL]);
  });

  it('name the tools that they call, and those they were offered', () => {
    for (const { tools, turns } of train)
      for (const { actions } of turns) for (const { name } of actions) expect(tools).toContain(name);
  });

  it('have twins that only the page tells apart', () => {
    const twins = train.filter(({ facts: f }) => f?.twinOf !== undefined);
    expect(twins.length).toBeGreaterThan(20);
    for (const { truth, images } of twins) expect([truth, images.length > 0]).toEqual([CANNOT_TELL, true]);
    const share = train.filter(({ facts: f }) => f?.unanswerable).length / train.length;
    // Sums in figures have none, and reading few: 12 % of the others are less of all.
    expect(share).toBeGreaterThan(0.085);
    expect(share).toBeLessThan(0.16);
  });

  it.each(['extremes', 'average', 'equations', 'compare-pages'] as const)(
    '%s: have as many as wanted',
    async (family) => {
      const chains = await made('train', 250, [family]);
      const twins = chains.filter(({ facts: f }) => f?.twinOf !== undefined);
      expect(twins.length / chains.length).toBeGreaterThan(0.08);
      expect(twins.length / chains.length).toBeLessThan(0.18);
      for (const { question, facts: f, answer } of twins) {
        const pair = chains.find((one) => one.facts?.scene === f?.scene && one.question === question);
        expect([pair?.facts?.unanswerable, pair?.facts?.skeleton, answer]).toEqual([false, f?.skeleton, CANNOT_TELL]);
      }
    },
  );

  it('leave something to be asked where there is a gap', async () => {
    const chains = await made('train', 100, ['equations'], 'annotation');
    const read = ({ turns }: WorldChain): string => JSON.stringify(turns[0]?.observations);
    const torn = new Set(chains.filter(({ facts: f }) => f?.twinOf !== undefined).map(read));
    expect(chains.filter((one) => one.answer !== CANNOT_TELL && torn.has(read(one))).length).toBeGreaterThan(5);
  });

  it('look again where a reading is in doubt', () => {
    const again = train.filter(({ turns }) =>
      turns.some(({ actions }) => actions.some(({ name }) => name === 'ZoomIn' || name === 'Crop')),
    );
    expect(again.length).toBeGreaterThan(5);
    const told = again.filter(({ answer }) => answer !== CANNOT_TELL);
    expect(told.length).toBeGreaterThan(0);
  });

  it('have the right option at every place', () => {
    const letters = train.filter((c) => c.choices?.length === 4 && c.truth.length === 1).map(({ truth }) => truth);
    for (const letter of ['A', 'B', 'C', 'D']) {
      const share = letters.filter((one) => one === letter).length / letters.length;
      expect(share).toBeGreaterThan(0.18);
      expect(share).toBeLessThan(0.32);
    }
  });
});

describe('splits', () => {
  it.each(['template', 'skeleton', 'scene'] as const)('share no %s', (of) => {
    for (const [a, b] of [
      [train, validation],
      [train, holdout],
      [validation, holdout],
    ] as const)
      expect(shared(facts(a, of), facts(b, of))).toEqual([]);
  });

  it('share no kind of wear but none', () => {
    const kinds = Object.values(WEARS).map((list) => new Set<string>(list.map(([wear]) => wear)));
    expect(kinds.flatMap((a, i) => kinds.slice(i + 1).flatMap((b) => shared(a, b)))).toEqual([]);
    expect(shared(facts(train, 'wear'), facts(validation, 'wear')).filter((wear) => wear !== 'none')).toEqual([]);
  });

  it('share no font', () => expect(new Set(FONTS.map(({ name }) => name)).size).toBe(FONTS.length));

  it('share no merchant', () => {
    // The first row of a receipt or menu with a title: what was read of it is near enough to tell shops apart.
    const first = (chains: readonly WorldChain[]): Set<string> =>
      new Set(
        chains.flatMap(({ facts: f, turns }) => {
          const observation = turns[0]?.observations[0];
          const text = observation?.ok ? observation.result.text : undefined;
          return f?.template.startsWith('receipt') && typeof text === 'string' ? [text.split('\n')[0] as string] : [];
        }),
      );
    expect(shared(first(train), first(validation))).toEqual([]);
    expect(shared(first(train), first(holdout))).toEqual([]);
  });
});
