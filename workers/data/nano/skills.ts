/**
 * Drills of choosing: several questions of different kinds about one made-up board or table, so that only the question
 * tells whether a value, a name, a column, the greatest, a place in the order or nothing at all is wanted. Names mean
 * nothing and rows are short, so a drill costs a third of a whole chain and leaves nothing to guess from.
 */
import type { NanoChain, NanoObservation, NanoTurn } from '../../../shared/nano/format.ts';
import { resultText, rounded } from '../ask/ask.ts';
import type { Random } from '../random.ts';
import { answer, type Board, board, inventedName, pseudoWord } from './lookup.ts';

interface Drill {
  question: string;
  /** Turns after the reading, and what came back between them. */
  turns: NanoTurn[];
  observations: NanoObservation[];
}

const BOARD: readonly (readonly [Skill, number])[] = [
  ['value', 2],
  ['reverse', 4],
  ['absent', 2],
  ['extreme', 2],
  ['place', 1.5],
  ['pair', 1.5],
];
const TABLE: readonly (readonly [Skill, number])[] = [
  ['value', 3],
  ['reverse', 3],
  ['across', 2],
  ['absent', 1.5],
  ['extreme', 2],
  ['pair', 1.5],
];
type Skill = 'value' | 'reverse' | 'across' | 'absent' | 'extreme' | 'place' | 'pair';

const end = (quotes: string[], argument: string): NanoTurn => ({ quotes, action: { name: 'Terminate', argument } });
const ends = (question: string, quotes: string[], argument: string): Drill => ({
  question,
  turns: [end(quotes, argument)],
  observations: [],
});

/** The column of a board that a question is about, and how rows and heads are quoted up to it. */
class View {
  readonly made: Board;
  readonly random: Random;
  readonly column: number;

  constructor(random: Random, made: Board, column: number) {
    this.random = random;
    this.made = made;
    this.column = column;
  }

  get head(): string {
    return this.made.heads[this.column + 1] ?? '';
  }
  /** The head row as evidence: only where there is more than one column to choose from. */
  heads(column = this.column): string[] {
    return this.made.heads.length > 2 ? [this.made.heads.slice(0, column + 2).join('\t')] : [];
  }
  /** A row from its name to the asked column. */
  quote(row: number, column = this.column): string {
    const { heads, quotes, names, values } = this.made;
    if (heads.length === 0) return quotes[row] as string;
    return [names[row], ...(values[row] as string[]).slice(0, column + 1)].join('\t');
  }
  value(row: number, column = this.column): string {
    return this.made.values[row]?.[column] as string;
  }
  bare(row: number): string {
    return this.value(row).replace(/[^\d.]/g, '');
  }
  name(row: number): string {
    return this.made.names[row] as string;
  }
  /** `of HEAD` and the like; nothing where there is one column. */
  about(words: readonly string[]): string {
    return this.head === ''
      ? this.random.pick(['value', 'price', 'number', 'amount'])
      : this.random.pick(words).replace('$', this.head);
  }
  anyRow(): number {
    return this.random.int(0, this.made.names.length - 1);
  }
}

function value(view: View): Drill {
  const row = view.anyRow();
  const about = view.about(['$', 'the $']);
  const name = view.name(row);
  const question = view.random.pick([
    `what is ${about} of ${name}?`,
    `${about} for ${name}`,
    `${name}: ${about}?`,
    `how much is ${about} of ${name}`,
    `what ${about} does ${name} have?`,
  ]);
  return ends(question, [...view.heads(), view.quote(row)], answer(view.made, row, view.column));
}

/** Rows whose value in the column stands nowhere else in it. */
function single(view: View): number[] {
  const all = view.made.names.map((_, row) => view.value(row));
  return all.flatMap((one, at) => (all.indexOf(one) === all.lastIndexOf(one) ? [at] : []));
}

