/** Defects of what a chain concludes. */
import { CANNOT_TELL, type Chain } from '../../../shared/data/chain.ts';
import { answering, callsOf, type Defect, letterOf, saidBy, saying, withObservation } from './defect.ts';

const answered = ({ answer }: Chain): boolean => answer !== null && answer !== CANNOT_TELL;

/** The chain with another option, said in the last thought as well. */
function otherOption(chain: Chain, at: number): Chain {
  const said = saidBy(chain);
  const text = chain.choices![at]!;
  const spoilt = answering(chain, letterOf(at), { from: said, to: text });
  const last = spoilt.turns.at(-1)!;
  const thought = last.thought.replace(
    new RegExp(`\\b(option |under |as |is )${chain.answer}\\b`),
    `$1${letterOf(at)}`,
  );
  return { ...spoilt, turns: [...spoilt.turns.slice(0, -1), { ...last, thought }] };
}

const othersOf = ({ choices = [], answer }: Chain): number[] =>
  choices.flatMap((_, i) => (letterOf(i) === answer ? [] : [i]));

const swapped = (text: string, pairs: readonly (readonly [string, string])[]): string => {
  const words = pairs.flat().join('|');
  return text.replace(new RegExp(`\\b(?:${words})\\b`, 'gi'), (word) => {
    const lower = word.toLowerCase();
    const pair = pairs.find((one) => one.includes(lower))!;
    const other = pair[0] === lower ? pair[1] : pair[0];
    return word[0] === lower[0] ? other : other.charAt(0).toUpperCase() + other.slice(1);
  });
};

const SIDES = [
  ['left', 'right'],
  ['leftmost', 'rightmost'],
  ['left-most', 'right-most'],
  ['above', 'below'],
  ['topmost', 'bottommost'],
  ['highest', 'lowest'],
  ['higher', 'lower'],
] as const;

const DEPTHS = /^(?:closer|farther)(?:-to-anchor)?$/;

