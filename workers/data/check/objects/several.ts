/** Understands questions about several pictures, which are called `@0`, `@1` here; `text` as language.ts leaves it. */
import { SIDE, sideOf } from './language.ts';
import type { Meaning, Thing } from './meaning.ts';
import { bare } from './nouns.ts';
import { countedThing } from './single.ts';

const NAME = "([a-z][a-z' -]*?)";
const THE = '(?:the|this|that|a|an)';
const IMAGES = '(?:images?|pictures?|photos?|photographs?)';

const fits = (text: string, ...patterns: readonly RegExp[]): RegExpExecArray | undefined => {
  for (const pattern of patterns) {
    const found = pattern.exec(text);
    if (found) return found;
  }
  return undefined;
};
const like = (pattern: string): RegExp =>
  new RegExp(
    pattern.replaceAll('NAME', NAME).replaceAll('THE', THE).replaceAll('SIDE', SIDE).replaceAll('IMAGES', IMAGES),
  );

const clean = (name: string | undefined): string | undefined => {
  if (name === undefined) return undefined;
  const short = bare(name);
  return short === '' ||
    /\b(?:which|what|is|are|how|where|of|there|most|fewest|that|than|from|to|or|both|same)\b/.test(short)
    ? undefined
    : short;
};

/** The first name, among the patterns' first groups, that is one. */
const nameIn = (text: string, ...patterns: readonly RegExp[]): string | undefined => {
  for (const pattern of patterns) {
    const name = clean(pattern.exec(text)?.[1]);
    if (name !== undefined) return name;
  }
  return undefined;
};

/** Numbers of the images that a text names, in order, each once. */
const named = (text: string): number[] => [...new Set([...text.matchAll(/@(\d+)/g)].map(([, n]) => Number(n)))];

const pairOf = (text: string): { first: number; second: number } | undefined => {
  const [first, second, ...more] = named(text);
  return first !== undefined && second !== undefined && more.length === 0 ? { first, second } : undefined;
};

export function meaningOfSeveral(text: string, count: number): Meaning | undefined {
  const all = Array.from({ length: count }, (_, i) => i);
  if (named(text).some((image) => image >= count)) return undefined;
  return moreOf(text) ?? colourOf(text) ?? inEachOf(text) ?? totalOf(text, all) ?? selectOf(text, all) ?? oneOf(text);
}

const HOW_MANY_MORE = [
  like(
    `^how many more NAME (?:are there|there are|can be seen|are visible|are shown|do you see|can you see|can you count|does one see) in @(\\d+) than in @(\\d+)$`,
  ),
  like(`^how many more NAME in @(\\d+) than in @(\\d+)$`),
  like(`by how many do THE NAME in @(\\d+) outnumber (?:those|the [a-z' -]+|the ones) in @(\\d+)$`),
  like(
    `difference (?:in number )?between (?:the number of )?(?:the )?NAME in @(\\d+) and (?:those|that|the [a-z' -]+) in @(\\d+)$`,
  ),
  like(
    `^@(\\d+) (?:has|shows|contains|holds) more NAME than @(\\d+)[.,;:]? (?:(?:by )?how many(?: more)?(?: are there)?|what is the difference|by what number)$`,
  ),
  like(
    `^(?:counting|looking only at|going by|thinking of|considering|taking) (?:only )?(?:the )?NAME, how many more (?:does|has) @(\\d+) (?:have |has |show |contain )?than @(\\d+)$`,
  ),
];
const MORE_IN_PAIR = like(
  `^@(\\d+) and @(\\d+) : how many more NAME (?:does|has|are there in|has got) @(\\d+)(?: have| show| contain)?$`,
);
const MORE_WHERE = [
  like(`\\b(?:has|have|shows|contains|holds|sees) more NAME(?:[,:]| (?:in|or)|$)`),
  like(`\\bthere (?:are )?more NAME(?: in @|[:,])`),
  like(`\\bmore NAME(?: in|:|,)`),
];

