/** Why a chain is rejected: a closed list, each with what it means. Reports and filters count by these names. */
export const REASONS = {
  shape: 'It is not a whole chain: one that ends, and only ends, with Terminate, with an observation for every call.',
  'tool-not-offered': 'It calls a tool that was not offered.',
  'bad-arguments': 'A call has arguments that its tool does not take.',
  'bad-observation': 'An observation is not one that its tool can give.',
  'no-such-image': 'It names an image that does not exist at that moment.',
  'image-numbering': 'An image that a tool made does not take the next number, or the result names another.',
  'image-contradicted': 'A thought is about one image and its action about another.',
  'box-from-nowhere': 'A call is given a box that no observation shows and that does not follow from any.',
  'quote-not-seen': 'A thought quotes words that neither an observation nor the question has.',
  'number-not-seen': 'A thought states a number that comes from no observation, the question, a count or a sum.',
  'operand-not-seen': 'A calculation has an operand that comes from no observation, the question or a count.',
  'wrong-result': 'A tool that calculates gives what the expression does not.',
  'useless-step': 'Nothing uses what a step gave.',
  'repeated-call': 'A call is made again though it had succeeded, or though nothing can have changed.',
  'failed-step': 'A call failed and nothing makes up for it.',
  'question-unparsed': 'The checker does not understand the question.',
  'not-looked': 'It ends before it has looked at all that has to be looked at.',
  'not-told': 'It answers where the observations do not tell.',
  'can-be-told': 'It says that it cannot tell where the observations do tell.',
  'letter-mismatch': 'Its letter is none of the options, or not the option that it names.',
  'wrong-answer': 'Another answer follows from the observations.',
} as const;

export type Reason = keyof typeof REASONS;

export interface Fault {
  readonly reason: Reason;
  /** What exactly, for people: `turn 2: "Soop 4.50"`. */
  readonly detail: string;
}

export const fault = (reason: Reason, detail: string): Fault => ({ reason, detail });
