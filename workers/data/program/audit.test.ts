import { describe, expect, it } from 'vitest';
import { audit, MOST_POINTS } from './audit.ts';
import { objectWorld } from './objects/world.ts';
import { textWorld } from './texts/world.ts';
import type { WorldChain } from './world.ts';

/** Chains about a page with the numbers 1 to 5; the truth is what `truth` says. */
const chains = (truth: (i: number) => string, count = 200): WorldChain[] =>
  Array.from({ length: count }, (_, i) => ({
    split: 'train',
    outcome: 'CoTA-pos',
    question: 'q',
    truth: truth(i),
    answer: truth(i),
    images: [],
    tools: ['OCR', 'Terminate'],
    turns: [
      {
        thought: '',
        actions: [{ name: 'OCR', arguments: { image: 'image-0' } }],
        observations: [{ ok: true, result: { text: 'Soup 1\nStew 2\nPie 3\nCake 4\nTea 5', rows: [] } }],
      },
      { thought: '', actions: [{ name: 'Terminate', arguments: { answer: truth(i) } }], observations: [] },
    ],
    facts: {
      family: 'f',
      template: 't',
      skeleton: `s${i % 4}`,
      scene: `scene-${i}`,
      form: 'short-answer',
      observed: 'noise',
      wear: 'none',
      unanswerable: false,
    },
    made: { seed: 1, toolVersions: {} },
  }));

describe('the shortcut audit', () => {
  it('finds a family whose answer is always the largest number', () => {
    const [line] = audit(chains(() => '5'));
    expect(line?.chance).toBeCloseTo(20);
    expect(line?.rules['largest number']).toBe(100);
    expect(line?.worst).toBeGreaterThan(MOST_POINTS);
  });

  it('finds a family whose question gives its answer away', () => {
    const [line] = audit(chains((i) => String((i % 4) + 1)));
    expect(line?.by).toBe('question only');
    expect(line?.rules['question only']).toBe(100);
  });

  it('is content with answers that hang on the page', () => {
    const [line] = audit(
      chains((i) => String(((i * 7919) % 5) + 1), 1000).map((c, i) => ({
        ...c,
        facts: { ...c.facts!, skeleton: `s${i}` },
      })),
    );
    expect(line?.worst).toBeLessThan(MOST_POINTS);
  });

  it('is content with numbers of objects: no option is right because it is the smallest', async () => {
    const made: WorldChain[] = [];
    for (const family of ['count', 'attributed-count', 'aggregate-attributed', 'aggregate-count'])
      for (let index = 0; index < 60; index++)
        made.push(
          ...(await objectWorld.make({
            seed: 3,
            index,
            split: 'train',
            families: { [family]: 1 },
            observe: 'annotation',
            multipleChoice: 1,
            unanswerable: 0,
            wanted: 4,
          })),
        );
    const lines = audit(made);
    expect(lines).toHaveLength(4);
    for (const { family, by, worst } of lines) expect(worst, `${family}: ${by}`).toBeLessThan(MOST_POINTS);
  });

  it('is content with all families about texts', async () => {
    const made: WorldChain[] = [];
    for (const family of textWorld.families)
      for (let index = 0; index < 44; index++)
        made.push(
          ...(await textWorld.make({
            seed: 3,
            index,
            split: 'train',
            families: { [family]: 1 },
            observe: 'noise',
            multipleChoice: 0.5,
            unanswerable: 0.12,
            wanted: 4,
          })),
        );
    // Few chains a family: chance alone makes some points, and the benchmark with thousands has the last word.
    expect(
      audit(made, 60)
        .filter(({ worst }) => worst > MOST_POINTS + 5)
        .map(({ family, form, by, worst }) => `${family} ${form} ${by} ${worst}`),
    ).toEqual([]);
  });
});
