/** Questions about signs, plates, products, lists and equations. */
import { evaluate } from '../calc.ts';
import type { Random } from '../random.ts';
import type { EquationFacts, ListFacts, Place, SignFacts } from '../scene/scene.ts';
import { type Ask, type Family, resultText, rounded, type Turn } from './ask.ts';
import { phrase, type Split } from './phrase.ts';

const readMain: Readonly<Record<SignFacts['what'], readonly string[]>> = {
  sign: [
    'what [does|did] the [sign|notice|board|poster|banner] say',
    "[what is|what's] [written|printed] [on it|here|on the sign|on the notice]",
    '[read|read out|read me] the [sign|notice|text|headline|biggest text]',
    'what [text|words] [is|are] [on the sign|there|on the notice|written here|visible]',
    'what can be read [on the sign|here|]',
    "[what is|what's|tell me] the [text|writing|message|main text|headline]",
    'which [words|text] can you see',
  ],
  plate: [
    "[what is|what's|read|tell me|give me] the [number plate|plate number|licence plate|license number|registration|plate]",
    'what does the [number plate|licence plate|plate|tag] [say|read|show]',
    'which [number|registration|plate] does the [car|vehicle|truck|bike] have',
    'what is written on the [plate|car|tag]',
    'what [text|characters|letters and digits] can be read [on the plate|here|]',
    '[read|read out] the [plate|number|text]',
  ],
  product: [
    'what [brand|make] is [it|this|shown|the product]',
    '[which|what] [brand|company|maker|manufacturer] [is this|made this|is it from|does it come from|makes this product]',
    "[what is|what's|tell me] the [brand|brand name|make|maker] [of this product|of it|]",
    'who [made|makes|is the maker of] [this|it|the product]',
    'what name is on the [product|package|pack|box|device]',
    '[read|name] the brand',
  ],
};
const readAll = [
  'what are all the [words|lines|texts]',
  'read [all|all the text|everything|every line]',
  '[list|give me|name] all [text|words|the text|the lines]',
  'what is all that is written',
  'what [texts|words] are there altogether',
];
const nth = [
  "[what is|what's|read|tell me|give me|name] the $ordinal $noun",
  'which $noun [comes|is|stands] $ordinal',
  'what does [$noun $n|number $n|point $n] [say|stand for|show|mark|refer to|name]',
  '[what is|name|which $noun is] [number|no.|point] $n',
  'what [is|stands] at [number|position|place] $n',
  '$noun $n[ is what| please|, what is it|]',
  '[what|which $noun] [is|does] number $n [mean|point at|stand for|]',
];
const last = [
  "[what's|read|tell me|give me|name] the $end $noun",
  'what is the $end $noun [on the list|listed|here|of all]',
  'which $noun [comes|is|stands] $end',
  'with what does the list $endverb',
  'what [is|stands] [at the $endword|$end] [of|on] the list',
];
const whichNumber = [
  'which number [is|has|belongs to|stands for] $text',
  '[what|which] [number|$noun number] [does|has] $text [have|]',
  'at which [number|position|place] is $text',
  '$text [is|has] which number',
];
const titleOf = [
  'what is the [title|heading|headline]',
  "[read|tell me|give me|what's] the [title|heading|headline]",
  'what [title|heading] does [it|the list|the page] have',
  'what is the list [about|called]',
];

const make = (
  family: Family,
  kind: string,
  p: { text: string; skeleton: string },
  truth: string,
  turns: readonly Turn[],
): Ask => ({ family, kind, ...p, truth, turns, needsPicture: true });
const read = (at: Place): readonly Turn[] => [{ evidence: [[at]], next: { answer: at, as: 'text' } }];
const ordinals = ['zeroth', 'first', 'second', 'third', 'fourth', 'fifth', 'sixth', 'seventh', 'eighth'];

export function askSign(rng: Random, facts: SignFacts, textAt: (at: Place) => string, split: Split): Ask | undefined {
  if (facts.lines.length === 1 && rng.chance(0.25))
    return make('reading', 'reading/all', phrase(rng, readAll, {}, split), textAt(facts.main), read(facts.main));
  return make(
    'reading',
    `reading/${facts.what}`,
    phrase(rng, readMain[facts.what], {}, split),
    textAt(facts.main),
    read(facts.main),
  );
}

export function askList(rng: Random, facts: ListFacts, textAt: (at: Place) => string, split: Split): Ask | undefined {
  const { entries } = facts;
  const roll = rng.next();
  const i = rng.int(0, entries.length - 1);
  const entry = entries[i] as ListFacts['entries'][number];
  const evidence = (e: typeof entry): readonly Place[] => (e.markAt ? [e.markAt, e.at] : [e.at]);
  const turn = (e: typeof entry): Turn[] => [{ evidence: [evidence(e)], next: { answer: e.at, as: 'text' } }];
  if (facts.title && roll < 0.12)
    return make('reading', 'reading/title', phrase(rng, titleOf, {}, split), textAt(facts.title), read(facts.title));
  if (roll < 0.35) {
    const first = rng.chance(0.35);
    const e = (first ? entries[0] : entries.at(-1)) as typeof entry;
    const p = phrase(
      rng,
      last,
      {
        noun: facts.noun,
        end: first ? 'first' : rng.pick(['last', 'final', 'last']),
        endverb: first ? rng.pick(['begin', 'start', 'open']) : rng.pick(['end', 'close', 'finish']),
        endword: first ? 'top' : rng.pick(['end', 'bottom']),
      },
      split,
    );
    return make('reading', first ? 'reading/first' : 'reading/last', p, e.text, turn(e));
  }
  if (roll < 0.5 && facts.numbered) {
    const p = phrase(rng, whichNumber, { text: entry.text, noun: facts.noun }, split);
    return make('reading', 'reading/number-of', p, entry.mark, [
      { evidence: [evidence(entry)], next: { answer: entry.markAt as Place, as: 'amount' } },
    ]);
  }
  if (facts.numbered) {
    if (rng.chance(0.12)) {
      const n = entries.length + rng.int(1, 5);
      const p = phrase(rng, nth, { noun: facts.noun, n: String(n), ordinal: ordinals[n] ?? `${n}th` }, split);
      return make('unanswerable', 'unanswerable/number', p, '<unknown>', [{ evidence: [], next: 'unknown' }]);
    }
    return make(
      'reading',
      'reading/nth',
      phrase(rng, nth, { noun: facts.noun, n: entry.mark, ordinal: ordinals[i + 1] ?? `${i + 1}th` }, split),
      entry.text,
      turn(entry),
    );
  }
  if (i > 3) return undefined;
  const p = phrase(rng, nth.slice(0, 2), { noun: facts.noun, ordinal: ordinals[i + 1] as string }, split);
  return make('reading', 'reading/nth-plain', p, entry.text, turn(entry));
}

