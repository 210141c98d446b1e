/** The words that questions are made of, as opposed to the names that they are about; and how a slip in one is mended. */

const list = (text: string): string[] => text.trim().split(/\s+/);

/** Words that may stand in a question without being a name. */
const KNOWN = new Set(
  list(`
a an the of for in on at from with without to by as per than that this those these it its is are was were be been am do does did
done has have had having get gets got getting give gives gave given take takes took taken taking come comes came
coming go goes going went make makes made making say says said read reads tell tells told show shows showed shown find
finds look looks looking see seen name names named call calls called list lists listed know want wants wanted need needs
needed like likes liked would will can could should must may might shall what which who whom whose when where how why
much many more most less least fewer fewest few all any some each every both one ones two three four five six seven
eight nine ten eleven twelve dozen i you we they he she us me my your our their his her him them guest someone
somebody people persons customer buyer driver and or plus but not no if after before over under below above between
among inside instead rather compared against please thanks thank hi hello hey quick question here there out off up down
price prices priced ask asks cost costs costing cheap cheaper cheapest dear dearer dearest expensive pricey priciest costly
costliest affordable low lower lowest high higher highest large larger largest big bigger biggest great greater greatest
small smaller smallest top maximum minimum total totals sum sums average mean difference differ differs gap add adds
added adding up together altogether combined overall amount amounts value values number numbers figure figures quantity
content contents entry entries item items thing things dish dishes product products article articles pay pays paid paying
payable owe owed spend spends spent spending charge charges charged buy buys buying bought order orders ordered sell
sells selling sold offer offered goes going asked bill due change back left remains remain remaining note return returned
discount reduction reduced percent % cent save saved saves extra beat beats exceed exceeds match reach reaches reached report reports reported stand
stands belongs belong equal equals equally same image photo picture pictures images photos menu board chart table
label page sign graph diagram according going judging shown printed written standing state stated answer work compute computed calculate
set exactly thinking plan choose pick money worth back it's what's that's i'd i'll i'm who's units unit gallon gallons
litre litres liter liters fill filled fills tank tanks servings serving portion portions eat ate eaten pack packs package
bag box container whole full complete contain contains hold holds calories calorie kcal energy grams milligrams
dollars dollar euros euro bucks pounds pound gas fuel gasoline petrol pizza pizzas drink drinks grade country person department
model day month year row rows column columns record records values compared let say says describe given listing
across counting leaving skip skipping ignoring except excluding items' split share shared shares divided evenly
friends receipt invoice slip ticket purchase purchased shop store look up side upper same most then else
again owing last first second third fourth fifth sixth seventh eighth final smallest read's too very just only also once
while during within until since about around so such long tall old heavy far fast far been able hand hands handed left-hand right-hand
left right middle bottom
`),
);

/** Every way in which one slip of a finger spoils a word: a letter lost, doubled or swapped with its neighbour. */
function slips(word: string): string[] {
  const out: string[] = [];
  for (let i = 0; i < word.length; i++) {
    out.push(word.slice(0, i) + word.slice(i + 1), word.slice(0, i) + word[i] + word.slice(i));
    if (i + 1 < word.length) out.push(word.slice(0, i) + word[i + 1] + word[i] + word.slice(i + 2));
  }
  return out;
}

export interface Lexicon {
  has(word: string): boolean;
  /** The word that a misspelt one stands for, if just one is likely. */
  mend(word: string): string | undefined;
}

export function lexicon(words: Iterable<string>): Lexicon {
  const known = new Set(words);
  const meant = new Map<string, string | null>();
  for (const word of known) {
    if (word.length < 4) continue;
    for (const slip of slips(word)) {
      if (known.has(slip)) continue;
      const other = meant.get(slip);
      meant.set(slip, other === undefined || other === word ? word : null);
    }
  }
  return { has: (word) => known.has(word), mend: (word) => meant.get(word) ?? undefined };
}

/** The lexicon of all questions, with more words of a kind of page. */
export const withWords = (text: string): Lexicon => lexicon([...KNOWN, ...list(text)]);
export const COMMON = lexicon(KNOWN);

