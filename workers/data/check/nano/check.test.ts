import { describe, expect, it } from 'vitest';
import type { NanoChain, NanoTurn } from '../../../../shared/nano/format.ts';
import { generateScene } from '../../nano/generate.ts';
import { calculated } from '../arithmetic.ts';
import { checkChain } from './check.ts';

function chains(wanted: number): NanoChain[] {
  const out: NanoChain[] = [];
  for (let index = 0; out.length < wanted; index++) out.push(...generateScene(77, index, 'train').map((m) => m.chain));
  return out;
}
const all = chains(1500);
const bumped = (text: string): string => text.replace(/\d(?=\D*$)/, (d) => String((Number(d) + 3) % 10));
const withTurn = (chain: NanoChain, at: number, change: (turn: NanoTurn) => NanoTurn): NanoChain => ({
  ...chain,
  turns: chain.turns.map((t, k) => (k === at ? change(t) : t)),
});
const argument = (turn: NanoTurn | undefined): string =>
  turn && turn.action !== 'unknown' ? turn.action.argument : '';
const acts = (turn: NanoTurn | undefined, name: string): boolean =>
  turn !== undefined && turn.action !== 'unknown' && turn.action.name === name;
const last = (chain: NanoChain): number => chain.turns.length - 1;
const calculation = (chain: NanoChain): number => chain.turns.findIndex((t) => acts(t, 'Calculate'));

/** Ways in which a chain goes wrong; each gives the spoilt chain, or nothing where it does not apply. */
const defects: Readonly<Record<string, (chain: NanoChain) => NanoChain | undefined>> = {
  'a quote that nobody read': (c) => {
    const at = c.turns.findIndex((t) => t.quotes.length > 0);
    return at < 0 ? undefined : withTurn(c, at, (t) => ({ ...t, quotes: [`zq${t.quotes[0]}`, ...t.quotes.slice(1)] }));
  },
  'a number changed in a quote': (c) => {
    const at = c.turns.findIndex((t) => t.quotes.some((q) => /\d\.\d\d$/.test(q)));
    return at < 0
      ? undefined
      : withTurn(c, at, (t) => ({
          ...t,
          quotes: t.quotes.map((q) => (/\d\.\d\d$/.test(q) ? q.replace(/\d$/, '¤') : q)),
        }));
  },
  'an operand from nowhere': (c) => {
    const at = calculation(c);
    return at < 0 || c.turns[at]?.quotes.length === 0
      ? undefined
      : withTurn(c, at, (t) => ({ ...t, action: { name: 'Calculate', argument: `${argument(t)}+83917.31` } }));
  },
  'a result that the tool never gave': (c) => {
    const at = calculation(c);
    return at < 0
      ? undefined
      : {
          ...c,
          observations: c.observations.map((o, k) =>
            k === at && 'result' in o ? { ...o, result: bumped(o.result) } : o,
          ),
        };
  },
  'an answer that nothing shows': (c) =>
    acts(c.turns[last(c)], 'Terminate')
      ? withTurn(c, last(c), (t) => ({ ...t, action: { name: 'Terminate', argument: '48213.77' } }))
      : undefined,
  'an image that is not there': (c) =>
    acts(c.turns[0], 'OCR')
      ? withTurn(c, 0, (t) => ({ ...t, action: { name: 'OCR', argument: 'image-7' } }))
      : undefined,
  'a tool that is not enabled': (c) =>
    acts(c.turns[0], 'OCR')
      ? { ...c, prompt: { ...c.prompt, tools: c.prompt.tools.filter((t) => t !== 'OCR') } }
      : undefined,
  'no end': (c) => ({ ...c, turns: c.turns.slice(0, -1), observations: c.observations.slice(0, -1) }),
  'an end in the middle': (c) =>
    acts(c.turns[last(c)], 'Terminate') && last(c) > 0 ? withTurn(c, 0, () => c.turns[last(c)] as NanoTurn) : undefined,
  'the same call again': (c) =>
    acts(c.turns[0], 'OCR') && c.observations[0] && 'rows' in c.observations[0]
      ? { ...c, turns: [c.turns[0] as NanoTurn, ...c.turns], observations: [c.observations[0], ...c.observations] }
      : undefined,
  'a missing observation': (c) => ({ ...c, observations: c.observations.slice(1) }),
};

describe('the checker', () => {
  it('rejects few sound chains', () => {
    const rejected = all.filter((c) => checkChain(c).verdict === 'rejected');
    expect(rejected.length / all.length).toBeLessThan(0.02);
  });

  it('confirms a good part by its own reading', () => {
    expect(all.filter((c) => checkChain(c).verdict === 'confirmed').length / all.length).toBeGreaterThan(0.15);
  });

  it.each(Object.keys(defects))('rejects %s', (name) => {
    const spoilt = all.map((c) => defects[name]?.(c)).filter((c) => c !== undefined);
    expect(spoilt.length).toBeGreaterThan(200);
    expect(spoilt.filter((c) => checkChain(c).verdict !== 'rejected').length / spoilt.length).toBeLessThan(0.01);
  });

  it('finds the answer of another row where it can read the question', () => {
    const rows = ['Soup\t4.50', 'Stew\t7.25', 'Pie\t6.10'];
    const chain = (quote: string, answer: string): NanoChain => ({
      prompt: {
        tools: ['OCR', 'Terminate'],
        budget: 3,
        images: [{ width: 400, height: 400 }],
        question: 'How much is the stew?',
      },
      turns: [
        { quotes: [], action: { name: 'OCR', argument: 'image-0' } },
        { quotes: [quote], action: { name: 'Terminate', argument: answer } },
      ],
      observations: [{ rows }],
    });
    expect(checkChain(chain('Stew\t7.25', '7.25'))).toEqual({ verdict: 'confirmed' });
    expect(checkChain(chain('Pie\t6.10', '6.10'))).toEqual({
      verdict: 'rejected',
      reasons: ['another answer follows'],
    });
  });
});

describe('calculated', () => {
  it.each([
    ['2*3+4', 10],
    ['2+3*(4-1)', 11],
    ['max(2500, 3600, 41.5)', 3600],
    ['round(mean(1, 2, 4), 2)', 2.33],
    ['10-4-3', 3],
    ['abs(2.5-4)', 1.5],
    ['round(50/3.65, 2)', 13.7],
  ])('%s', (expression, value) => expect(calculated(expression)).toBeCloseTo(value, 9));
  it.each(['2+', 'import(1)', '2 2', '', '(1', 'constructor(1)'])('refuses %s', (expression) =>
    expect(calculated(expression)).toBeUndefined(),
  );
});
