import { expect, test } from 'vitest';
import { CHAIN_VERSION, type Chain } from '../../../shared/data/chain.ts';
import { textWorld } from '../../data/program/texts/world.ts';
import { random } from '../../data/random.ts';
import { sayable } from '../nano/sayable.ts';
import { sequence } from '../nano/sequences.ts';
import { ARITHMETIC, ARMS, ofArm, PRIMARY, wholeChain } from './arms.ts';

const families = Object.fromEntries([...PRIMARY, ...ARITHMETIC].map((family) => [family, 1]));

test('of the primary families the mask of serving lets every arm say what it is taught', async () => {
  const forbidden: string[] = [];
  let chains = 0;
  for (let index = 0; index < 30; index++) {
    const made = await textWorld.make({
      ...{
        seed: 5,
        index,
        split: 'train',
        observe: 'noise',
        multipleChoice: 0,
        unanswerable: 0.12,
        wanted: 6,
        families,
      },
    });
    for (const [nth, one] of made.entries()) {
      const chain: Chain = {
        ...{ version: CHAIN_VERSION, id: `${index}-${nth}`, source: 'test', origin: 'program', licence: 'CC0-1.0' },
        ...one,
      };
      const whole = wholeChain(chain, random(1, chain.id));
      if (!whole || !sayable(whole)) continue;
      chains++;
      for (const arm of ARMS) {
        const taught = ofArm(arm, whole);
        expect(sequence(taught, 0).ids.length).toBeGreaterThan(20);
        if (!sayable(taught)) forbidden.push(`${arm} ${chain.facts?.family}`);
      }
    }
  }
  expect(chains).toBeGreaterThan(80);
  // What is computed stands nowhere: arms that do not compute are judged there without the mask.
  const computed = ['direct', 'cot'].flatMap((arm) => ARITHMETIC.map((family) => `${arm} ${family}`));
  expect(forbidden.filter((one) => !computed.includes(one))).toEqual([]);
  expect(new Set(forbidden).size).toBeGreaterThan(4);
});
