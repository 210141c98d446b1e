/** Searches for things of any name: counted, ordered by their places, compared, missed. */
import type { NanoChain, NanoObservation, NanoTool, NanoTurn } from '../../../../shared/nano/format.ts';
import { COUNT } from '../../../../shared/nano/references.ts';
import type { Random } from '../../../data/random.ts';
import { pseudoWord } from './boards.ts';

/** Words whose plural people write in one of the usual ways; half of the drills invent theirs. */
const NOUNS =
  'person bicycle car motorcycle airplane bus train truck boat bench bird cat dog horse sheep cow elephant bear zebra giraffe backpack umbrella handbag tie suitcase frisbee ski snowboard kite bottle fork knife spoon bowl banana apple sandwich orange carrot pizza donut cake chair couch bed table toilet laptop mouse remote keyboard microwave oven toaster sink book clock vase toothbrush window door lamp tree flower house bag box glass cup plate hat ball shoe child woman man sign light wheel'.split(
    ' ',
  );
const ODD: Readonly<Record<string, string>> = {
  person: 'people',
  knife: 'knives',
  child: 'children',
  woman: 'women',
  man: 'men',
  mouse: 'mice',
  sheep: 'sheep',
};

export function plural(word: string): string {
  const odd = ODD[word];
  if (odd) return odd;
  if (/(s|x|ch|sh)$/.test(word)) return `${word}es`;
  return /[^aeiou]y$/.test(word) ? `${word.slice(0, -1)}ies` : `${word}s`;
}

interface Thing {
  readonly kind: string;
  /** Hundredths of the image. */
  readonly x: number;
  readonly y: number;
  readonly score: number;
}

const row = ({ kind, x, y, score }: Thing): string => [kind, x, y, score].join('\t');

const noun = (rng: Random): string => (rng.chance(0.6) ? rng.pick(NOUNS) : pseudoWord(rng));

function kinds(rng: Random, count: number): string[] {
  const made = new Set<string>();
  while (made.size < count) made.add(noun(rng));
  return [...made];
}

const thing = (rng: Random, kind: string): Thing => ({
  kind,
  x: rng.int(2, 97),
  y: rng.int(2, 97),
  score: rng.int(50, 97),
});
/** As the detector gives them: the surest first. */
const bySureness = (things: readonly Thing[]): Thing[] => [...things].sort((a, b) => b.score - a.score);

/** What is calculated of places, what each of that gives, and the turn that ends. */
interface Computed {
  readonly calculate: readonly NanoTurn[];
  readonly results: readonly number[];
  readonly end: NanoTurn;
}

function chain(
  rng: Random,
  question: string,
  asked: readonly string[],
  things: readonly Thing[],
  end: (rows: readonly Thing[]) => NanoTurn | Computed,
): NanoChain {
  const rows = bySureness(things);
  const tools: NanoTool[] = rng.chance(0.7)
    ? ['OCR', 'Calculate', 'LocalizeObjects', 'GetObjects', 'DetectFaces', 'ZoomIn', 'SolveMathEquation']
    : ['LocalizeObjects', 'OCR', 'Calculate'];
  const faces = asked.length === 1 && asked[0] === 'face';
  const first: NanoTurn = {
    quotes: [],
    action: faces
      ? { name: 'DetectFaces', argument: '0' }
      : { name: 'LocalizeObjects', argument: `0 ${asked.join(', ')}` },
  };
  const observation: NanoObservation = { rows: rows.map(row), found: true };
  const last = end(rows);
  const [turns, results] =
    'results' in last
      ? [[...last.calculate, last.end], last.results.map((result) => ({ result: String(result) }))]
      : [[last], []];
  return {
    prompt: {
      tools: faces && !tools.includes('DetectFaces') ? [...tools, 'DetectFaces'] : tools,
      budget: 3,
      images: [{ width: rng.int(3, 20) * 100, height: rng.int(3, 20) * 100 }],
      question,
    },
    turns: [first, ...turns],
    observations: [observation, ...results],
  };
}

