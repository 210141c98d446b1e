/** Text cut where people would cut it: at the ends of sentences. */

/** After these a full stop ends no sentence. */
const ABBREVIATION =
  /(?:^|[\s([])(?:\p{Lu}|(?:Mr|Mrs|Ms|Dr|Prof|St|Mt|Jr|Sr|vs|etc|approx|ca|cf|no|No|fig|Fig|vol|Vol|pp|ed|eds|e\.g|i\.e|U\.S|U\.K|Inc|Ltd|Co|Gen|Col|Sgt|Capt|Lt|Gov|Sen|Rep|Rev|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec))\.\s*$/u;

const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' });

/** @returns trimmed, never empty; the ends of lines end sentences too */
export function sentencesOf(text: string): string[] {
  const sentences: string[] = [];
  for (const line of text.split(/\n+/)) {
    let open = '';
    for (const { segment } of segmenter.segment(line)) {
      open += segment;
      if (ABBREVIATION.test(open)) continue;
      if (open.trim() !== '') sentences.push(open.trim());
      open = '';
    }
    if (open.trim() !== '') sentences.push(open.trim());
  }
  return sentences;
}

/** A summary of a whole article that is one endless sentence is cut here, characters. */
const MOST = 2_000;

/** Sentences as one text, cut at a word's end where they are longer than a model should have to read. */
export function joined(sentences: readonly string[]): string {
  const text = sentences.join(' ');
  if (text.length <= MOST) return text;
  const end = text.lastIndexOf(' ', MOST);
  return `${text.slice(0, end > 0 ? end : MOST)} ...`;
}

/** The first sentences of a text, as one. */
export const beginning = (text: string, count: number): string =>
  // Far more than any number of sentences that may be asked for; an article can have megabytes.
  joined(sentencesOf(text.slice(0, 20_000)).slice(0, count));