function moreOf(text: string): Meaning | undefined {
  const inPair = MORE_IN_PAIR.exec(text);
  if (inPair) {
    const [, a, b, name, of] = inPair;
    const thing = clean(name);
    const first = Number(of);
    const second = first === Number(a) ? Number(b) : Number(a);
    return thing ? { asks: 'how-many-more', thing: { name: thing }, first, second } : undefined;
  }
  const found = fits(text, ...HOW_MANY_MORE);
  if (found) {
    // Numbers of images are the digits among the groups, the name is the other.
    const groups = found.slice(1).filter((group) => group !== undefined);
    const numbers = groups.filter((group) => /^\d+$/.test(group)).map(Number);
    const thing = clean(groups.find((group) => !/^\d+$/.test(group)));
    return thing
      ? { asks: 'how-many-more', thing: { name: thing }, first: numbers[0]!, second: numbers[1]! }
      : undefined;
  }
  const pair = pairOf(text);
  if (!pair || !/\bmore\b/.test(text) || /how many/.test(text)) return undefined;
  const thing = nameIn(text, ...MORE_WHERE);
  return thing ? { asks: 'more-where', thing: { name: thing }, ...pair } : undefined;
}

const SAME_COLOUR = [
  like(`@\\d+ and @\\d+ both (?:show|have|contain) (?:an?|the|one) NAME[.,;]`),
  like(`^(?:whether |if )?(?:does|do|is|are|has|have)? ?THE NAME (?:have |has |of )?in @\\d+ `),
  like(`^(?:do|are|have) THE NAME in @\\d+ and`),
  like(
    `(?:whether|if|does|has|is|do|have|are) THE NAME (?:has |have |of |is )?(?:the |one and the |an? )?(?:same|equal) colour`,
  ),
];
const TWO_COLOURS = [
  like(`(?:fits|right for|describes|matches|goes with) (?:the )?NAME in @\\d+`),
  like(`colours? (?:are|do you see on|can you see on|is|of|has|have) (?:the )?NAME in @\\d+`),
  like(`colours? of (?:the )?NAME in @\\d+`),
  like(`colours? (?:are|do) (?:the )?NAME in @\\d+`),
];

function colourOf(text: string): Meaning | undefined {
  const pair = pairOf(text);
  if (!pair || !/\bcolours?\b|pair of|\boption fits|option is right/.test(text)) return undefined;
  if (
    /\b(?:same|equal|identical|alike) (?:in )?(?:colour|in colour)|\bsame colour\b|equal colour|agree in colour/.test(
      text,
    )
  ) {
    const thing = nameIn(text, ...SAME_COLOUR);
    return thing ? { asks: 'same-quality', thing, ...pair } : undefined;
  }
  const thing = nameIn(text, ...TWO_COLOURS);
  return thing ? { asks: 'two-qualities', thing, ...pair } : undefined;
}

const STATEMENT = [
  like(
    `(?:is|does one see|can one see|do you see|can you see|have|has|show|shows|contain|whether|that|which|where|@\\d+|:|^) ?THE NAME (?:is |lies |stands )?SIDE THE NAME(?=$|[ ,:.])`,
  ),
  like(`^THE NAME (?:is|lies) SIDE THE NAME(?=$|[ ,:.])`),
];

function statement(text: string): { thing: string; side: ReturnType<typeof sideOf>; anchor: string } | undefined {
  const plain = text
    .replace(/[:,]? (?:in|on) (?:both|only one|one of|one|@\d+).*$/, '')
    .replace(/[:,]? ?@\d+(?:,? (?:@\d+|and|or))*$/, '')
    .replace(/[:,] (?:in both|both|only)\b.*$/, '')
    .replace(/ in @\d+$/, '')
    .replace(/[:,.] (?:is|where is) (?:that|this|it) (?:so|true|the case)\b.*$/, '')
    .trim();
  const found = fits(plain, ...STATEMENT.map((pattern) => new RegExp(pattern.source.replace('(?=$|[ ,:.])', '$'))));
  const [thing, anchor] = [clean(found?.[1]), clean(found?.[3])];
  return found && thing && anchor ? { thing, side: sideOf(found[2]!), anchor } : undefined;
}