const said = (quotes: number[], argument: string): NanoTurn => ({ quotes, action: { name: 'Terminate', argument } });
const unknown: NanoTurn = { quotes: [], action: 'unknown' };
const all = (rows: readonly Thing[]): number[] => rows.map((_, at) => at);
const computed = (quotes: number[], expression: string, result: number, end: NanoTurn): Computed => ({
  ...{ calculate: [{ quotes, action: { name: 'Calculate', argument: expression } }], results: [result], end },
});
/** Number of the cell that tells places on an axis. */
const CELL = { x: 1, y: 2 } as const;

function counting(rng: Random): NanoChain {
  const face = rng.chance(0.2);
  const [kind = ''] = face ? ['face'] : kinds(rng, 1);
  const things = Array.from({ length: rng.pick([0, 1, 1, 2, 2, 3, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]) }, () =>
    thing(rng, kind),
  );
  const many = face ? rng.pick(['faces', 'people', 'persons', 'faces']) : plural(kind);
  const question = rng.pick([
    `how many ${many} are there?`,
    `how many ${many} can you see in the image`,
    `count the ${many}`,
    `number of ${many} in the photo?`,
    `what is the number of ${many} here`,
    `how many ${many} are in this picture?`,
    `tell me how many ${many} there are`,
  ]);
  return chain(rng, question, [kind], things, (rows) => said(all(rows), COUNT));
}

const SIDES = [
  ['leftmost', 'x', 1, ['furthest left', 'leftmost', 'most to the left']],
  ['rightmost', 'x', -1, ['furthest right', 'rightmost', 'most to the right']],
  ['topmost', 'y', 1, ['highest', 'topmost', 'nearest to the top']],
  ['bottommost', 'y', -1, ['lowest', 'bottommost', 'nearest to the bottom']],
] as const;

function placed(rng: Random): NanoChain {
  const names = kinds(rng, rng.int(2, 5));
  const [, axis, sign, words] = rng.pick(SIDES);
  const things = apart(rng, names, axis);
  const list = `${names
    .slice(0, -1)
    .map((name) => `the ${name}`)
    .join(', ')} or the ${names.at(-1)}`;
  const word = rng.pick(words);
  const question = rng.pick([
    `which is ${word}: ${list}?`,
    `what stands ${word} in the image, ${list}?`,
    `${list}: which one is ${word}?`,
  ]);
  const missing = rng.chance(0.12);
  return chain(rng, question, names, missing ? things.slice(1) : things, (rows) => {
    if (missing) return unknown;
    const best = [...rows].sort((a, b) => (a[axis] - b[axis]) * sign)[0] as Thing;
    const expression = `${sign > 0 ? 'min' : 'max'}([:${CELL[axis]}])`;
    return computed(all(rows), expression, best[axis], said([rows.indexOf(best)], best.kind));
  });
}

/** Things whose places on one axis differ by enough to be told apart. */
function apart(rng: Random, names: readonly string[], axis: 'x' | 'y'): Thing[] {
  for (;;) {
    const things = names.map((name) => thing(rng, name));
    const places = things.map((one) => one[axis]).sort((a, b) => a - b);
    if (places.every((place, at) => at === 0 || place - (places[at - 1] as number) >= 3)) return things;
  }
}

function related(rng: Random): NanoChain {
  const names = kinds(rng, 2);
  const [a = '', b = ''] = names;
  const axis = rng.pick(['x', 'y'] as const);
  const things = apart(rng, names, axis);
  const [first, second] = things as [Thing, Thing];
  const before = first[axis] < second[axis];
  const word = axis === 'x' ? (before ? 'left' : 'right') : before ? 'above' : 'below';
  const other = { left: 'right', right: 'left', above: 'below', below: 'above' }[word] as string;
  // The first less the second: its sign tells.
  const compared = (rows: readonly Thing[], answer: string): Computed =>
    computed(
      [rows.indexOf(first), rows.indexOf(second)],
      `[0:${CELL[axis]}]-[1:${CELL[axis]}]`,
      first[axis] - second[axis],
      said([], answer),
    );
  const of = axis === 'x' ? ' of' : '';
  if (rng.chance(0.5)) {
    const said_ = rng.chance(0.5);
    const asked = said_ ? word : other;
    return chain(
      rng,
      rng.pick([`is the ${a} ${asked}${of} the ${b}?`, `does the ${a} stand ${asked}${of} the ${b} in the image`]),
      names,
      things,
      (rows) => compared(rows, said_ ? 'yes' : 'no'),
    );
  }
  const choices = axis === 'x' ? 'left or right of' : 'above or below';
  return chain(
    rng,
    rng.pick([`is the ${a} ${choices} the ${b}?`, `where is the ${a}: ${choices} the ${b}?`]),
    names,
    things,
    (rows) => compared(rows, word),
  );
}

