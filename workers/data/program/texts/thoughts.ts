/**
 * What a chain thinks: what is needed, why, and which rows say so. Every number and every quote of a thought comes from
 * the question or from what was observed.
 */
import { expand } from '../../ask/phrase.ts';
import type { Random } from '../../random.ts';
import type { TextFamily } from './families.ts';

/** What a question of a family is after, before anything was read. */
const GOALS: Readonly<Record<TextFamily, readonly string[]>> = {
  'look-up': [
    'the value that goes with the name in the question',
    'the entry that the question names',
    'what stands beside the name that is asked for',
    'the value of one row',
  ],
  reverse: [
    'the name that the given value belongs to',
    'the row that has this value',
    'which entry carries the value in the question',
    'whose value this is',
  ],
  sums: [
    'the amounts that the question adds up',
    'the prices of what is listed in the question',
    'the single amounts behind the sum',
    'what each of these costs',
  ],
  difference: [
    'the two values that are compared',
    'both values of the comparison',
    'the values whose difference is asked',
    'what the two entries say',
  ],
  extremes: [
    'all values among which one is the most or the least',
    'every value that has to be compared',
    'the whole list, to find its extreme',
    'the values to rank',
  ],
  average: [
    'all values that go into the result',
    'the column of values to combine',
    'every value that counts here',
    'the values of the rows in question',
  ],
  receipt: [
    'the line of the receipt that is asked for',
    'the field in question',
    'the row of the receipt that says it',
    'one entry of the receipt',
  ],
  equations: ['the sum that is printed', 'the exercise itself', 'what has to be solved', 'the terms of the equation'],
  reading: ['the words that are printed', 'the text in question', 'what is written there', 'the wording itself'],
  'unit-price': [
    'the figures that the calculation starts from',
    'the amounts per unit',
    'the numbers printed for it',
    'the price or amount of one unit',
  ],
  'compare-pages': [
    'the figures of each image',
    'the amounts on both pages',
    'what each picture says',
    'the value of every image that is compared',
  ],
  arithmetic: ['the value of the sum', 'the result of the calculation in the question'],
};

const READ = [
  '[The question asks for|This asks for] $goal[. That|, which] is printed in $image, so I [read|have to read] its text first.',
  '[To find|For] $goal I need the text of $image[.|, so I start with OCR.]',
  '[I need|What I need is] $goal. [Only the text of $image can say it|It has to be read in $image], so OCR comes first.',
  'I [cannot answer|know nothing yet] without the text of $image: $goal [has to be|must be] read there.',
  '[First|As a first step] I read $image, because $goal [stands|should stand] in its text.',
  '$image [holds|should hold] $goal; OCR [will show|shows] me its rows.',
];
const READ_MORE = [
  'Now [the same for|I read] $image, which the question is about as well.',
  '[The other page is missing still|One page is not enough]: I read $image too.',
  'I have [the first one|that]; [next comes|now for] $image.',
  '[To compare I need|The comparison needs] $image as well, so I read it next.',
];
const READ_BOTH = [
  'The question is about $images, so I read [all of them|each of them] [at once|in one go].',
  '[I need|What I need is] $goal: I read $images.',
];
const AGAIN = [
  '$doubt, so I enlarge that part of $image [to read it again|for a second look].',
  '$doubt. [A closer look at|Enlarging] this part of $image may [settle it|make it clear].',
  '$doubt; before I [say anything|go on] I [look closer at|cut out] that place of $image.',
];
const READ_PART = [
  '[Now I read the enlarged part|I read the enlarged part now]: $image.',
  '$image shows [the place|it] larger; I read it [again|anew].',
  'The part is cut out as $image. I read [it|what it says].',
];
const DOUBTS = {
  unclear: [
    'The row $row [does not show a clear amount|leaves the amount unclear]',
    'In $row I cannot [be sure of the figure|tell the digits for sure]',
    'What stands in $row is [no clean number|not clearly a number]',
  ],
  absent: [
    'The row $row [shows no value|has nothing beside the name]',
    'Beside $row [no value was read|I find no value]',
    '$row [stands alone|comes without its value]',
  ],
};
const SAYS = [
  'The row $row [says it|answers it]: $value.',
  '$row is [the row in question|what was asked for]; it [gives|shows] $value.',
  '[I find|There is] the row $row, [which gives|so it is] $value.',
  '[According to|By] the row $row [it is|the answer is] $value.',
  '[What was asked|The thing asked for] stands in $row: $value.',
];
const SAYS_MANY = [
  'The rows $rows [belong together here|say it]: $value.',
  '$rows [together show|lead to] $value.',
  '[Going by|By] $rows [it is|the answer is] $value.',
];
const NUMBERS = [
  '[The rows $rows give|$rows give|I take from $rows] $numbers. $why, so I calculate $expression.',
  'From $rows [I have|come] $numbers. $why: $expression.',
  '$why. The [numbers|figures] are $numbers ([rows|see] $rows), [which makes|so the sum is] $expression.',
];
const NUMBER = [
  '[The row $rows gives|$rows gives|I take from $rows] $numbers. $why, so I calculate $expression.',
  'From $rows [I have|comes] $numbers. $why: $expression.',
  '$why. The [number|figure] is $numbers ([row|see] $rows), [which makes|so the sum is] $expression.',
];
/** Why the next thing is a calculation. */
const WHY: Readonly<Record<string, readonly string[]>> = {
  sum: ['The question wants them together', 'They have to be added up', 'Asked is their sum'],
  count: [
    'Each has to be counted as often as the question says',
    'The numbers of pieces have to be taken along',
    'The question says how many of each',
  ],
  difference: [
    'The question asks how far they are apart',
    'Their difference is wanted',
    'One has to be taken from the other',
  ],
  change: [
    'What is left of the money is asked',
    'The cost has to be taken from the money',
    'The question wants the money left over',
  ],
  max: ['I have to find the greatest of them', 'The largest one decides', 'Asked is where the maximum lies'],
  min: ['I have to find the least of them', 'The smallest one decides', 'Asked is where the minimum lies'],
  mean: ['The mean of them is wanted', 'They have to be averaged', 'Asked is their average'],
  share: ['It has to be divided', 'The question splits it into equal parts', 'One part of it is asked'],
  rate: ['One has to be divided by the other', 'A quotient is asked', 'The question asks for a ratio'],
  product: ['They have to be multiplied', 'The question asks for a multiple', 'Asked is their product'],
  sale: [
    'The reduction has to be taken off',
    'The lower price after the reduction is asked',
    'The question wants the price less the discount',
  ],
  printed: ['That is the exercise that the question means', 'It only has to be worked out', 'Nothing else is needed'],
};
const RESULT = [
  '[The result is|Calculate gives|That makes] $value, [which is what was asked|and that answers the question|the answer].',
  '[So it is|It comes to] $value.',
  '$value [is the result|comes out], [so this is the answer|and nothing else is needed].',
];
const BEST = [
  '$value is the [$extreme|value to look for]; [it stands in|the row is] $row, so the answer is $answer.',
  '[The $extreme is|Calculate says] $value. The row $row [has it|carries it]: $answer.',
  '[It is|That value,] $value, [found|printed] in $row, so [I answer|it must be] $answer.',
];
const ABSENT = [
  '[None of the rows|No row] [names|says] what [the question asks for|is asked], so it cannot be told from the image.',
  'I went through all rows; [what is asked for is not among them|none of them has it]. [The image does not tell|So it cannot be told].',
  '[What the question asks for|This] is not [printed|written] [here|in the image], and nothing that is [lets|would let] me work it out.',
  'The text [has no such entry|does not say that]. I [must not guess|will not guess].',
];
const STILL = [
  '[The second look|The enlarged part] [does not settle it either|is no clearer], so it cannot be told.',
  '[It stays unclear|Even enlarged it is unclear]; I [must not guess|will not guess].',
];
const OPTION = [
  '[This|That] is option $letter.',
  '[So|Hence] the [letter|option] is $letter.',
  'Among the options [it is|this is] $letter.',
  'I choose $letter.',
];
const PLAIN = [
  '[Everything needed|All that is needed] stands in the question: $expression[.| has to be worked out.]',
  'No image is needed; I [calculate|work out] $expression.',
  '[The question is a sum by itself|This is arithmetic alone]: I calculate $expression.',
];
const HEAD = [
  '[This is easy enough without a tool|I can do this in my head|No tool is needed]: $expression = $value.',
  '$expression = $value[.|, which I can say at once.]',
];

