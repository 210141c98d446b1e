/** Understands questions about one picture; `text` as language.ts leaves it. */
import { type Listing, listIn, SIDE, sideOf, withoutPicture } from './language.ts';
import type { Meaning, Thing } from './meaning.ts';
import { bare } from './nouns.ts';

const NAME = "([a-z][a-z' -]*?)";
const THE = '(?:the|this|that|a|an|its)';
const CAMERA =
  '(?:(?:the |whoever |one who )?(?:camera|viewer|observer|photographer|beholder|lens|us|me|took it|took the picture|looks))';
const SHOWN =
  '(?:are there|is there|there are|there is|can be seen|can be counted|can be found|are visible|are in view|do you see|can you see|does one see|can one see|do you count|can you count|can you find|are shown|are present|are to be seen|appear|exist|are|occur)';
const OF_THESE =
  '(?:of (?:these|them|those|the following|the (?:objects|things|candidates)(?: named| listed| below)?|these (?:objects|things|candidates)))';

const matcher = (pattern: string): RegExp =>
  new RegExp(
    pattern
      .replaceAll('NAME', NAME)
      .replaceAll('THE', THE)
      .replaceAll('CAMERA', CAMERA)
      .replaceAll('SHOWN', SHOWN)
      .replaceAll('SIDE', SIDE),
  );

const compiled = (patterns: readonly string[]): ((text: string) => RegExpExecArray | undefined) => {
  const all = patterns.map(matcher);
  return (text) => {
    for (const pattern of all) {
      const found = pattern.exec(text);
      if (found) return found;
    }
    return undefined;
  };
};

/** Names say no verb: a lazy group that swallowed one means that the pattern did not fit. */
const clean = (name: string | undefined): string | undefined => {
  if (name === undefined) return undefined;
  const short = bare(name);
  return short === '' || /\b(?:which|what|is|are|how|where|of|there|most|least|that|than|from|to|or)\b/.test(short)
    ? undefined
    : short;
};

const oneImage = { images: [0] } as const;

export function meaningOfSingle(text: string): Meaning | undefined {
  const whole = withoutPicture(text);
  const options = qualityListed(whole);
  if (options) return options;
  const fixed = relationOf(whole);
  if (fixed) return fixed;
  const listing = listIn(whole);
  const rest = listing?.rest ?? whole;
  const among = listing ? { among: listing.among } : {};
  return (
    depthOf(rest, among) ??
    frequencyOf(rest, among) ??
    furthestOf(rest, among) ??
    headOf(rest, listing) ??
    qualityOf(rest, listing) ??
    (listing ? undefined : (countOf(rest) ?? existsOf(rest) ?? whichIsThere(rest)))
  );
}

const depthAnchored = compiled([
  `(closest|nearest|closer|nearer|furthest|further|further away|furthest away) (?:to|from) the NAME (?:in|by|going by|judging by|according to|regarding) (?:the )?depth`,
  `(?:^|[ ,:])(?:going |judging )?(?:by|in terms of|in) depth,? (?:which|what|which one)\\b.*?(closest|nearest|closer|nearer|furthest|further) (?:to|from) the NAME$`,
  `distance (?:from|to) CAMERA (?:is|that is) (closest to|nearest to|most like|most similar to|furthest from|least like|least similar to|most different from) (?:that of )?the NAME$`,
  `\\b(closest|nearest|closer|nearer|furthest|further)(?: away)? (?:to|from) the (?!camera|viewer|observer|photographer|beholder|lens|left|right|top|bottom)NAME$`,
]);
const depthFromUs = compiled([
  `\\b(closest|nearest|closer|nearer|furthest|further)(?: away)? (?:to|from) CAMERA\\b`,
  `\\b(smallest|shortest|least|greatest|largest|longest) distance (?:from|to) CAMERA\\b`,
]);
const FAR = /^(?:furthest|further|least like|least similar|most different|greatest|largest|longest)/;

function depthOf(text: string, among: { among?: readonly string[] }): Meaning | undefined {
  if (/\bdistance\b.*\b(?:is|that is)\b|\bdepth\b/.test(text) || !matcher('CAMERA').test(text)) {
    const anchored = depthAnchored(text);
    const anchor = clean(anchored?.[2]);
    if (anchored && anchor) return { asks: 'depth-to-anchor', near: !FAR.test(anchored[1]!), anchor, ...among };
  }
  const plain = depthFromUs(text);
  return plain ? { asks: 'depth', near: !FAR.test(plain[1]!), ...among } : undefined;
}

