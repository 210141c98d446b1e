/** Lists of lines that no word of the question tells, only their place: the third task, the last exercise, the heading. */
import { evaluate } from 'mathjs';
import type { NanoChain, NanoTool, NanoTurn } from '../../../../shared/nano/format.ts';
import type { Random } from '../../../data/random.ts';
import { inventedName, pseudoWord } from './boards.ts';
import { plural } from './regions.ts';
import { dressed, withOptions } from './wordings.ts';

const NOUNS =
  'item entry topic chapter point song stop lesson film duty wish lot station exhibit event class book game ward step rule tip task idea goal method'.split(
    ' ',
  );
const SUMS = 'sum problem line exercise formula'.split(' ');
const ORDINALS = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth', 'seventh', 'eighth'];
const PREFIXES: readonly ((nth: number) => string)[] = [
  () => '',
  () => '',
  () => '',
  (nth) => `${nth + 1} `,
  (nth) => `${nth + 1}. `,
  (nth) => `${nth + 1}) `,
  () => '- ',
  () => '· ',
];
const WORDS = 'call ask wash read open close move bring check buy wipe fold turn keep leave'.split(' ');

interface List {
  readonly noun: string;
  readonly title: string | undefined;
  readonly items: readonly string[];
  readonly rows: readonly string[];
  readonly numbered: boolean;
  /** Items side by side in one row, read from left to right. */
  readonly across: number;
}

function words(rng: Random): string {
  const some = Array.from({ length: rng.pick([1, 1, 2, 3]) }, () => pseudoWord(rng)).join(' ');
  return rng.chance(0.4) ? `${rng.pick(WORDS)} ${some}` : some;
}

/** An exercise as it is printed; Calculate takes it with signs of its own. */
function exercise(rng: Random): string {
  const number = (): number => rng.int(1, rng.pick([9, 20, 99]));
  const sign = (): string => rng.pick([' + ', ' - ', '+', '-', ' × ', '*', ' x ']);
  const [a, b, c] = [number(), number(), number()];
  const said = rng.pick([
    `${a}${sign()}${b}`,
    `${a}${sign()}${b}${sign()}${c}`,
    `(${a}${rng.pick([' + ', '+', '-'])}${b})${rng.pick([' × ', '*'])}${c}`,
    `${a * b}${rng.pick([' ÷ ', '/', ' : '])}${a}`,
  ]);
  return `${said}${rng.pick([' =', '=', ' = ?', '=__', ''])}`;
}

export const asExpression = (printed: string): string =>
  printed
    .replace(/\s*=.*$/, '')
    .replaceAll(/\s+/g, '')
    .replaceAll(/[×x]/g, '*')
    .replaceAll(/[÷:]/g, '/');

function list(rng: Random, sums: boolean): List {
  const count = rng.int(2, sums ? 6 : 8);
  const noun = sums ? rng.pick(SUMS) : rng.chance(0.7) ? rng.pick(NOUNS) : pseudoWord(rng);
  const items: string[] = [];
  while (items.length < count) {
    const next = sums ? exercise(rng) : words(rng);
    if (!items.includes(next)) items.push(next);
  }
  const across = rng.chance(sums ? 0.2 : 0.4) ? rng.int(2, 3) : 1;
  const prefix = across > 1 ? () => '' : rng.pick(PREFIXES);
  const name = inventedName(rng, []);
  const title = rng.chance(0.6)
    ? rng.pick([
        `${plural(noun)} for ${name}`,
        `${name} ${plural(noun)}`,
        `${rng.int(3, 15)} ${plural(noun)}`,
        `${name}`,
        `how to ${name}`,
      ])
    : undefined;
  const said = items.map((item, nth) => `${prefix(nth)}${item}`);
  const rows = said.flatMap((_, at) => (at % across === 0 ? [said.slice(at, at + across).join('\t')] : []));
  return {
    noun,
    title,
    items,
    across,
    numbered: prefix(2).startsWith('3'),
    rows: title === undefined ? rows : [title, ...rows],
  };
}

interface Asked {
  readonly question: string;
  readonly quotes: readonly number[];
  /** Number of the item that is asked for, `title`, or nothing that there is. */
  readonly of: number | 'title' | 'none';
}

