import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CANNOT_TELL, chain as chainSchema } from '../../../../shared/data/chain.ts';
import { readArguments } from '../../../tools/arguments.ts';
import { findTool } from '../../../tools/registry.ts';
import { checkChain } from '../../check/check-chain.ts';
import type { SceneRequest, WorldChain } from '../world.ts';
import { QUESTIONS } from './ask/asked.ts';
import { COLOURS, KINDS } from './words/kinds.ts';
import { skeletonsOf, splitOf } from './words/template.ts';
import { objectWorld } from './world.ts';

const request = (more: Partial<SceneRequest>): SceneRequest => ({
  seed: 5,
  index: 0,
  split: 'train',
  families: Object.fromEntries(objectWorld.families.map((family) => [family, 1])),
  observe: 'noise',
  multipleChoice: 0.5,
  unanswerable: 0.12,
  wanted: 4,
  ...more,
});

async function chainsOf(scenes: number, more: Partial<SceneRequest> = {}, from = 0): Promise<WorldChain[]> {
  const made: WorldChain[] = [];
  for (let index = from; index < from + scenes; index++)
    made.push(...(await objectWorld.make(request({ index, ...more }))));
  return made;
}

const whole = (one: WorldChain) =>
  ({ ...one, version: 1, id: 'objects/1', source: 'objects', origin: 'program', licence: 'CC0-1.0' }) as const;