export const ANSWERS: readonly Defect[] = [
  {
    name: 'another answer',
    right: ['wrong-answer', 'letter-mismatch', 'number-not-seen', 'quote-not-seen'],
    sow(chain, rng) {
      if (!answered(chain) || chain.facts?.unanswerable) return undefined;
      if (chain.choices) return otherOption(chain, rng.pick(othersOf(chain)));
      const said = chain.answer!;
      if (/^(?:yes|no)$/.test(said))
        return answering(chain, said === 'yes' ? 'no' : 'yes', { from: said, to: said === 'yes' ? 'no' : 'yes' });
      const number = /\d+(?:\.\d+)?/.exec(said)?.[0];
      if (said.includes('image-') || number === undefined) return undefined;
      const to = said.replace(number, String(Number(number) + rng.int(2, 9)));
      return answering(chain, to, { from: said, to });
    },
  },
  {
    name: 'a letter that does not go with its option',
    right: ['letter-mismatch', 'wrong-answer'],
    sow(chain, rng) {
      if (!answered(chain) || !chain.choices) return undefined;
      return answering(chain, letterOf(rng.pick(othersOf(chain))));
    },
  },
  {
    name: 'a count off by one',
    right: ['wrong-answer'],
    sow(chain, rng) {
      if (!/count/.test(chain.facts?.family ?? '') || chain.facts?.family === 'compare-count' || !answered(chain))
        return undefined;
      const count = Number(saidBy(chain));
      if (!Number.isInteger(count)) return undefined;
      const near = [count - 1, count + 1].filter((one) => one >= 0);
      if (!chain.choices) {
        const to = String(rng.pick(near));
        return answering(chain, to, { from: String(count), to });
      }
      const at = near.map((one) => chain.choices!.indexOf(String(one))).find((one) => one >= 0);
      return at === undefined ? undefined : otherOption(chain, at);
    },
  },
  {
    name: 'left and right mixed',
    right: ['wrong-answer', 'not-told', 'letter-mismatch'],
    sow(chain) {
      const family = chain.facts?.family ?? '';
      if (
        !/^(?:leftmost|rightmost|topmost|bottommost|relation|relation-head|select-relation|compare-relation)$/.test(
          family,
        )
      )
        return undefined;
      if (!answered(chain) || /inside|edge|neither|both/.test(saidBy(chain))) return undefined;
      if (family === 'relation') {
        const said = saidBy(chain);
        const to = swapped(said, SIDES);
        if (to === said) return undefined;
        const at = chain.choices?.indexOf(to) ?? -1;
        return chain.choices ? (at < 0 ? undefined : otherOption(chain, at)) : answering(chain, to, { from: said, to });
      }
      // The same boxes for the question's opposite. With one thing alone the answer would be the same.
      const first = chain.turns[0]?.observations[0];
      const regions = first?.ok ? (first.result.regions as unknown as { label: string; score: number }[]) : [];
      const there = new Set(
        (regions ?? []).filter(({ score }) => score >= 0.5).map(({ label }) => label.replace(/-\d+$/, '')),
      );
      // A box in doubt may decide the opposite question alone: that it was not looked at again is another defect.
      if (there.size < 2 || (regions ?? []).some(({ score }) => score < 0.5)) return undefined;
      const [body, ...options] = chain.question.split(/(?=\n|\bA[.):]|\(A\))/);
      const question = swapped(
        body!.replace(/\bfurther up\b/g, 'higher up').replace(/\bfurther down\b/g, 'lower down'),
        [...SIDES, ['up', 'down']],
      );
      const both = /\bleft\b.*\bright\b|\babove\b.*\bbelow\b/i.test(question);
      return question === body || both ? undefined : { ...chain, question: question + options.join('') };
    },
  },
  {
    name: 'the order of depth reversed',
    right: ['wrong-answer', 'not-told'],
    sow(chain) {
      if (!DEPTHS.test(chain.facts?.family ?? '') || !answered(chain)) return undefined;
      const labels = new Map<string, string>();
      for (const { observations } of chain.turns) {
        for (const seen of observations) {
          if (seen.ok && Array.isArray(seen.result.regions))
            for (const { label, bbox } of seen.result.regions as unknown as { label: string; bbox: number[] }[])
              labels.set(JSON.stringify(bbox), label.replace(/-\d+$/, ''));
        }
      }
      const calls = callsOf(chain, (name) => name.startsWith('Estimate')).flatMap(({ turn, action }) => {
        const { arguments: given } = chain.turns[turn]!.actions[action]!;
        const seen = chain.turns[turn]!.observations[action];
        const label = given.object === undefined ? labels.get(JSON.stringify(given.bbox)) : String(given.object);
        return seen?.ok && label !== undefined ? [{ turn, action, label, depth: Number(seen.result.depth) }] : [];
      });
      const said = saidBy(chain).replace(/^(?:the|a|an) /, '');
      const own = calls.find(({ label }) => label === said);
      // Among candidates only, not the anchor, which the question names after "the" with no comma.
      const rivals = calls.filter(
        ({ label, depth }) => label !== said && own && Math.abs(depth - own.depth) > 0.03 && isCandidate(chain, label),
      );
      const other = rivals[0];
      if (!own || !other) return undefined;
      const give = (target: Chain, call: typeof own, depth: number): Chain =>
        withObservation(target, call, (seen) => (seen.ok ? { ...seen, result: { ...seen.result, depth } } : seen));
      const [a, b] = [String(own.depth), String(other.depth)];
      const told = {
        ...chain,
        turns: chain.turns.map((turn) => ({ ...turn, thought: exchanged(turn.thought, a, b) })),
      };
      return give(give(told, own, other.depth), other, own.depth);
    },
  },
  {
    name: 'answered where it cannot be told',
    right: ['not-told', 'not-looked'],
    sow(chain, rng) {
      if (!chain.facts?.unanswerable) return undefined;
      if (chain.choices) {
        const at = rng.int(0, chain.choices.length - 1);
        return chain.choices[at] === CANNOT_TELL ? undefined : answering(chain, letterOf(at));
      }
      const { sceneTruth } = chain.facts;
      return answering(chain, sceneTruth ?? rng.pick(['yes', '3', 'the first one', '12.50']));
    },
  },
  {
    name: 'cannot tell where it can be told',
    right: ['can-be-told'],
    sow: (chain) => (answered(chain) && !chain.facts?.unanswerable ? answering(chain, CANNOT_TELL) : undefined),
  },
];

const exchanged = (thought: string, a: string, b: string): string =>
  saying(saying(saying(thought, a, '#'), b, a), '#', b);

/** Whether the question lists a label as a candidate, or an option does. */
function isCandidate({ choices, question }: Chain, label: string): boolean {
  if (choices) return choices.some((choice) => choice.replace(/^(?:the|a|an) /, '') === label);
  return (
    new RegExp(`(?:,|\\bor|:|^|\\?) ?(?:the )?${label}\\b|\\bthe ${label}(?:,| or\\b)`, 'i').test(question) &&
    !new RegExp(`(?:to|from|of) the ${label}\\b`, 'i').test(question)
  );
}