const solve = [
  'what is the [result|value|solution]',
  '[solve|calculate|compute|work out|evaluate] [it|this|the sum|the equation|the expression|the exercise]',
  'what [does|is] [it|this] [equal|come to|make|]',
  "[what's|give me|tell me|find] the [answer|result|solution]",
  'how much is [it|this|that]',
  'what [number|value] [goes after the equals sign|belongs in the gap|is missing]',
  '[solution|result|answer]',
];
const solveFor = [
  'what is $letter [here|in this equation|in this sum|]',
  '[solve|solve the equation] for $letter',
  '[find|compute|work out|calculate|determine] $letter',
  'what [value|number] [does $letter have|must $letter have|is $letter|stands for $letter]',
  "[what's|give me|tell me] [$letter|the value of $letter]",
  'which number is $letter',
  '$letter = [what|]',
];
const solveAt = [
  'what does the $where [equation|sum|exercise|one|problem] [equal|give|make|come to]',
  '[solve|calculate|compute|work out] the $where [equation|sum|exercise|one|problem|expression]',
  "[what's|give me|tell me|find] the [result|answer|solution] [of|to|for] the $where [equation|sum|exercise|one|problem]",
  'what is the [result|solution|value] [of|to|for] the $where [equation|sum|exercise|one|problem|expression]',
  'the $where [equation|sum|exercise|one|problem][: what is it| equals what|, please]',
  'how much is the $where [equation|sum|exercise|one|expression]',
  'what [comes out of|is the outcome of] the $where [equation|sum|exercise|one]',
];

/** The words for where an equation stands, with all that it takes to mean just one. */
function where(rng: Random, facts: EquationFacts, line: number, column: number): string {
  const vertical =
    facts.lines === 1
      ? []
      : [...(line === 0 ? ['top', 'upper'] : []), ...(line === facts.lines - 1 ? ['bottom', 'lower'] : [])];
  const horizontal =
    facts.columns === 1 ? [] : column === 0 ? ['left'] : column === facts.columns - 1 ? ['right'] : ['middle'];
  const rank = [
    ...(facts.lines > 1 ? [ordinals[line + 1] as string] : []),
    ...(line === facts.lines - 1 && facts.lines > 1 ? ['last'] : []),
  ];
  if (facts.columns === 1)
    return rng.pick([...vertical.filter((v) => v === 'top' || v === 'bottom'), ...rank, ...rank]);
  if (facts.lines === 1) return rng.chance(0.5) ? (horizontal[0] as string) : (ordinals[column + 1] as string);
  const side = horizontal[0] as string;
  if (vertical.length > 0 && rng.chance(0.6)) return `${rng.pick(vertical)} ${side}`;
  return rng.pick(rank.map((r) => `${r} ${side}`));
}

const sidePhrases = [
  'what does the $rank [equation|sum|exercise|one] [on|at] the $side [equal|give|make]',
  '[solve|calculate|compute] the $rank [equation|sum|exercise|one] [on|at] the $side',
  'what is the [result|solution|value] of the $rank [equation|sum|exercise|one] on the $side',
  'on the $side, [solve|calculate|what is] the $rank [equation|sum|exercise|one]',
];

export function askEquation(rng: Random, facts: EquationFacts, split: Split): Ask {
  const e = rng.pick(facts.equations);
  const value = rounded(evaluate(e.expression));
  const exact = evaluate(e.expression);
  const whole = Math.abs(exact - Math.round(exact)) < 1e-9;
  const expression = whole ? e.expression : `round(${e.expression}, 2)`;
  const sole = facts.equations.length === 1;
  const letterOwn = e.unknown && facts.equations.filter((o) => o.unknown === e.unknown).length === 1;
  let p: { text: string; skeleton: string };
  if (letterOwn && (sole || rng.chance(0.5))) p = phrase(rng, solveFor, { letter: e.unknown as string }, split);
  else if (sole) p = phrase(rng, solve, {}, split);
  else if (facts.columns === 2 && facts.lines > 1 && rng.chance(0.4))
    p = phrase(
      rng,
      sidePhrases,
      {
        rank: rng.chance(0.2) && e.line === facts.lines - 1 ? 'last' : (ordinals[e.line + 1] as string),
        side: e.column === 0 ? 'left' : 'right',
      },
      split,
    );
  else p = phrase(rng, solveAt, { where: where(rng, facts, e.line, e.column) }, split);
  return make('equations', sole ? 'equations/one' : 'equations/position', p, resultText(value), [
    {
      evidence: [[e.at]],
      next: { calculate: () => expression, operands: [], result: whole ? Math.round(exact) : value },
    },
    { evidence: [], next: { answer: 'result' } },
  ]);
}
