/** Questions put together from clauses. */
import { hashText, type Random } from '../random.ts';

export type Split = 'train' | 'validation' | 'holdout';

/** What people ask first and most: always for training, so that no chance of a hash leaves it out. */
const everyday = new Set([
  'what is the total',
  "what's the total",
  'what is the total amount',
  'how much is the total',
  'total',
  'how much is $name',
  'how much is the $name',
  'how much does $name cost',
  'how much does the $name cost',
  'what is the price of $name',
  'what is the price of the $name',
  'what is the cost of $name',
  'what does $name cost',
  'what is the $column of $name',
  'which $noun is the cheapest',
  'which $noun is the most expensive',
  'what is the date',
  'what is the change',
  'what is the tax',
  'what does the sign say',
  'what is the answer',
  'what is the result',
]);

/** Which split a question skeleton belongs to: every eighth is for validation, every eighth for the holdout. */
export function skeletonSplit(skeleton: string): Split {
  const plain = skeleton.toLowerCase();
  if (everyday.has(plain)) return 'train';
  const bucket = hashText(plain) % 8;
  return bucket === 0 ? 'validation' : bucket === 1 ? 'holdout' : 'train';
}

/** One expansion of a template: `[a|b|]` is a choice, which may nest; `$name` stays for later. */
export function expand(rng: Random, template: string): string {
  let at = 0;
  const sequence = (stop: string): string => {
    let text = '';
    while (at < template.length && !stop.includes(template[at] as string)) {
      if (template[at] === '[') {
        at++;
        const choices: string[] = [];
        for (;;) {
          choices.push(sequence('|]'));
          if (template[at++] === ']' || at >= template.length) break;
        }
        text += rng.pick(choices);
      } else text += template[at++];
    }
    return text;
  };
  return sequence('').replace(/\s+/g, ' ').trim();
}

export interface Phrase {
  readonly text: string;
  /** The expansion before its slots are filled: what a split holds back. */
  readonly skeleton: string;
}

const pictures = '[image|picture|photo|picture shown|image shown|image below|photo here]';
const before = [
  `[in|from|going by|looking at|according to|judging by] the ${pictures},`,
  '[hi|hello|hey],',
  '[please tell me|tell me|can you tell me|could you say|do you know|i want to know|quick question]:',
  'please look at the [image|picture|photo] and answer.',
];
const after = [
  `[in|on|from|according to|going by] the ${pictures}`,
  '[shown|shown here|here|please|thanks|as shown]',
  '[in|from] this [image|picture|photo]',
];

/** A typing slip in one word of four letters or more. */
function slip(rng: Random, text: string): string {
  const words = text.split(' ');
  const at = rng.int(0, words.length - 1);
  const word = words[at] as string;
  if (word.length < 4 || word.includes('$')) return text;
  const i = rng.int(1, word.length - 2);
  words[at] = rng.pick([
    word.slice(0, i) + word.slice(i + 1),
    word.slice(0, i) + word[i + 1] + word[i] + word.slice(i + 2),
    word.slice(0, i) + word[i] + word.slice(i),
  ]);
  return words.join(' ');
}

/**
 * Words a question of a split: clauses are drawn until the skeleton belongs to it, then slots are filled and the case,
 * the end mark and now and then a typing slip are added.
 * @param slots text for each `$name` of the templates
 */
export function phrase(
  rng: Random,
  templates: readonly string[],
  slots: Readonly<Record<string, string>>,
  split: Split,
): Phrase {
  let skeleton = '';
  for (let tries = 0; tries < 60; tries++) {
    // The first clauses of a family are the plain ones, and plain is how most people ask.
    const core = expand(rng, rng.chance(0.4) ? rng.pick(templates.slice(0, 3)) : rng.pick(templates));
    const head = rng.chance(0.12) ? `${expand(rng, rng.pick(before))} ` : '';
    const tail = head === '' && rng.chance(0.2) ? ` ${expand(rng, rng.pick(after))}` : '';
    skeleton = head + core + tail;
    if (skeletonSplit(skeleton) === split) break;
  }
  let text = split !== 'holdout' && rng.chance(0.03) ? slip(rng, skeleton) : skeleton;
  // Longer names first, so that `$name2` is not taken for `$name`.
  for (const name of Object.keys(slots).sort((a, b) => b.length - a.length))
    text = text.replaceAll(`$${name}`, slots[name] as string);
  const mark = text.endsWith('.')
    ? ''
    : rng.weighted([
        ['?', 7],
        ['', 2],
        [' ?', 0.5],
        ['.', 0.5],
      ] as const);
  const first = rng.chance(0.75) ? text.charAt(0).toUpperCase() + text.slice(1) : text;
  return { text: first + mark, skeleton };
}

/** What slots stand for, in the order in which a skeleton names them; slots that it does not name are left out. */
export function inOrder<T>(skeleton: string, slots: Readonly<Record<string, T>>): T[] {
  return Object.entries(slots)
    .map(([slot, meant]) => ({ at: skeleton.indexOf(`$${slot}`), meant }))
    .filter(({ at }) => at >= 0)
    .sort((a, b) => a.at - b.at)
    .map(({ meant }) => meant);
}

/** How a person writes a name that they read on a picture: whole, without marks, in the plural, with a slip. */
export function spoken(rng: Random, name: string): string {
  let said = name.replace(/\s*&\s*/g, rng.chance(0.5) ? ' and ' : ' & ');
  if (rng.chance(0.6)) said = said.toLowerCase();
  if (said.length > 6 && rng.chance(0.04)) said = slip(rng, said);
  return said;
}

/** A word of a name that no other name has, or the whole name. */
export function partOf(rng: Random, name: string, others: readonly string[]): string {
  const mine = name.split(/\s+/).filter((word) => word.length >= 4 && /^[A-Za-z]+$/.test(word));
  const rest = others
    .filter((o) => o !== name)
    .join(' ')
    .toLowerCase();
  const own = mine.filter((word) => !rest.includes(word.toLowerCase()));
  return own.length > 0 ? rng.pick(own) : name;
}