/** Of two images: both, only one, neither. */
function inEachOf(text: string): Meaning | undefined {
  const pair = pairOf(text);
  if (!pair || !new RegExp(SIDE).test(text)) return undefined;
  const choice = /\b(?:both|neither)\b/.test(text);
  const open =
    /\bin which of\b|\bwhich of (?:the (?:images|pictures|photos) )?@|^(?:of|out of) @|\bwhere is\b|^@\d+ and @\d+ : (?:where|in which|which)|in which (?:image|picture|photo) |^where\b/.test(
      text,
    );
  if (!choice && !open) return undefined;
  const said = statement(text);
  return said && { asks: 'compare-relation', ...said, ...pair };
}

const TOGETHER = like(
  `,? ?(?:(?:in|over|across) (?:all (?:of )?(?:the |these )?|the |these |both )(?:\\w+ )?IMAGES(?: taken)?(?: together)?|(?:in|over|across) @\\d+(?:,? (?:and )?@\\d+)+(?: taken)?(?: together)?|(?:taken )?(?:all )?together)`,
);

function totalOf(text: string, all: readonly number[]): Meaning | undefined {
  if (!/^(?:how many|count|add up|what is the|the) /.test(text) || /\bmore\b/.test(text)) return undefined;
  const place = TOGETHER.exec(text);
  if (!place) return undefined;
  const images = named(place[0]);
  const rest = text.replace(place[0], '').replace(/\s+/g, ' ').trim();
  const thing: Thing | undefined = countedThing(rest);
  return thing && { asks: 'count', thing, images: images.length > 0 ? images : all };
}

const MANY = like(
  `(?:has|have|shows|contains|has got|are there|with|that has|that shows|see|count|holds|sees|there are|find) the (most|largest number of|greatest number of|highest number of|fewest|smallest number of|lowest number of|least) NAME$`,
);
const HAS = [
  like(
    `(?:has|have|shows|contains|has got|with|that has|that shows|is there|see|holds|sees|that contains|find|there is) (?:an?|at least one|any|one|some) NAME$`,
  ),
  like(
    `^(?:an?|at least one|one) NAME (?:can be seen|is|is shown|appears|occurs) in (?:only|just|exactly) one of the IMAGES`,
  ),
];
const WHICH = /\bwhich\b|^(?:find|name|pick|choose) the (?:image|picture|photo)/;

function selectOf(text: string, all: readonly number[]): Meaning | undefined {
  if (!WHICH.test(text)) return undefined;
  const choice = /[:,] ?(?:@\d+(?:,? (?:or )?)?)+$/.exec(text);
  const images = choice ? named(choice[0]) : all;
  const rest = (choice ? text.slice(0, choice.index) : text).replace(/[.,;:] which(?: one)?(?: is it)?$/, '').trim();
  const many = MANY.exec(rest);
  const counted = clean(many?.[2]);
  if (many && counted)
    return {
      asks: 'select-number',
      most: /^(?:most|largest|greatest|highest)/.test(many[1]!),
      thing: { name: counted },
      images,
    };
  if (new RegExp(SIDE).test(rest)) {
    const said = statement(rest);
    if (said) return { asks: 'select-relation', ...said, images };
  }
  const name = nameIn(rest, ...HAS);
  return name ? { asks: 'select', thing: { name }, images } : undefined;
}

/** About one of the images, which it names: a count, a colour, whether there is one. */
function oneOf(text: string): Meaning | undefined {
  const images = named(text);
  if (images.length !== 1) return undefined;
  const rest = text
    .replace(/ ?\b(?:in|on) @\d+/, '')
    .replace(/^does @\d+ (?:show|contain|have)/, 'is there')
    .trim();
  const thing = countedThing(rest);
  if (thing) return { asks: 'count', thing, images };
  const exists = clean(
    like(`^(?:is there|are there|do you see|can you see) (?:an?|any|at least one) NAME$`).exec(rest)?.[1],
  );
  if (exists) return { asks: 'exists', thing: { name: exists }, images };
  const quality =
    clean(like(`^(?:what|which) colour is the NAME$`).exec(rest)?.[1]) ??
    clean(like(`^what is the colour of the NAME$`).exec(rest)?.[1]);
  return quality ? { asks: 'quality', thing: quality, images } : undefined;
}
