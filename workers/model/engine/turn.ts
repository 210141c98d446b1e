import { greedy, type Sampler } from './sampling.ts';

/** Sets the logits of what may not follow to -Infinity. `said` is the turn so far. */
export type Mask = (said: readonly number[], logits: Float32Array) => void;

export interface Turn {
  /** Tokens at most, at least 1. */
  readonly limit: number;
  /** Tokens that end a turn. */
  readonly end: readonly number[];
  readonly mask: Mask | undefined;
  /** How a token is chosen; undefined is the likeliest. */
  readonly sampler: Sampler | undefined;
  /** Turns that are completed at most and weighed against each other, where no sampler chooses. */
  readonly branches: number;
  /** Called with each token as it is chosen, where nothing can be taken back. */
  readonly onToken?: ((id: number) => void) | undefined;
}

/** What the sequence is to hold next: the first `keep` tokens that it has of the turn, and then `ids`. */
export interface Feed {
  readonly keep: number;
  readonly ids: readonly number[];
}

/** Is given logits, (vocabulary), which it may change; asks for the next ones; returns what was said. */
export type Speaking = Generator<Feed, readonly number[], Float32Array>;

/** @param first logits after the prompt */
export function speak(turn: Turn, first: Float32Array): Speaking {
  return turn.sampler || turn.branches === 1 ? oneTurn(turn, first) : likeliestTurn(turn, first);
}

function* oneTurn({ limit, end, mask, sampler = greedy, onToken }: Turn, first: Float32Array): Speaking {
  const said: number[] = [];
  for (let logits = first; ; ) {
    mask?.(said, logits);
    const id = sampler(logits);
    said.push(id);
    onToken?.(id);
    if (said.length >= limit || end.includes(id)) return said;
    logits = yield { keep: said.length - 1, ids: [id] };
  }
}

/** A turn in the making. */
interface Branch {
  readonly said: readonly number[];
  /** Sum of log-probabilities of what was said. */
  readonly score: number;
}

/** An alternative less likely than this is not worth a completion. */
const LEAST = Math.log(0.02);
/** Alternatives kept at a time. */
const OPEN = 8;

/** log-softmax of the raw logits at one id: a mask must not make a forced token look certain. */
function logShare(logits: Float32Array): (id: number) => number {
  const top = logits[greedy(logits)] as number;
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - top);
  const norm = top + Math.log(sum);
  return (id) => (logits[id] as number) - norm;
}

/**
 * The likeliest turn, by branch and bound: the greedy turn first; then the likeliest alternatives met on the way are
 * completed too, while one could still win, because a score only falls. A row is chosen by its first characters, before
 * the model sees whether the rest fits: a second look is cheap where the choice was close and costs nothing where it was
 * not. Branches follow one another in one place, which is fed again where they part: a second place that a search had to
 * wait for while it holds the first could block all.
 */
function* likeliestTurn(turn: Turn, first: Float32Array): Speaking {
  const open: Branch[] = [{ said: [], score: 0 }];
  let best: Branch | undefined;
  /** What of the turn has been fed. */
  const there: number[] = [];
  for (let done = 0; done < turn.branches; done++) {
    open.sort((a, b) => b.score - a.score);
    const next = open.shift();
    if (!next || (best && next.score <= best.score)) break;
    const bound = best?.score ?? Number.NEGATIVE_INFINITY;
    const whole = yield* complete(turn, next, open, bound, there, done === 0 ? first : undefined);
    if (!best || whole.score > best.score) best = whole;
  }
  return best?.said ?? [];
}

/** Goes on greedily to the end, or until `bound` cannot be beaten, and leaves the likely alternatives in `open`. */
function* complete(
  { limit, end, mask }: Turn,
  from: Branch,
  open: Branch[],
  bound: number,
  there: number[],
  first: Float32Array | undefined,
): Generator<Feed, Branch, Float32Array> {
  const said = [...from.said];
  let { score } = from;
  let logits = first;
  const ended = () => said.length > 0 && end.includes(said.at(-1) as number);
  while (said.length < limit && !ended()) {
    if (!logits) {
      // At least the last token is fed: logits are those after it.
      let keep = 0;
      while (keep < said.length - 1 && said[keep] === there[keep]) keep++;
      const ids = said.slice(keep);
      there.splice(keep, there.length, ...ids);
      logits = yield { keep, ids };
    }
    const share = logShare(logits.slice());
    mask?.(said, logits);
    const id = greedy(logits);
    for (let other = 0; other < logits.length; other++) {
      if (other === id || logits[other] === Number.NEGATIVE_INFINITY || share(other) < LEAST) continue;
      open.push({ said: [...said, other], score: score + share(other) });
    }
    open.sort((a, b) => b.score - a.score);
    open.length = Math.min(open.length, OPEN);
    score += share(id);
    said.push(id);
    logits = undefined;
    if (score < bound) break;
  }
  // A turn without its end is no turn while another one has it.
  return { said, score: ended() ? score : score - 20 };
}
