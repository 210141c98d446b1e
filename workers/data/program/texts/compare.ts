/** Questions over several pages: two or three receipts, or two price lists that both have a thing. */
import { CANNOT_TELL } from '../../../../shared/data/chain.ts';
import { resultText } from '../../ask/ask.ts';
import { type Phrase, phrase, type Split, spoken } from '../../ask/phrase.ts';
import type { Random } from '../../random.ts';
import type { Place, Scene } from '../../scene/scene.ts';
import type { PageSet, Question, Realised } from './course.ts';
import { Course } from './course.ts';
import { peersOf } from './question.ts';
import { sceneFor } from './splits.ts';
import { listed, say, whyOf } from './thoughts.ts';
import { decimalsOf } from './values.ts';

const paper = '[receipt|bill]';
const SAY = {
  whichTotal: [
    `which image shows the ${paper} with the $more total, $images`,
    `which [image|picture] has the $more total[ amount|]: $images`,
    `[comparing|looking at] the [receipts|bills], which image has the $more total`,
    `in which image, $images, is the total [amount|of the ${paper}] $more`,
    'name the image whose [receipt|bill] has the $more total',
  ],
  sumTotal: [
    `what is the sum of the totals of the $n [receipts|bills]`,
    `how much [is|are] the $n [receipts|bills] [together|in total|altogether]`,
    'add up the totals of [all images|all receipts|the $n receipts]',
    `what do the totals of the $n [receipts|bills] [add up to|come to together]`,
  ],
  gapTotal: [
    `[what is|find] the difference between the totals of the two [receipts|bills]`,
    `by how much do the totals of the two [receipts|bills] differ`,
    `how far apart are the totals of the two [receipts|bills]`,
  ],
  whichPrice: [
    'which image has the $more price for [the|] $name, $images',
    'in which image is [the|] $name $dear[: $images|]',
    'on which [list|page] is [the|] $name $dear, $images',
    'which image [shows|offers|lists] [the|] $name at the $more price',
  ],
  gapPrice: [
    'by how much do the prices of [the|] $name in the two images differ',
    'what is the difference between the prices of [the|] $name [in|on] the two [images|lists]',
    'how far apart are the two prices of [the|] $name',
  ],
} as const;
const NUMBERS = ['', '', 'two', 'three'];

export interface Compared {
  readonly scenes: readonly Scene[];
  readonly text: string;
  readonly skeleton: string;
  readonly truth: string;
  /** Other answers to choose from; empty for what is calculated. */
  readonly others: readonly string[];
  /** Where each page's amount stands; rows of its own scene. */
  readonly places: readonly { readonly name: readonly Place[]; readonly value: Place; readonly amount: number }[];
  readonly kind: 'most' | 'least' | 'sum' | 'difference';
}

/** As `phrase`, without the additions that speak of one image. */
function phraseOfAll(
  rng: Random,
  templates: readonly string[],
  slots: Readonly<Record<string, string>>,
  split: Split,
): Phrase {
  for (;;) {
    const said = phrase(rng, templates, slots, split);
    if (!/\b(photo|this image|this picture|the picture|shown|here|image below|the image)\b/.test(said.skeleton))
      return said;
  }
}

/** Gives an entry of a price list another name. */
function renamed(scene: Scene, index: number, name: string): Scene | undefined {
  const { facts } = scene;
  if (facts.kind !== 'prices') return undefined;
  const entry = facts.entries[index];
  if (!entry) return undefined;
  const key = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]/g, '');
  if (facts.entries.some((e, i) => i !== index && (key(e.name).includes(key(name)) || key(name).includes(key(e.name)))))
    return undefined;
  const { row, cell } = entry.nameAt;
  const rows = scene.rows.map((r, i) =>
    i === row
      ? { ...r, cells: r.cells.map((text, k) => (k === cell ? text.replace(entry.name, () => name) : text)) }
      : r,
  );
  if (!rows[row]?.cells[cell]?.includes(name)) return undefined;
  return {
    ...scene,
    rows,
    facts: { ...facts, entries: facts.entries.map((e, i) => (i === index ? { ...e, name } : e)) },
  };
}

function receipts(rng: Random, split: Split): Compared | undefined {
  const count = rng.chance(0.2) ? 3 : 2;
  const scenes = Array.from({ length: count }, () => sceneFor(rng, split, 'receipt') ?? []).flat();
  const places = scenes.flatMap(({ facts }) => {
    const total = facts.kind === 'receipt' ? facts.fields.total : undefined;
    return total?.amount === undefined ? [] : [{ name: total.quote, value: total.valueAt, amount: total.amount }];
  });
  if (places.length < count) return undefined;
  const amounts = places.map(({ amount }) => amount);
  if (new Set(amounts).size < count) return undefined;
  const kind = rng.weighted([
    ['most', 3],
    ['least', 3],
    ['sum', 3],
    ['difference', count === 2 ? 2 : 0],
  ] as const);
  const names = scenes.map((_, i) => `image-${i}`);
  const slots = {
    more: kind === 'most' ? rng.pick(['higher', 'larger', 'greater']) : rng.pick(['lower', 'smaller']),
    images: `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`,
    n: count === 2 && rng.chance(0.5) ? 'two' : (NUMBERS[count] as string),
  };
  if (count === 3)
    slots.more = kind === 'most' ? rng.pick(['highest', 'largest', 'greatest']) : rng.pick(['lowest', 'smallest']);
  const said = phraseOfAll(
    rng,
    kind === 'sum' ? SAY.sumTotal : kind === 'difference' ? SAY.gapTotal : SAY.whichTotal,
    slots,
    split,
  );
  return { scenes, ...said, ...answerOf(kind, amounts, names), places, kind };
}