const PICTURE = '(?:image|photo|picture|receipt|chart|menu|table|board|label|sign|scan|screenshot|page)';
const HEAD = new RegExp(
  [
    '(?:hi+|hello+|hey+|hye)(?: there)?,? ',
    `(?:in|from|on|going by|looking at|according to|judging by) (?:the|this) ${PICTURE}(?: shown| below| here| above)?,? `,
    `(?:looking at|according to) the ${PICTURE},? `,
    '(?:please tell me|can you tell me|could you tell me|could you say|do you know|i want to know|quick question|tell me)[:,] ?',
    `please look at the ${PICTURE} and answer[.:] ?`,
    `(?:please )?look at (?:the|this) ${PICTURE}[.:,] ?`,
  ]
    .map((one) => `^${one}`)
    .join('|'),
);
const TAIL = new RegExp(
  [
    `,? (?:in|on|from|according to|going by) (?:the|this) (?:image|photo|picture)(?: shown| below| here| above)?`,
    ' as shown',
    ' shown here',
    ' (?:shown|please|thanks|here)',
  ]
    .map((one) => `${one}$`)
    .join('|'),
);

/** One token of a question: a word with what it is squeezed to, or a mark that parts clauses. */
export interface Token {
  readonly text: string;
  /** Empty for a mark. */
  readonly key: string;
}

/** Things that are one slip away from a word of the language. */
const NO_SLIPS = new Set(
  'lager pepper mineral ale tart cold jan feb mar apr jun jul aug sep oct nov dec mon tue wed thu fri sat sun'.split(
    ' ',
  ),
);

const WORD_ENDS = /^[("'“‘]+|[)"'”’]+$/g;

/**
 * A question in lower case, slips in known words mended, without words that only point at the picture and without the
 * mark at its end.
 * @param onPage whether a squeezed word stands on the page, where it needs no mending
 */
export function plainly(question: string, words: Lexicon, onPage: (key: string) => boolean): string {
  let text = question
    .toLowerCase()
    .replace(/[’‘]/g, "'")
    .replace(/\bwhat(?:''s|s')(?= )/g, "what's")
    .replace(/\bhow may\b/g, 'how many')
    .replace(/\bwat\b/g, 'what')
    .replace(/(\d) (usd|eur|kr)\b/g, '$1$2')
    .replace(/\s+/g, ' ')
    .trim();
  text = text
    .split(' ')
    .map((word) => {
      const bare = word.replace(/^[^\p{L}\d$€£]+|[^\p{L}\d%]+$/gu, '');
      if (bare.length < 3 || !/^[a-z']+$/.test(bare) || NO_SLIPS.has(bare) || words.has(bare) || COMMON.has(bare))
        return word;
      const key = bare.replace(/[^a-z0-9]/g, '');
      if (onPage(key)) return word;
      const meant = words.mend(bare) ?? COMMON.mend(bare);
      return meant === undefined ? word : word.replace(bare, meant);
    })
    .join(' ')
    .replace(/\s*[?.!\s]+$/, '');
  for (let before = ''; before !== text; ) {
    before = text;
    text = text.replace(HEAD, '').replace(TAIL, '').trim();
  }
  return text;
}

/** A question as tokens; see plainly. */
export function tokensOf(question: string, words: Lexicon, onPage: (key: string) => boolean): Token[] {
  const text = plainly(question, words, onPage);
  const tokens: Token[] = [];
  for (const raw of text.split(' ')) {
    const mark = /[,.:;?-]+$/.exec(raw)?.[0] ?? '';
    let word = raw.slice(0, raw.length - mark.length).replace(WORD_ENDS, '');
    const owner = /^(.+)'s$/.exec(word);
    const owned = owner !== null && !words.has(word);
    if (owned) word = owner[1] as string;
    if (word !== '' && word !== '-')
      tokens.push({
        text: word,
        key: word
          .replaceAll('&', 'and')
          .normalize('NFKD')
          .replace(/[^a-z0-9]/g, ''),
      });
    if (owned) tokens.push({ text: "'s", key: '' });
    if (mark !== '') tokens.push({ text: mark[0] === '-' ? ',' : (mark[0] as string), key: '' });
  }
  return tokens;
}
