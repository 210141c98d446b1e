import { describe, expect, it } from 'vitest';
import { encodeChain, encodeTurn, ID, type NanoChain, toText } from '../../../shared/nano/format.ts';
import { generateScene } from './generate.ts';
import { together } from './together.ts';

const rows = ['soup\t4.50', 'stew\t7.25'];
const asked = (question: string, quote: string, answer: string, tools: NanoChain['prompt']['tools']): NanoChain => ({
  prompt: { tools, budget: 3, images: [{ width: 400, height: 300 }], question },
  turns: [
    { quotes: [], action: { name: 'OCR', argument: 'image-0' } },
    { quotes: [quote], action: { name: 'Terminate', argument: answer } },
  ],
  observations: [{ rows }],
});
const soup = asked('how much is soup?', rows[0] as string, '4.50', ['OCR']);
const stew = asked('how much is stew?', rows[1] as string, '7.25', ['OCR', 'Calculate']);

describe('together', () => {
  it('puts the second question and its turns behind the first answer, with the tools of both', () => {
    const [joined, ...rest] = together([soup, stew]);
    expect(rest).toEqual([]);
    const both: NanoChain = { ...soup, prompt: { ...soup.prompt, tools: ['OCR', 'Calculate'] } };
    expect(toText(joined?.ids ?? [])).toBe(
      `${toText(encodeChain(both).ids)}<q>how much is stew?<turn>${toText(encodeTurn(stew.turns[1]!))}`,
    );
  });

  it('weighs the turns as they are weighed alone, and no question', () => {
    const [joined] = together([soup, stew]);
    const ids = joined?.ids ?? [];
    const second = ids.lastIndexOf(ID.question);
    const own = encodeTurn(stew.turns[1]!).length;
    expect(joined?.weights.slice(second, ids.length - own).every((weight) => weight === 0)).toBe(true);
    expect(joined?.weights.slice(-own)).toEqual(encodeChain(stew).weights.slice(-own));
  });

  it('leaves a chain alone that reads anew, is short of turns or does not fit', () => {
    const failed: NanoChain = {
      ...soup,
      turns: [soup.turns[0]!, ...soup.turns],
      observations: [{ error: 'the tool took too long' }, { rows }],
    };
    const hurried: NanoChain = { ...stew, prompt: { ...stew.prompt, budget: 2 } };
    for (const other of [failed, hurried])
      expect(together([soup, other])).toEqual([encodeChain(soup), encodeChain(other)]);
    const length = encodeChain(soup).ids.length;
    expect(together([soup, stew], length + 10)).toEqual(
      [encodeChain(soup), encodeChain(stew)].filter((e) => e.ids.length <= length + 10),
    );
  });

  it('loses no turn of any chain of a scene', () => {
    for (let index = 0; index < 200; index++) {
      const chains = generateScene(3, index, 'train').map((made) => made.chain);
      const ends = (ids: readonly number[]): number => ids.filter((id) => id === ID.end).length;
      const joined = together(chains, 1e6).reduce((sum, example) => sum + ends(example.ids), 0);
      const first = chains.map((chain) => chain.turns.length);
      // A chain that shares a reading does not ask for it again.
      const shared = chains.length - together(chains, 1e6).length;
      expect(joined).toBe(first.reduce((a, b) => a + b, 0) - shared);
    }
  });
});