function reverse(view: View): Drill | undefined {
  const rows = single(view);
  if (rows.length === 0) return undefined;
  const row = view.random.pick(rows);
  const said = view.made.numeric && view.random.chance(0.4) ? view.bare(row) : view.value(row);
  const about = view.about(['$', 'the $', 'a $']);
  const question = view.random.pick([
    `which one has ${about} ${said}?`,
    `what costs ${said}`,
    `whose ${about} is ${said}?`,
    `who has ${said}?`,
    `${said} is the ${about} of what?`,
    `name the one with ${said}`,
    `for which is ${about} ${said}`,
    `what can i get for ${said}?`,
  ]);
  return ends(question, [...view.heads(), view.quote(row)], view.name(row));
}

/** From one column to another, past the name: what is the A of the one whose B is so. */
function across(view: View): Drill | undefined {
  const rows = single(view);
  const columns = view.made.heads.length - 1;
  if (rows.length === 0 || columns < 2) return undefined;
  const row = view.random.pick(rows);
  let other = view.column;
  while (other === view.column) other = view.random.int(0, columns - 1);
  const head = view.made.heads[other + 1] as string;
  const said = view.value(row);
  const question = view.random.pick([
    `what is the ${head} of the one with ${view.head} ${said}?`,
    `which ${head} does the one have whose ${view.head} is ${said}`,
    `${head} where ${view.head} is ${said}`,
  ]);
  const furthest = Math.max(other, view.column);
  return ends(question, [...view.heads(furthest), view.quote(row, furthest)], answer(view.made, row, other));
}

function absent(view: View): Drill {
  const { names, heads } = view.made;
  let name: string;
  do {
    name = inventedName(view.random, []);
    // Half of them share a word with what is there.
    if (view.random.chance(0.5)) {
      const word = view.random.pick(view.random.pick(names).split(' '));
      name = view.random.chance(0.5) ? `${word} ${pseudoWord(view.random)}` : `${pseudoWord(view.random)} ${word}`;
    }
  } while (names.some((one) => one.includes(name) || name.includes(one)));
  const noColumn = heads.length > 2 && view.random.chance(0.3);
  const about = noColumn ? pseudoWord(view.random) : view.about(['$', 'the $']);
  if (noColumn && heads.some((head) => head.includes(about) || about.includes(head))) return absent(view);
  if (noColumn) name = view.name(view.anyRow());
  const question = view.random.pick([
    `what is ${about} of ${name}?`,
    `${about} for ${name}`,
    `how much is ${about} of ${name}`,
    ...(noColumn ? [] : [`what does ${name} cost?`, `how much is ${name}`]),
  ]);
  return { question, turns: [{ quotes: [], action: 'unknown' }], observations: [] };
}

const MOST = ['highest', 'largest', 'greatest', 'biggest', 'most', 'most expensive', 'dearest', 'maximum', 'top'];
const LEAST = ['lowest', 'smallest', 'least', 'fewest', 'cheapest', 'minimum', 'least expensive'];

function extreme(view: View): Drill | undefined {
  const { names, numeric } = view.made;
  if (!numeric || names.length < 2 || names.length > 9) return undefined;
  const max = view.random.chance(0.55);
  const numbers = names.map((_, row) => Number(view.bare(row)));
  const result = max ? Math.max(...numbers) : Math.min(...numbers);
  if (numbers.filter((one) => one === result).length !== 1) return undefined;
  const row = numbers.indexOf(result);
  const most = view.random.pick(max ? MOST : LEAST);
  const about = view.about(['$']);
  const wantName = view.random.chance(0.65);
  const question = wantName
    ? view.random.pick([
        `which has the ${most} ${about}?`,
        `which is the ${most} ${about}`,
        `${most} ${about}: which?`,
        `who has the ${most} ${about}?`,
        `name the ${most} one by ${about}`,
      ])
    : view.random.pick([`what is the ${most} ${about}?`, `the ${most} ${about}`, `how much is the ${most} ${about}?`]);
  const argument = `${max ? 'max' : 'min'}(${names.map((_, at) => view.bare(at)).join(', ')})`;
  return {
    question,
    turns: [
      { quotes: [...view.heads(), ...names.map((_, at) => view.quote(at))], action: { name: 'Calculate', argument } },
      end([view.quote(row)], wantName ? view.name(row) : answer(view.made, row, view.column)),
    ],
    observations: [{ result: resultText(result) }],
  };
}