function lists(rng: Random, split: Split): Compared | undefined {
  const first = sceneFor(rng, split, 'menu');
  const second = sceneFor(rng, split, 'menu');
  if (first?.facts.kind !== 'prices' || second?.facts.kind !== 'prices') return undefined;
  const entry = rng.pick(first.facts.entries);
  const index = rng.int(0, second.facts.entries.length - 1);
  const other = renamed(second, index, entry.name);
  if (other?.facts.kind !== 'prices') return undefined;
  const twin = other.facts.entries[index] as typeof entry;
  if (twin.amount === entry.amount) return undefined;
  const kind = rng.weighted([
    ['most', 2],
    ['least', 3],
    ['difference', 2],
  ] as const);
  const slots = {
    more: kind === 'most' ? 'higher' : 'lower',
    dear: kind === 'most' ? rng.pick(['more expensive', 'dearer']) : 'cheaper',
    images: 'image-0 or image-1',
    name: spoken(rng, entry.name),
  };
  const said = phraseOfAll(rng, kind === 'difference' ? SAY.gapPrice : SAY.whichPrice, slots, split);
  const flip = rng.chance(0.5);
  const pair = [
    { scene: first, e: entry },
    { scene: other, e: twin },
  ];
  if (flip) pair.reverse();
  const amounts = pair.map(({ e }) => e.amount);
  return {
    scenes: pair.map(({ scene }) => scene),
    ...said,
    ...answerOf(kind, amounts, ['image-0', 'image-1']),
    places: pair.map(({ e }) => ({ name: [e.nameAt, e.valueAt], value: e.valueAt, amount: e.amount })),
    kind,
  };
}

function answerOf(
  kind: Compared['kind'],
  amounts: readonly number[],
  names: readonly string[],
): Pick<Compared, 'truth' | 'others'> {
  if (kind === 'sum') return { truth: resultText(amounts.reduce((a, b) => a + b, 0)), others: [] };
  if (kind === 'difference')
    return { truth: resultText(Math.abs((amounts[0] as number) - (amounts[1] as number))), others: [] };
  const best = kind === 'most' ? Math.max(...amounts) : Math.min(...amounts);
  const truth = names[amounts.indexOf(best)] as string;
  return { truth, others: names.filter((name) => name !== truth) };
}

/** @returns undefined where the scenes do not go together */
export function comparison(rng: Random, split: Split): Compared | undefined {
  return rng.chance(0.55) ? receipts(rng, split) : lists(rng, split);
}

/** @param set the pages in the order of the scenes */
export function realiseComparison(rng: Random, set: PageSet, compared: Compared): Realised | undefined {
  const base = { row: 0, cell: 0 };
  const amountsOf = (page: number): readonly Place[] => peersOf(compared.scenes[page] as Scene, base);
  const shift = (page: number, { row, cell }: Place): Place => ({ row: row + (set.offsets[page] ?? 0), cell });
  const question: Question = {
    ask: {
      family: 'sums',
      kind: 'compare-pages',
      text: compared.text,
      skeleton: compared.skeleton,
      truth: compared.truth,
      turns: [],
      needsPicture: true,
    },
    family: 'compare-pages',
    truth: compared.truth,
    textAt: (place) => {
      const page = set.offsets.findLastIndex((offset) => offset <= place.row);
      return compared.scenes[page]?.rows[place.row - (set.offsets[page] ?? 0)]?.cells[place.cell] ?? '';
    },
    amountAt: (place) => {
      const page = set.offsets.findLastIndex((offset) => offset <= place.row);
      return compared.places[page]?.amount;
    },
    decimalsAt: (place, read) => {
      const page = set.offsets.findLastIndex((offset) => offset <= place.row);
      return decimalsOf(
        amountsOf(page).flatMap((peer) =>
          peer.row + (set.offsets[page] ?? 0) === place.row ? [] : [read(shift(page, peer)) ?? ''],
        ),
      );
    },
  };
  const course = new Course(rng, set, question);
  course.readAll();
  if (compared.truth === CANNOT_TELL) return course.cannotTell(false);
  const values: string[] = [];
  const rows: string[] = [];
  for (const [page, { name, value, amount }] of compared.places.entries()) {
    const [first] = name;
    const label = first && course.read(shift(page, first));
    if (first && !(first.row === value.row && first.cell === value.cell) && !course.named(shift(page, first), label))
      return undefined;
    const read = course.amount(shift(page, value));
    if (!read || read.value !== amount) return undefined;
    values.push(read.text);
    rows.push(listed(course.quotes(name.map((place) => shift(page, place)))));
  }
  const { kind, truth } = compared;
  if (kind === 'sum' || kind === 'difference') {
    const expression = kind === 'sum' ? values.join('+') : `abs(${values.join('-')})`;
    const slots = { rows: listed(rows), numbers: listed(values), why: whyOf(rng, kind), expression };
    course.calculate(say(rng, 'numbers', slots), expression, Number(truth));
    return course.end(say(rng, 'result', { value: truth }), truth);
  }
  const parts = rows.map((row, page) => `image-${page} has ${values[page]} (${row})`);
  const word = kind === 'most' ? (values.length > 2 ? 'greatest' : 'greater') : values.length > 2 ? 'least' : 'smaller';
  const best = values[Number(truth.slice(6))] as string;
  return course.end(say(rng, 'compared', { parts: listed(parts), word, best, answer: truth }), truth);
}