const MOST =
  /\b(?:most of|most numerous|most frequent(?:ly)?|most often|most common(?:ly)?|outnumbers? (?:all )?the others|(?:largest|greatest|highest) (?:number|count)|in the majority|has (?:the )?most|of (?:which|what) (?:are|is) there (?:the )?most)\b/;
const LEAST =
  /\b(?:fewest|least of|least numerous|least frequent(?:ly)?|least often|least common(?:ly)?|rarest|outnumbered by (?:all )?the others|(?:smallest|lowest) (?:number|count)|in the minority|of (?:which|what) (?:are|is) there (?:the )?least)\b/;

function frequencyOf(text: string, among: { among?: readonly string[] }): Meaning | undefined {
  if (LEAST.test(text)) return { asks: 'frequency', most: false, ...among };
  return MOST.test(text) ? { asks: 'frequency', most: true, ...among } : undefined;
}

const FURTHEST = [
  [
    'left',
    /\b(?:leftmost|furthest (?:to the |on the )?left|most to the left|nearest to the left (?:edge|side|border))\b/,
  ],
  [
    'right',
    /\b(?:rightmost|furthest (?:to the |on the )?right|most to the right|nearest to the right (?:edge|side|border))\b/,
  ],
  ['top', /\b(?:topmost|uppermost|highest(?: up)?|furthest up|nearest to the top(?: (?:edge|side|border))?)\b/],
  [
    'bottom',
    /\b(?:bottommost|lowermost|lowest(?: down)?|furthest down|nearest to the bottom(?: (?:edge|side|border))?)\b/,
  ],
] as const;

function furthestOf(text: string, among: { among?: readonly string[] }): Meaning | undefined {
  const found = FURTHEST.filter(([, pattern]) => pattern.test(text));
  return found.length === 1 ? { asks: 'furthest', to: found[0]![0], ...among } : undefined;
}

const ANY_SIDE =
  '(?:(?:to the |on the )?left(?: of)?,? (?:or )?(?:to the |on the )?right(?: of)?,? above,? or (?:below|under)|above,? (?:below|under),? (?:to the )?left(?: of)?,? or (?:to the )?right(?: of)?)';
const relationAsked = compiled([
  `\\b(?:is|whether|if|lies|stands) THE NAME (?:is |lies |stands )?${ANY_SIDE} THE NAME$`,
  `\\bTHE NAME (?:is |lies |placed |positioned |located |situated )?(?:is )?(?:relative to|in relation to|compared (?:with|to)|as seen from|seen from|with respect to|with regard to) THE NAME(?:: ?${ANY_SIDE})?$`,
]);
const predicateAsked = compiled([
  `\\brelation(?:ship)? between THE NAME and THE NAME$`,
  `\\bhow is THE NAME related to THE NAME$`,
  `\\bwhat THE NAME is (?:doing )?(?:to|with) THE NAME$`,
  `\\brelation(?:ship)? of THE NAME (?:to|with) THE NAME$`,
  `\\brelation(?:ship)? does THE NAME have (?:to|with) THE NAME$`,
]);
const holdsAsked = compiled([`^(?:is|whether|does) THE NAME (?:is |lie |stand )?SIDE THE NAME$`]);

function relationOf(text: string): Meaning | undefined {
  const related = relationAsked(text.replace(/^(?:what is |which is )?(?:the )?(?:place|position|location) of /, ''));
  const [thing, anchor] = [clean(related?.[1]), clean(related?.[2])];
  if (thing && anchor) return { asks: 'relation', thing, anchor };
  const predicate = predicateAsked(text);
  const [subject, object] = [clean(predicate?.[1]), clean(predicate?.[2])];
  if (subject && object) return { asks: 'predicate', thing: subject, anchor: object };
  const holds = holdsAsked(text);
  const [one, other] = [clean(holds?.[1]), clean(holds?.[3])];
  return holds && one && other ? { asks: 'holds', thing: one, side: sideOf(holds[2]!), anchor: other } : undefined;
}

const headAsked = compiled([
  `(?:^|[ ,])SIDE the NAME(?:,? (?:which|what|what else|is there|is it|can be seen|do you see)\\b.*)?$`,
]);