/** On which of four sides: how far apart across and down, and the greater of the two tells, by its sign. */
function sided(rng: Random): NanoChain {
  const names = kinds(rng, 2);
  const [a = '', b = ''] = names;
  for (;;) {
    const things = names.map((name) => thing(rng, name));
    const [one, other] = things as [Thing, Thing];
    const across = one.x - other.x;
    const down = one.y - other.y;
    if (Math.abs(Math.abs(across) - Math.abs(down)) < 3) continue;
    const wide = Math.abs(across) > Math.abs(down);
    const side = wide ? (across < 0 ? 'left' : 'right') : down < 0 ? 'above' : 'below';
    const question = rng.pick([
      `where is the ${a} from the ${b}: left, right, above or below?`,
      `seen from the ${b}, is the ${a} left, right, above or below`,
      `does the ${a} stand left of, right of, above or below the ${b}?`,
      `on what side of the ${b} is the ${a}: above, below, left or right?`,
      `left, right, above or below the ${b}: where is the ${a} in the image`,
    ]);
    const missing = rng.chance(0.1);
    return chain(rng, question, names, missing ? things.slice(rng.int(0, 1)).slice(0, 1) : things, (rows) => {
      if (missing) return unknown;
      const quotes = [rows.indexOf(one), rows.indexOf(other)];
      const differ = (cell: number): NanoTurn => ({
        quotes,
        action: { name: 'Calculate', argument: `[0:${cell}]-[1:${cell}]` },
      });
      return {
        calculate: [differ(CELL.x), differ(CELL.y)],
        results: [across, down],
        end: said([], side),
      };
    });
  }
}

function numerous(rng: Random): NanoChain {
  const names = kinds(rng, rng.int(2, 4));
  for (;;) {
    const counts = names.map(() => rng.int(1, 5));
    const most = rng.chance(0.5);
    const best = (most ? Math.max : Math.min)(...counts);
    // As many of two kinds: neither is it.
    const tied = counts.filter((count) => count === best).length > 1;
    if (tied !== rng.chance(0.15)) continue;
    const things = names.flatMap((name, at) => Array.from({ length: counts[at] as number }, () => thing(rng, name)));
    const list = names.map(plural);
    const choices = `${list.slice(0, -1).join(', ')} or ${list.at(-1)}`;
    const question = most
      ? rng.pick([`what is there more of: ${choices}?`, `which are there most of, ${choices}?`])
      : rng.pick([`what is there fewer of: ${choices}?`, `which are there fewest of, ${choices}?`]);
    return chain(rng, question, names, things, (rows) =>
      tied ? unknown : said(all(rows), names[counts.indexOf(best)] as string),
    );
  }
}

function there(rng: Random): NanoChain {
  const [kind = ''] = kinds(rng, 1);
  const is = rng.chance(0.5);
  const things = is ? Array.from({ length: rng.int(1, 3) }, () => thing(rng, kind)) : [];
  const article = /^[aeiou]/.test(kind) ? 'an' : 'a';
  const question = rng.pick([
    `is there ${article} ${kind} in the image?`,
    `can you see ${article} ${kind}?`,
    `does the picture show ${article} ${kind}`,
    `any ${plural(kind)} here?`,
  ]);
  return chain(rng, question, [kind], things, (rows) => said(all(rows), is ? 'yes' : 'no'));
}

const KINDS = [
  [counting, 4],
  [placed, 3],
  [related, 2],
  [sided, 3],
  [numerous, 3],
  [there, 1],
] as const;

/** One question about one search. */
export function regionDrill(rng: Random): NanoChain[] {
  return [rng.weighted(KINDS)(rng)];
}