const COMPARED = [
  '[I compare|Comparing]: $parts. The $word [of them is|one is] $best, so [the answer is|it is] $answer.',
  '$parts. $best is the $word, [which is|and that is] $answer.',
  '[Read side by side|Side by side]: $parts. [Asked is the $word|The $word is asked for]: $best, [so|that is] $answer.',
];

const TEMPLATES = {
  compared: COMPARED,
  read: READ,
  readMore: READ_MORE,
  readBoth: READ_BOTH,
  again: AGAIN,
  readPart: READ_PART,
  unclear: DOUBTS.unclear,
  valueAbsent: DOUBTS.absent,
  says: SAYS,
  saysMany: SAYS_MANY,
  number: NUMBER,
  numbers: NUMBERS,
  result: RESULT,
  best: BEST,
  absent: ABSENT,
  still: STILL,
  option: OPTION,
  plain: PLAIN,
  head: HEAD,
} as const;

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** A sentence of a kind with its slots filled in. Slots are filled in one pass, so that a value may hold a dollar sign. */
export function say(rng: Random, kind: keyof typeof TEMPLATES, slots: Readonly<Record<string, string>> = {}): string {
  const text = expand(rng, rng.pick(TEMPLATES[kind]));
  return capital(text.replace(/\$([a-z]+)/g, (whole, name: string) => slots[name] ?? whole));
}

export const goalOf = (rng: Random, family: TextFamily): string => rng.pick(GOALS[family]);
export const whyOf = (rng: Random, reason: string): string =>
  rng.pick(WHY[reason] ?? (WHY.printed as readonly string[]));

/** Why a calculation is made, from what it looks like. */
export function reasonOf(kind: string, expression: string): string {
  if (kind.startsWith('equations')) return 'printed';
  if (/^max/.test(expression)) return 'max';
  if (/^min/.test(expression)) return 'min';
  if (/mean\(/.test(expression)) return 'mean';
  if (/change/.test(kind)) return 'change';
  if (/share/.test(kind)) return 'share';
  if (/discount/.test(kind)) return 'sale';
  if (/unit-price|how-many/.test(kind)) return 'rate';
  if (/^abs|difference/.test(expression) || /difference/.test(kind)) return 'difference';
  if (/\*/.test(expression)) return /\+/.test(expression) ? 'count' : 'product';
  return 'sum';
}

/** A list as people write it: `a`, `a and b`, `a, b and c`. */
export const listed = (items: readonly string[]): string =>
  items.length < 2 ? (items[0] ?? '') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
