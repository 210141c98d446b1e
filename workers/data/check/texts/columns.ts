/** Which column of a table a question means: by its title, or by what people say instead of it. */
import type { Column, Grid } from './grid.ts';
import { alike } from './spelling.ts';

/** What is said -> titles of columns that it may mean. */
const MEANINGS: readonly (readonly [RegExp, string])[] = [
  [/\bworks? as\b|^as what\b/, 'role job position profession'],
  [/\b(?:made|makes?) (?:the )?(?:most|least)\b/, 'profit sales revenue salary income pay wage goals'],
  [
    /\b(?:earns?|earning|wages?|get paid|is paid|makes? (?:the )?(?:most|least|N)|paid|making|getting)\b|\bmoney (?:does|did) N (?:make|earn|get)\b|\bdoes N (?:make|get)\b|\bwho (?:makes|gets) \S/,
    'salary income pay wage',
  ],
  [
    /\b(?:costs?|expensive|dearest|dearer|cheap|cheaper|cheapest|priced|pay for|to pay|ticket for|sold for)\b|^how much (?:is|for|does)(?: the| a)? N$|\bcan i get for\b|^how much more is N than N$|^how much less is N than N$/,
    'price cost fee rent fare adult ticket',
  ],
  [/\b(?:old|older|oldest|young|younger|youngest|years)\b/, 'age'],
  [/\b(?:tall|taller|tallest|high|shorter|shortest)\b/, 'height'],
  [/\b(?:long|longer|longest|shorter|shortest)\b/, 'length duration'],
  [/\b(?:heavy|heavier|heaviest|light|lighter|lightest)\b/, 'weight'],
  [/\b(?:far|farther|farthest|furthest|distant|nearer|nearest|closest)\b/, 'distance'],
  [/\b(?:fast|faster|fastest|slow|slower|slowest)\b/, 'speed'],
  [/\b(?:big|large|bigger|larger|biggest|largest|smaller|smallest)\b/, 'area'],
  [/\b(?:people|inhabitants|lives?)\b/, 'population'],
  [
    /\b(?:in stock|left|available|pieces|units|are there|there are|is there|do (?:we|they) have)\b|\bhow many N are\b|\bwhat are there\b/,
    'stock units instock quantity qty',
  ],
  [/\b(?:scored?|goals?)\b/, 'goals'],
  [/\bpoints?\b|\bwon\b/, 'points'],
  [/\bvotes?\b/, 'votes'],
  [/\b(?:visitors?|attract(?:ed)?)\b/, 'visitors'],
  [/\bhours?\b/, 'hours'],
  [/\b(?:sell for|sold for|take in|took in|turn(?:ed)? over|money)\b/, 'sales revenue'],
  [/\bprofit\b/, 'profit'],
  [/\bcalories\b/, 'calories'],
  [/\b(?:holds?|fit into|go into)\b/, 'capacity'],
  [/\b(?:works?|belongs?)\b/, 'department team unit company'],
  [/\b(?:made|comes? from|is from|from)\b/, 'origin madein'],
  [
    /\b(?:job|role|profession|what does N do|works? as|who is(?: the| a)?|who's(?: the)?|what is N)\b/,
    'role job position profession',
  ],
  [/\b(?:in charge|runs?|leads?|run by|led by)\b|\bwho is the C\b/, 'manager coach mayor'],
  [/\bwhere does\b.*\bto N (?:leave|stand|go)|\bfrom (?:which|what)\b/, 'platform gate pier track'],
  [/\b(?:leaves?|departs?|go|goes)\b|\bcan i go\b|\bdo i get at\b/, 'departure departs leaves dep'],
  [/\b(?:arrives?|get there)\b|\bwhen (?:am i|will i be)\b/, 'arrival arrives arr'],
  [/\b(?:from (?:which|what)|stand|at)\b/, 'platform gate pier track'],
];

/** Columns that the words may mean without saying a title. */
export function meant(text: string, { columns }: Grid): number[] {
  for (const [said, titles] of MEANINGS) {
    if (!said.test(text)) continue;
    const known = titles.split(' ');
    const found = columns.flatMap(({ key }, k) => (known.includes(key) ? [k] : []));
    if (found.length > 0) return found;
  }
  return [];
}

export const TABLE_WORDS = `
earn earns earning make makes making get gets getting paid best worst money old older oldest young younger youngest years tall taller tallest
high short shorter shortest long longer longest heavy heavier heaviest light lighter lightest far farther farthest furthest distant near
nearer nearest closest fast faster fastest slow slower slowest big bigger biggest live lives inhabitants stock available pieces score scored
win won receive received attract attracted work works worked spent spend sell sold take took turn turned over got made hold holds fit into go goes
made origin job role profession works charge runs run leads led leave leaves depart departs arrive arrives there stand stands ferry train bus boat
flight coach tram somebody whoever together combined skip leave leaving member members nouns fewest least most someone country city town team
club student pupil staff employee nation vehicle car model destination trip teams countries cities students products cars persons people trips
ferries trains buses boats flights coaches trams items articles entered say entry under figures values when where platform whoever comes
`;

const NAMES =
  'name lastname employee staff student pupil country nation car vehicle model product item article city town destination to team club'.split(
    ' ',
  );
const NOUNS: Readonly<Record<string, string>> = {
  person: 'name lastname employee staff student pupil',
  student: 'student pupil name',
  country: 'country nation',
  nation: 'nation country',
  car: 'car vehicle model',
  product: 'product item article',
  city: 'city town',
  team: 'team club',
};

/** The column that says what a record is; undefined where it cannot be told. */
export function nameColumn({ columns, records }: Grid, text: string): number | undefined {
  const noun = /\b(?:which|the|name|of|what) (K|[a-z]+)\b/g;
  for (const [, word = ''] of text.matchAll(noun)) {
    for (const title of NOUNS[word]?.split(' ') ?? []) {
      const k = columns.findIndex(({ key }) => key === title);
      if (k >= 0) return k;
    }
  }
  for (const title of NAMES) {
    const k = columns.findIndex(
      ({ key, numeric }) => !numeric && (key === title || (title.length > 4 && alike(key, title))),
    );
    if (k >= 0) return k;
  }
  const texts = columns.flatMap(({ numeric }: Column, k) => (numeric ? [] : [k]));
  const different = texts.filter((k) => new Set(records.map((record) => record[k])).size === records.length);
  return texts.length === 1 ? texts[0] : different.length === 1 ? different[0] : undefined;
}
