/** Which option of a multiple choice an answer names. */
import { placeOf, plain, wordsOf } from './text.ts';

const letterOf = (at: number): string => String.fromCharCode(65 + at);

/**
 * @param choices texts of the options A, B, ...
 * @returns the letter; `several` where it names more than one; undefined where it names none
 */
export function letterIn(answer: string, choices: readonly string[]): string | 'several' | undefined {
  const text = answer.trim();
  const last = letterOf(choices.length - 1);
  const range = `[A-${last}a-${last.toLowerCase()}]`;
  const alone = new RegExp(`^[\\s"'*([{]*(${range})[\\s"'*)\\]}.:,!]*$`).exec(text);
  if (alone) return alone[1]?.toUpperCase();
  const byText = choices.flatMap((choice, at) =>
    plain(choice) !== '' && plain(choice) === plain(text) ? [letterOf(at)] : [],
  );
  if (byText.length === 1) return byText[0];
  const led = new RegExp(
    `(?:answer|option|choice|letter|choose|select|pick|chose)\\b[^A-Za-z]{0,4}(?:is|would be|should be|be|with|option|choice|letter|the|:|=|\\s)*[\\s"'*(\\[]*\\b(${range})\\b(?![\\w'’]|\\s+(?!is\\b|was\\b|because\\b|since\\b|as\\b)[a-z])`,
    'gi',
  );
  const named = new Set([...text.matchAll(led)].map((match) => (match[1] ?? '').toUpperCase()));
  if (named.size === 1) return [...named][0];
  const first = new RegExp(`^[\\s"'*([{]*(${range})(?:[)\\]}.:]|\\*\\*|\\s[-–—]|,)[\\s*]*(.*)$`, 's').exec(text);
  if (first) {
    const letter = (first[1] ?? '').toUpperCase();
    return others(first[2] ?? '', choices, letter) ? 'several' : letter;
  }
  const marked = new Set(
    [...text.matchAll(new RegExp(`[([](${range})[)\\]]|\\b([A-${last}])[.)](?=\\s|$)`, 'g'))].map((m) =>
      (m[1] ?? m[2] ?? '').toUpperCase(),
    ),
  );
  if (marked.size === 1) return [...marked][0];
  if (marked.size > 1 || named.size > 1) return 'several';
  const bare = new Set(
    [...text.matchAll(new RegExp(`(?<![\\w'’])([B-${last}])(?![\\w'’])`, 'g'))].map((m) => m[1] ?? ''),
  );
  if (new RegExp(`\\b[A-${last}]\\s+(?:or|and|/|&)\\s+[A-${last}](?![\\w'’])`).test(text)) return 'several';
  const contained = choiceWithin(text, choices);
  if (contained !== undefined) return contained;
  if (bare.size === 1 && wordsOf(plain(text)).length <= 6) return [...bare][0];
  return bare.size > 1 ? 'several' : undefined;
}

/** Another option is named behind the letter as one: `A) or B)`. */
const others = (rest: string, choices: readonly string[], letter: string): boolean =>
  choices.some(
    (_, at) => letterOf(at) !== letter && new RegExp(`\\b(?:or|and)\\s+[("'*]*${letterOf(at)}\\b`).test(rest),
  );

/** The only option whose text stands in the answer; of options that hold each other, the longest. */
function choiceWithin(text: string, choices: readonly string[]): string | 'several' | undefined {
  const said = plain(text);
  if (/\b(?:not|no|never|isn't|aren't|neither|nor|cannot)\b/.test(said)) return undefined;
  const inside = choices
    .map((choice, at) => ({ letter: letterOf(at), choice: plain(choice) }))
    .filter(({ choice }) => placeOf(choice, said) >= 0);
  const widest = inside.filter(
    (one) =>
      !inside.some(
        (other) => other !== one && other.choice.length > one.choice.length && placeOf(one.choice, other.choice) >= 0,
      ),
  );
  if (widest.length > 1) return 'several';
  return widest[0]?.letter;
}

/** The letter that a truth is: `B`, `(b)`, `B. a dog`, `Answer: B`, or an option's text. */
export function truthLetter(truth: string, choices: readonly string[]): string | undefined {
  const found = letterIn(truth, choices);
  return found === 'several' ? undefined : found;
}