describe('object worlds', () => {
  test('all 26 families come about with every source of observations, in both forms', { timeout: 60_000 }, async () => {
    expect(objectWorld.families).toHaveLength(26);
    for (const observe of ['annotation', 'noise'] as const) {
      const seen = new Set<string>();
      for (const family of objectWorld.families)
        for (const one of await chainsOf(14, { families: { [family]: 1 }, observe }))
          if (one.truth !== CANNOT_TELL) seen.add(`${family} ${one.facts?.form}`);
      expect([...seen].sort()).toEqual(
        objectWorld.families.flatMap((f) => [`${f} multiple-choice`, `${f} short-answer`]).sort(),
      );
    }
  });

  test('the same request gives the same chains, another seed others', async () => {
    expect(await chainsOf(4)).toEqual(await chainsOf(4));
    expect(await chainsOf(4)).not.toEqual(await chainsOf(4, { seed: 6 }));
  });

  test('the checker, which shares no code with this, confirms 99 of 100', { timeout: 60_000 }, async () => {
    for (const observe of ['annotation', 'noise'] as const) {
      const made = await chainsOf(130, { observe });
      const faults = made
        .map((one) => checkChain(whole(one)))
        .flatMap((said) => (said.ok ? [] : [`${said.reason}: ${said.detail}`]));
      expect(made.length).toBeGreaterThan(300);
      expect(faults.length / made.length, faults.slice(0, 5).join('\n')).toBeLessThan(0.01);
    }
  });

  test('every chain is well formed, and each call is one that its tool takes', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 1_000_000 }),
        fc.constantFrom('train', 'validation', 'holdout'),
        fc.constantFrom('annotation', 'noise'),
        async (index, split, observe) => {
          for (const one of await objectWorld.make(request({ index, split, observe }))) {
            chainSchema.parse(whole(one));
            expect(one.answer).toBe(one.truth);
            expect(one.facts?.unanswerable).toBe(one.truth === CANNOT_TELL);
            if (one.choices) {
              expect(new Set(one.choices).size).toBe(one.choices.length);
              for (const choice of one.choices) expect(one.question).toContain(choice);
              if (one.truth !== CANNOT_TELL) expect('ABCD'.indexOf(one.truth)).toBeLessThan(one.choices.length);
            }
            expect(one.question).not.toMatch(/\$|\[|\]|undefined/);
            let next = one.images.length;
            for (const { thought, actions, observations } of one.turns) {
              expect(thought).not.toMatch(/\$|undefined|NaN|\bi\b/);
              for (const action of actions) {
                expect(one.tools).toContain(action.name);
                if (action.name !== 'Terminate') readArguments(findTool(action.name), action.arguments);
              }
              for (const seen of observations) {
                if (!seen.ok) continue;
                for (const image of seen.images ?? []) expect(image.name).toBe(`image-${next++}`);
              }
            }
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  test('a doubtful region that decides is looked at again, and no truth is said that nothing shows', async () => {
    const made = await chainsOf(60, { families: { count: 1, 'select-most': 1 } });
    const doubtful = made.filter(({ turns }) =>
      turns.some(({ actions }) => actions.some(({ name }) => name === 'ZoomIn')),
    );
    expect(doubtful.length).toBeGreaterThan(5);
    for (const { turns } of doubtful) {
      const names = turns.flatMap(({ actions }) => actions.map(({ name }) => name));
      expect(names[names.indexOf('ZoomIn') + 1]).toMatch(/LocalizeObjects|ZoomIn/);
    }
    // A number that is counted is the number of sure regions.
    const plain = made.filter(
      ({ facts, turns, truth }) => facts?.family === 'count' && turns.length === 2 && truth !== CANNOT_TELL,
    );
    expect(plain.length).toBeGreaterThan(20);
    for (const { turns, truth, choices, question } of plain) {
      const [seen] = turns[0]!.observations;
      const asked = (seen?.ok ? (seen.result.regions as { label: string; score: number }[]) : []).filter(
        ({ score }) => score >= 0.5,
      );
      const counts = new Map<string, number>();
      for (const { label } of asked)
        counts.set(label.replace(/-\d+$/, ''), (counts.get(label.replace(/-\d+$/, '')) ?? 0) + 1);
      const said = Number(choices ? choices['ABCD'.indexOf(truth)] : truth);
      expect([0, ...counts.values()], question).toContain(said);
    }
  });

  test('unanswerable twins are about as many as asked for, and name a chain of their scene', {
    timeout: 60_000,
  }, async () => {
    let all = 0;
    let unanswerable = 0;
    for (let index = 0; index < 150; index++) {
      const made = await objectWorld.make(request({ index, observe: 'annotation', wanted: 6 }));
      for (const { facts } of made) {
        all++;
        if (facts?.unanswerable) unanswerable++;
        if (facts?.twinOf === undefined) continue;
        const other = made[Number(facts.twinOf)];
        expect(other?.facts).toMatchObject({
          family: facts.family,
          skeleton: facts.skeleton,
          form: facts.form,
          unanswerable: false,
        });
      }
    }
    expect(unanswerable / all).toBeGreaterThan(0.07);
    expect(unanswerable / all).toBeLessThan(0.16);
  });

  test('splits share no skeleton, no held-back word and no template', { timeout: 60_000 }, async () => {
    const [train, holdout] = [await chainsOf(80), await chainsOf(80, { split: 'holdout' })];
    const of = (made: WorldChain[], field: 'skeleton' | 'template') =>
      new Set(
        made.flatMap(({ facts }) =>
          field === 'template' ? (facts?.template ?? '').split('+') : [facts?.skeleton ?? ''],
        ),
      );
    for (const field of ['skeleton', 'template'] as const)
      expect([...of(train, field)].filter((one) => of(holdout, field).has(one))).toEqual([]);
    const said = JSON.stringify(train);
    for (const word of [...KINDS.holdout, ...KINDS.validation, 'turquoise', 'pink'])
      expect(said).not.toMatch(new RegExp(`"(an? )?${word}s?"`));
    expect(JSON.stringify(holdout)).toMatch(/turquoise/);
    expect(Object.keys(COLOURS)).toContain('turquoise');
  });

  test('each family has 60 skeletons and more, and some in every split', () => {
    for (const [family, wordings] of Object.entries(QUESTIONS)) {
      const all = Object.values(wordings as Record<string, readonly string[]>).map((templates) => [
        ...new Set(templates.flatMap(skeletonsOf)),
      ]);
      expect(all.flat().length, family).toBeGreaterThan(60);
      for (const skeletons of all) expect(new Set(skeletons.map(splitOf)).size, family).toBe(3);
    }
  });
});