const ORDINALS = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth'];

function place(view: View): Drill {
  const count = view.made.names.length;
  const row = view.random.chance(0.4) ? count - 1 : view.random.int(0, Math.min(count, ORDINALS.length) - 1);
  const ordinal = row === count - 1 && view.random.chance(0.8) ? view.random.pick(['last', 'final']) : ORDINALS[row];
  if (ordinal === undefined) return place(view);
  const question = view.random.pick([
    `what is the ${ordinal} one?`,
    `which comes ${ordinal}`,
    `name the ${ordinal}`,
    `the ${ordinal} one is?`,
  ]);
  return ends(question, [view.quote(row)], view.name(row));
}

/** Two or three named rows into one Calculate, each with a count; a difference is the size of it, in the order of asking. */
function pair(view: View): Drill | undefined {
  if (!view.made.numeric || view.made.names.length < 2) return undefined;
  const [a, b] = view.random.shuffle(view.made.names.map((_, at) => at)) as [number, number];
  const about = view.about(['$', 'the $']);
  const plus = view.random.chance(0.5);
  const [k, l] = [
    plus && view.random.chance(0.3) ? view.random.int(2, 6) : 1,
    plus && view.random.chance(0.3) ? view.random.int(2, 6) : 1,
  ];
  const said = (n: number, row: number): string => (n > 1 ? `${n} ${view.name(row)}` : view.name(row));
  const question = plus
    ? view.random.pick([
        `${about} of ${said(k, a)} and ${said(l, b)} together`,
        `total ${about} for ${said(k, a)} and ${said(l, b)}?`,
        `what do ${said(k, a)} and ${said(l, b)} cost`,
      ])
    : view.random.pick([
        `difference of ${about} between ${view.name(a)} and ${view.name(b)}`,
        `by how much do ${view.name(a)} and ${view.name(b)} differ in ${about}?`,
        `how far apart are ${view.name(a)} and ${view.name(b)}?`,
      ]);
  const term = (n: number, row: number): string => (n > 1 ? `${n}*${view.bare(row)}` : view.bare(row));
  const argument = plus ? `${term(k, a)}+${term(l, b)}` : `abs(${view.bare(a)}-${view.bare(b)})`;
  const [x, y] = [Number(view.bare(a)), Number(view.bare(b))];
  const result = resultText(rounded(plus ? k * x + l * y : Math.abs(x - y), 3));
  if (result === 'NaN') return undefined;
  return {
    question,
    turns: [
      { quotes: [...view.heads(), view.quote(a), view.quote(b)], action: { name: 'Calculate', argument } },
      end([], result),
    ],
    observations: [{ result }],
  };
}

const SKILLS = { value, reverse, across, absent, extreme, place, pair } as const;

/** Chains about one reading, each of its own kind of question; `together` makes one sequence of them. */
export function skillChains(random: Random, questions: number): (NanoChain & { kind: string })[] {
  const table = random.chance(0.45);
  const columns = table ? random.int(1, 4) : 1;
  const made = board(random, { rows: random.chance(0.5) ? [2, 9] : [3, 24] }, columns, table);
  const rows = made.heads.length > 0 ? [made.heads.join('\t'), ...made.rows] : made.rows;
  const prompt = {
    tools: ['OCR', 'Calculate'] as const,
    budget: 3,
    images: [{ width: random.int(3, 30) * 100, height: random.int(3, 40) * 100 }],
  };
  const chains: (NanoChain & { kind: string })[] = [];
  for (let tries = 0; chains.length < questions && tries < questions * 4; tries++) {
    const view = new View(random, made, random.int(0, columns - 1));
    const kind = random.weighted(table ? TABLE : BOARD);
    const drill = SKILLS[kind](view);
    if (!drill) continue;
    chains.push({
      kind,
      prompt: { ...prompt, question: drill.question },
      turns: [{ quotes: [], action: { name: 'OCR', argument: 'image-0' } }, ...drill.turns],
      observations: [{ rows }, ...drill.observations],
    });
  }
  return chains;
}
