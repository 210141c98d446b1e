import { describe, expect, it } from 'vitest';
import type { Chain } from '../../../../shared/data/chain.ts';
import { CANNOT_TELL } from '../../../../shared/data/chain.ts';
import { textWorld } from '../../program/texts/world.ts';
import { checkChain } from '../check-chain.ts';
import { deriveFromRows } from './derive.ts';

const TABLE = ['Overview', 'Name\tAge\tCity', 'Vera\t31\tZelford', 'Milo\t45\tIvydale', 'Odo\t28\tBrookton'];
const MENU = ['MENU', 'Soups', 'Leek Broth\t4.50', 'Corn Broth\t3.20', 'Mains', 'Trout\t9.00', 'Veal\t14.00'];
const BARS = ['???', '72', '35', '20', 'Peru\tChad\tOman\tFiji'];
const YEARS = ['votes by year', '1992\t3229', '1993\t9880', '1994 8213', 'Source: Rasuex\t997210'];

describe('what a page does not say', () => {
  it.each([
    ['who has the highest salary', TABLE],
    ['what is the lowest price', TABLE],
    ['which person is the worst paid', TABLE],
    ['what is the average salary', TABLE],
    ['the total cost of all rows', TABLE],
    ['which city does the person with the least share have', TABLE],
    ['what is the age of the person with the highest share', TABLE],
    ['what is the cheapest dish among desserts', MENU],
    ['how much is the dearest starter', MENU],
    ['what costs the least in the cold drinks', MENU],
    [
      'what is the cheapest item',
      ['Onion Tart\t?\tNiweaw\t44.99', 'Walbier\t65.90\tFunta\t68.65', 'Lamb\t50.20\tVeal\t70.10'],
    ],
    ['what is the highest value', BARS],
    ['what is the average of all values', BARS],
    ['what is the result', ['(3 + ?) x 2 =']],
    ['what is the solution of the second equation', ['1 + 2 =', '3 x __ - 4 =']],
    ['what is x', ['3y + 4 = 19']],
    ['solve for y', ['3y + 4 = ?', '6 - 2 =']],
  ] as const)('%s', (question, rows) => expect(deriveFromRows(question, rows)).toBe('unknown'));

  it.each([
    ['who has the highest age', TABLE, 'Milo'],
    ['what is the average age', TABLE, 34.67],
    ['what is the cheapest among soups', MENU, 'Corn Broth'],
    ['what is the highest value', BARS.slice(1), 72],
    ['what is the solution of the first equation', ['1 + 2 =', '3 x __ - 4 ='], 3],
    ['which year has the most votes', YEARS, '1993'],
    ['what is the sum of all values', YEARS, 21322],
  ] as const)('%s is told where it is there', (question, rows, answer) => {
    const derived = deriveFromRows(question, rows);
    const answers = typeof derived === 'object' && 'answers' in derived ? derived.answers : [];
    expect(answers).toContain(answer);
  });
});

const FAMILIES = ['extremes', 'average', 'equations', 'compare-pages'] as const;

describe('twins of chains about texts', () => {
  it.each(FAMILIES)('%s: neither can be answered as the other', async (family) => {
    const reasons: string[] = [];
    let twins = 0;
    for (let index = 0; index < 120 && twins < 12; index++) {
      const chains = await textWorld.make({
        seed: 11,
        index,
        split: 'train',
        families: { [family]: 1 },
        observe: 'annotation',
        multipleChoice: 0,
        unanswerable: 0.3,
        wanted: 4,
      });
      for (const twin of chains) {
        const pair = chains[Number(twin.facts?.twinOf)];
        if (twin.facts?.twinOf === undefined || pair === undefined) continue;
        twins++;
        expect([twin.question, twin.answer]).toEqual([pair.question, CANNOT_TELL]);
        expect([checkChain(twin).ok, twin.question]).toEqual([true, twin.question]);
        expect([checkChain(pair).ok, pair.question]).toEqual([true, pair.question]);
        reasons.push(verdict(answering(twin, pair.answer)), verdict(answering(pair, CANNOT_TELL)));
      }
    }
    expect(twins).toBeGreaterThan(5);
    // What was worked out before may be the first thing that is wrong: nothing asks for it any more.
    expect(reasons.filter((reason) => reason === 'ok')).toEqual([]);
  });
});

type Made = Pick<Chain, 'question' | 'images' | 'tools' | 'turns' | 'answer'>;

/** A chain that says something else at its end. */
function answering<T extends Made>(chain: T, answer: string | null): T {
  const last = chain.turns.at(-1);
  const end = { name: 'Terminate', arguments: { answer: answer ?? '' } } as const;
  return { ...chain, answer, turns: [...chain.turns.slice(0, -1), ...(last ? [{ ...last, actions: [end] }] : [])] };
}

const verdict = (chain: Parameters<typeof checkChain>[0]): string => {
  const checked = checkChain(chain);
  return checked.ok ? 'ok' : checked.reason;
};
