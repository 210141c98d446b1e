/** Lists of lines that no word of the question tells, only their place: the third task, the last exercise, the heading. */
import { evaluate } from 'mathjs';
import type { NanoChain, NanoTool, NanoTurn } from '../../../../shared/nano/format.ts';
import type { Random } from '../../../data/random.ts';
import { inventedName, pseudoWord } from './boards.ts';
import { plural } from './regions.ts';

const NOUNS =
  'item entry topic chapter point song stop lesson film duty wish lot station exhibit event class book game ward'.split(
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
  const prefix = rng.pick(PREFIXES);
  const name = inventedName(rng, []);
  const title = rng.chance(0.6)
    ? rng.pick([`${plural(noun)} for ${name}`, `${name} ${plural(noun)}`, `${name}`, `how to ${name}`])
    : undefined;
  const rows = items.map((item, nth) => `${prefix(nth)}${item}`);
  return {
    noun,
    title,
    items,
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

function ask(rng: Random, { noun, title, items, numbered, rows }: List): Asked {
  const above = rows.length - items.length;
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
      ]),
      quotes: [0],
      of: 'title',
    };
  if (kind < 0.3)
    return {
      question: rng.chance(0.7)
        ? place('last')
        : rng.pick([`the bottom ${noun}`, 'what is lowest on the list', 'the final one', 'how does the list close?']),
      quotes: [rows.length - 1],
      of: items.length - 1,
    };
  if (kind < 0.4 && items.length < ORDINALS.length)
    return { question: place(ORDINALS[rng.int(items.length, ORDINALS.length - 1)] as string), quotes: [], of: 'none' };
  if (numbered && kind < 0.5) return { question: `number ${nth + 1}`, quotes: [above + nth], of: nth };
  return { question: place(ORDINALS[nth] as string), quotes: [above + nth], of: nth };
}

/** @returns chains that share one reading */
export function listDrill(rng: Random, questions: number): NanoChain[] {
  const sums = rng.chance(0.4);
  const made = list(rng, sums);
  const tools: NanoTool[] = rng.chance(0.8) ? ['OCR', 'Calculate', 'LocalizeObjects', 'ZoomIn'] : ['OCR', 'Calculate'];
  const images = [{ width: rng.int(3, 30) * 100, height: rng.int(3, 40) * 100 }];
  return Array.from({ length: questions }, () => {
    const { question, quotes, of } = ask(rng, made);
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
    return { prompt: { tools, budget: 3, images, question }, turns, observations };
  });
}