function headOf(text: string, listing: Listing | undefined): Meaning | undefined {
  if (!/\b(?:which|what|name|find|pick|choose)\b/.test(text)) return undefined;
  const found = headAsked(text);
  const anchor = clean(found?.[2]);
  if (!found || !anchor) return undefined;
  return { asks: 'head', side: sideOf(found[1]!), anchor, ...(listing ? { among: listing.among } : {}) };
}

const qualityAsked = compiled([
  `\\b(?:what|which) colour (?:is|has|are|does|do) (?:the|this|that) NAME(?: have| shown| drawn| painted| seen| in)?$`,
  `\\b(?:what|which) colour (?:of|for|on) (?:the|this|that) NAME$`,
  `\\bcolour of (?:the|this|that) NAME$`,
  `\\bcolour (?:the|this|that) NAME (?:is|has)$`,
]);

/** `is the ball red, blue or green` */
function qualityListed(text: string): Meaning | undefined {
  const found =
    /^(?:is|whether) the ([a-z][a-z' -]*), ?([a-z ]+(?:, ?[a-z ]+)*,?) or ([a-z ]+)$/.exec(text) ??
    /^is the ([a-z][a-z' -]*) or ([a-z]+)$/.exec(text);
  if (!found || /\b(?:left|right|above|below|under)\b/.test(text)) return undefined;
  const words = found[1]!.replace(/^is /, '').split(' ');
  if (words.length < 2) return undefined;
  return { asks: 'quality', thing: words.slice(0, -1).join(' '), ...oneImage };
}

function qualityOf(text: string, listing: Listing | undefined): Meaning | undefined {
  const thing = clean(qualityAsked(text)?.[1]);
  return thing ? { asks: 'quality', thing, ...oneImage, ...(listing ? { among: listing.among } : {}) } : undefined;
}

const countAsked = compiled([
  `^how many of the NAME (?:are|is|appear|look) NAME$`,
  `^how many NAME (?:that|which) are NAME SHOWN?$`,
  `^how many NAME (?:that|which) are NAME$`,
]);
const countPlain = compiled([
  `^how many NAME SHOWN$`,
  `^how many NAME$`,
  `^(?:count up|count|add up) (?:the number of |all of the |all the |the |all )?NAME(?: there (?:are|is))?$`,
  `^(?:what is )?the (?:total )?(?:number|count|total|total count) of NAME(?: there (?:are|is))?$`,
]);

/** A count, also with its colour set apart: `how many of the balls are red`. */
export function countedThing(text: string): Thing | undefined {
  const apart = countAsked(text);
  const [name, quality] = [clean(apart?.[1]), clean(apart?.[2])];
  if (name && quality && !/^(?:seen|visible|shown|present)\b/.test(quality)) return { name, quality };
  const plain = countPlain(text)?.[1];
  const split = plain === undefined ? undefined : /^(.+?) (?:that|which) are (.+)$/.exec(plain);
  if (split) return { name: bare(split[1]!), quality: split[2]! };
  const only = clean(plain);
  return only ? { name: only } : undefined;
}

function countOf(text: string): Meaning | undefined {
  const thing = countedThing(text);
  return thing && { asks: 'count', thing, ...oneImage };
}

const existsAsked = compiled([
  `^(?:is there|are there|do you see|can you see|can you find|can you spot|can you make out|does one see|can one see|whether there is|whether there are|if there is|if there are|whether you see|is there anywhere|do you find)(?: anywhere)? (?:a |an |any |at least one |even one |some )NAME$`,
  `^(?:does|do) (?:the|this) (?:image|picture|photo|photograph|scene) (?:show|contain|have|include|hold|depict) (?:a |an |any |at least one )?NAME$`,
  `^(?:is|are) (?:even one|at least one|any|a|an|one) NAME (?:visible|shown|present|to be seen|there|in view)$`,
]);

function existsOf(text: string): Meaning | undefined {
  const name = clean(existsAsked(text)?.[1]);
  return name ? { asks: 'exists', thing: { name }, ...oneImage } : undefined;
}

/** `which of these can be seen`, where all else that questions ask about candidates was looked for. */
function whichIsThere(text: string): Meaning | undefined {
  const presence = new RegExp(`\\b${OF_THESE}\\b`);
  return presence.test(text) &&
    /\b(?:is|is it|is there|can be seen|is shown|appears?|is visible|is present|can you see|do you see|can you find|does one see|can one see|which one)\b/.test(
      text,
    ) &&
    !/\bcolour|\bmore\b|\bthan\b/.test(text)
    ? { asks: 'which-is-there' }
    : undefined;
}
