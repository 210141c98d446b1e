/**
 * The independent checker: whether a chain's steps are sound and its answer the one that its observations bear out. It
 * reads the question itself and knows neither truth nor scene. Rules of evidence: docs/data.md.
 */
import { answerFault } from './answer-fault.ts';
import type { CheckInput, Derive, Derived } from './contract.ts';
import { deriveObjects } from './objects/derive.ts';
import { parseQuestion } from './options.ts';
import type { Fault, Reason } from './reasons.ts';
import { deriveText } from './texts/derive.ts';
import { thoughtFault } from './thoughts.ts';
import { LOOKS, uselessFault } from './useful.ts';
import { walk } from './walk.ts';

export type CheckResult =
  | { readonly ok: true; readonly answer: string }
  | {
      readonly ok: false;
      readonly reason: Reason;
      /** What exactly, for people. */
      readonly detail: string;
      /** What follows instead, where an answer was derived. */
      readonly derived?: Derived;
    };

/** What observations bear out: asked first of whom the chain's first look points to, then of the other. */
function deriver(input: CheckInput): Derive {
  const looks = input.turns.flatMap(({ actions }) => actions.filter(({ name }) => LOOKS.test(name)));
  const objects = looks[0] !== undefined && looks[0].name !== 'OCR';
  const [first, second] = objects ? [deriveObjects, deriveText] : [deriveText, deriveObjects];
  return (question, seen) => {
    const derived = first(question, seen);
    if (typeof derived === 'string' || !('unparsed' in derived)) return derived;
    const other = second(question, seen);
    if (typeof other === 'string' || !('unparsed' in other)) return other;
    return { unparsed: `${derived.unparsed}; ${other.unparsed}` };
  };
}

const rejected = ({ reason, detail }: Fault, derived?: Derived): CheckResult => ({
  ok: false,
  reason,
  detail,
  ...(derived === undefined ? {} : { derived }),
});

/** @returns the answer where every step is sound and it follows; else the first reason why not */
export function checkChain(input: CheckInput): CheckResult {
  const walked = walk(input);
  if ('reason' in walked) return rejected(walked);
  const thought = thoughtFault(input, walked);
  if (thought) return rejected(thought);
  const question = parseQuestion(input);
  const derive = deriver(input);
  const derived = derive(question, walked.seen);
  const wrong = answerFault(input, question, walked, derived);
  if (wrong) return rejected(wrong, derived);
  const useless = uselessFault(input, walked, (seen) => derive(question, seen), derived);
  if (useless) return rejected(useless, derived);
  return { ok: true, answer: walked.answer };
}
