/** A short answer against its truth: yes or no, a number, a date or time, a list, words. */
import { allNumbers, itemsOf, sameItems } from './lists.ts';
import { compareMoments, momentsIn } from './moments.ts';
import { compareQuantities, onlyQuantity, type Quantity, quantitiesIn, withJoinedNumbers } from './numbers.ts';
import { denies, hedges, placeOf, plain, withoutLead, wordsOf } from './text.ts';

export interface Ruled {
  readonly says: 'right' | 'wrong' | 'undecided';
  /** Name of the rule that said it. */
  readonly rule: string;
  readonly why: string;
}

export const right = (rule: string, why: string): Ruled => ({ says: 'right', rule, why });
export const wrong = (rule: string, why: string): Ruled => ({ says: 'wrong', rule, why });
export const undecided = (rule: string, why: string): Ruled => ({ says: 'undecided', rule, why });

export interface CompareParts {
  readonly tolerance: number;
  /** The answer must say other things too, so that this one need only be among them. */
  readonly among: boolean;
}

export function compareTexts(truth: string, answer: string, parts: CompareParts): Ruled {
  const said = withoutLead(answer);
  const wanted = withoutLead(truth);
  if (plain(wanted) === '' && wanted.trim() === said.trim()) return right('text', 'it is the same text');
  if (plain(wanted) !== '' && plain(said) === plain(wanted)) {
    // `-5` and `5`, `$5` and `€5` have the same words.
    const [a, b] = [onlyQuantity(wanted), onlyQuantity(said)];
    if (!a || !b || compareQuantities(a, b, parts.tolerance) === 'equal') return right('text', 'it is the same text');
  }
  const letters = [wanted, said].map((text) => /^[\s"'*([]*([a-z])[\s"'*)\].:]*$/i.exec(text)?.[1]?.toLowerCase());
  if (letters[0] !== undefined && letters[1] !== undefined)
    return letters[0] === letters[1]
      ? right('letter', 'it is the same letter')
      : wrong('letter', 'it is another letter');
  if (/^(?:yes|no|true|false)[.!]?$/i.test(wanted.trim())) return compareYesNo(wanted, answer);
  const moments = compareMomentTexts(wanted, said, parts);
  if (moments) return moments;
  const quantity = onlyQuantity(wanted) ?? quantityWithNoun(wanted);
  if (quantity) return compareNumber(quantity, said, parts);
  const list = parts.among ? undefined : compareLists(wanted, said, parts);
  if (list) return list;
  return compareWords(plain(wanted), answer, said, parts);
}

const YES = /^(?:yes|yeah|yep|true|correct|right|affirmative|indeed|certainly|sure|of course)\b/;
const NO = /^(?:no|nope|false|incorrect|wrong|negative|not)\b(?! (?:doubt|one\b))/;

function compareYesNo(truth: string, answer: string): Ruled {
  const wanted = /^(?:yes|true)/i.test(truth.trim());
  const said = withoutLead(answer).toLowerCase().trim();
  const yes = YES.test(said);
  const no = NO.test(said);
  if (!yes && !no) return undecided('yes-no', 'it says neither yes nor no');
  return yes === wanted
    ? right('yes-no', `it says ${yes ? 'yes' : 'no'}`)
    : wrong('yes-no', `it says ${yes ? 'yes' : 'no'}`);
}

function compareMomentTexts(truth: string, said: string, { among }: CompareParts): Ruled | undefined {
  const wanted = momentsIn(truth);
  const [one] = wanted;
  // The whole truth must be one date or time, or one of each.
  if (!one || wanted.length > 2) return undefined;
  let rest = truth;
  for (const { start, end } of [...wanted].reverse()) rest = rest.slice(0, start) + rest.slice(end);
  if (
    !/^(?:\W|at|on|the|hrs?|utc|gmt|mon|tue|wed|thu|fri|sat|sun|(?:mon|tues|wednes|thurs|fri|satur|sun)day)*$/i.test(
      rest.trim(),
    )
  )
    return undefined;
  const found = momentsIn(said);
  if (found.length === 0) return undecided(one.kind, `it names no ${one.kind}`);
  const results = wanted.map((moment) => {
    const same = found.filter(({ kind }) => kind === moment.kind).map((other) => compareMoments(moment, other));
    if (same.includes('equal')) return same.length > 1 && !among && wanted.length === 1 ? 'several' : 'equal';
    return same.includes('ambiguous') ? 'several' : 'different';
  });
  if (results.includes('different')) return wrong(one.kind, `it names another ${one.kind}`);
  if (results.includes('several')) return undecided(one.kind, `it can be read as several of a ${one.kind}`);
  return right(one.kind, `it names the same ${one.kind}`);
}

/** `12 dogs`, `7 people`: a truth that is a number of something. */
function quantityWithNoun(raw: string): Quantity | undefined {
  const text = withJoinedNumbers(raw);
  const found = quantitiesIn(text);
  const [one] = found;
  if (!one || found.length > 1 || text.slice(0, one.start).trim() !== '') return undefined;
  return /^\s+[\p{L}]+$/u.test(text.slice(one.end).replace(/[.]$/, '')) ? one : undefined;
}

function compareNumber(truth: Quantity, answer: string, { tolerance, among }: CompareParts): Ruled {
  const said = withJoinedNumbers(answer);
  const found = quantitiesIn(said);
  if (found.length === 0) {
    if (!/^(?:there (?:is|are|were|was) )?(?:no|none|nothing|nobody)\b/i.test(said.trim()))
      return undecided('number', 'it names no number');
    return truth.value === 0 ? right('number', 'it says none') : wrong('number', 'it says none');
  }
  const results = found.map((one) => compareQuantities(truth, one, tolerance));
  if (results.includes('equal')) {
    if (results.length === 1 && denies(said) && !onlyQuantity(said))
      return undecided('number', 'it may deny the number');
    if (among || results.every((result) => result === 'equal')) return right('number', 'it is the same number');
    // `5 of the 7 dogs`, `3 + 4 = 7`: only what follows the last sign is the answer.
    const last = found.at(-1);
    const before = said.slice(0, last?.start);
    if (
      results.at(-1) === 'equal' &&
      /(?:=|≈|\bis|\bequals?|\btotal(?:s|ing)?(?: of)?|\banswer)\s*:?\s*(?:about |approximately )?$/i.test(
        before.trim(),
      )
    )
      return right('number', 'the number at its end is the same');
    return undecided('number', 'it names several numbers, the right one among them');
  }
  if (results.includes('nearly')) return undecided('number', 'it is the same once rounded');
  return wrong('number', found.length === 1 ? 'it is another number' : 'none of its numbers is the right one');
}

function compareLists(truth: string, said: string, { tolerance }: CompareParts): Ruled | undefined {
  const wanted = itemsOf(truth);
  if (!wanted) return undefined;
  const found = itemsOf(said);
  if (!found) return undefined;
  if (sameItems(wanted, found, tolerance)) return right('list', 'it names the same things');
  if (allNumbers(wanted) && allNumbers(found)) return wrong('list', 'it names other numbers');
  return undecided('list', 'its list is worded otherwise or is another');
}

/** Words around a short answer beyond which the answer is no longer plainly what the sentence says. */
const AROUND = 12;

function compareWords(wanted: string, answer: string, said: string, { among }: CompareParts): Ruled {
  const text = plain(answer);
  if (placeOf(wanted, text) < 0) {
    const [a, b] = [wordsOf(wanted), wordsOf(plain(said))];
    const spaced = a.join('') === b.join('');
    return spaced
      ? right('text', 'it differs in spaces alone')
      : undecided('text', 'it is worded otherwise or is wrong');
  }
  if (among) return denies(answer) ? undecided('text', 'it may deny what it names') : right('text', 'it names this');
  if (wordsOf(text).length - wordsOf(wanted).length > AROUND)
    return undecided('text', 'it says much more than the truth');
  if (denies(answer) && !denies(wanted)) return undecided('text', 'it may deny what it names');
  if (hedges(answer) && !hedges(wanted)) return undecided('text', 'it names more than one thing');
  return right('text', 'it names this in a short sentence');
}