const OPENS = [
  'how does the list open',
  'how does it begin?',
  'what starts the list',
  'what opens it?',
  'the list begins with what',
  'it opens with which one?',
  'what is put on top',
  'topmost of the list?',
];
const CLOSES = [
  'how does the list close?',
  'how does it finish',
  'what ends the list',
  'what closes it?',
  'the list finishes with what',
  'it ends with which one?',
  'what is lowest on the list',
  'what is put at the very end',
  'the bottom of the list?',
  'the final one',
];

function ask(rng: Random, { noun, title, items, numbered, across }: List): Asked {
  const above = title === undefined ? 0 : 1;
  const row = (item: number): number => above + Math.floor(item / across);
  const nth = rng.int(0, Math.min(items.length, ORDINALS.length) - 1);
  const place = (said: string): string =>
    rng.pick([
      `the ${said} ${noun}`,
      `${said} one?`,
      `what is the ${said} one`,
      `which ${noun} is ${said}?`,
      `which ${noun} is the ${said}`,
      `read me the ${said} ${noun}`,
      `${noun} that comes ${said}`,
      `${said} ${noun} here?`,
    ]);
  const kind = rng.next();
  if (title !== undefined && kind < 0.12)
    return {
      question: rng.pick([
        'the title?',
        'what is it headed',
        'read the headline',
        `title of this ${noun} list`,
        'heading',
        'what is the list headed by?',
        'how is it titled',
        'which words stand above the list?',
      ]),
      quotes: [0],
      of: 'title',
    };
  if (kind < 0.32)
    return {
      question: rng.chance(0.5) ? place(rng.pick(['last', 'final', 'bottom'])) : rng.pick(CLOSES),
      quotes: [row(items.length - 1)],
      of: items.length - 1,
    };
  if (kind < 0.42) return { question: rng.pick(OPENS), quotes: [row(0)], of: 0 };
  if (kind < 0.48 && items.length < ORDINALS.length)
    return { question: place(ORDINALS[rng.int(items.length, ORDINALS.length - 1)] as string), quotes: [], of: 'none' };
  if (numbered && kind < 0.56)
    return {
      question: rng.pick([`number ${nth + 1}`, `${noun} no. ${nth + 1}?`, `what does number ${nth + 1} say`]),
      quotes: [row(nth)],
      of: nth,
    };
  return { question: place(ORDINALS[nth] as string), quotes: [row(nth)], of: nth };
}

/** The right one among two or three others. */
function optionsOf(rng: Random, items: readonly string[], right: number): string[] {
  const others = rng.shuffle(items.filter((_, at) => at !== right)).slice(0, rng.int(2, 3));
  return rng.shuffle([items[right] as string, ...others]);
}

/** @returns chains that share one reading */
export function listDrill(rng: Random, questions: number): NanoChain[] {
  const sums = rng.chance(0.4);
  const made = list(rng, sums);
  const tools: NanoTool[] = rng.chance(0.8) ? ['OCR', 'Calculate', 'LocalizeObjects', 'ZoomIn'] : ['OCR', 'Calculate'];
  const images = [{ width: rng.int(3, 30) * 100, height: rng.int(3, 40) * 100 }];
  return Array.from({ length: questions }, () => {
    const { question: asked, quotes, of } = ask(rng, made);
    const asks = dressed(rng, asked);
    const options = !sums && typeof of === 'number' && made.items.length > 2 && rng.chance(0.3);
    const question = options ? withOptions(rng, asks, optionsOf(rng, made.items, of)) : asks;
    const terminate = (argument: string, by: readonly number[]): NanoTurn => ({
      ...{ quotes: by, placed: true },
      action: { name: 'Terminate', argument },
    });
    const turns: NanoTurn[] = [{ quotes: [], action: { name: 'OCR', argument: '0' } }];
    const observations: NanoChain['observations'][number][] = [{ rows: made.rows }];
    if (of === 'none') turns.push({ quotes, action: 'unknown' });
    else if (of === 'title') turns.push(terminate(made.title as string, quotes));
    else if (sums) {
      const argument = asExpression(made.items[of] as string);
      const result = String(Number((evaluate(argument) as number).toFixed(10)));
      turns.push({ quotes, placed: true, action: { name: 'Calculate', argument } }, terminate(result, []));
      observations.push({ result });
    } else turns.push(terminate(made.items[of] as string, quotes));
    return { prompt: { tools, budget: 3, images, question }, ...(options ? { asks } : {}), turns, observations };
  });
}
