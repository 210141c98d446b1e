import type { KeyValues } from './onnx-model.ts';
import { greedy } from './sampling.ts';
import type { Mask } from './speakable.ts';

/** A turn in the making: what was said, and what the model makes of it. `past` is never changed, so branches share it. */
interface Branch {
  readonly said: readonly number[];
  /** Sum of log-probabilities of what was said. */
  readonly score: number;
  readonly past: KeyValues;
  /** Tokens in `past`. */
  readonly fed: number;
  /** After `past`; undefined while the last token said is still to be fed. */
  readonly logits: Float32Array | undefined;
}

export interface Search {
  readonly past: KeyValues;
  readonly fed: number;
  /** Logits after the prompt. */
  readonly logits: Float32Array;
  readonly mask: Mask | undefined;
  /** Tokens at most. */
  readonly limit: number;
  /** Turns that are completed at most; 1 is greedy. */
  readonly branches: number;
  readonly end: number;
  feed(
    ids: readonly number[],
    position: number,
    past: KeyValues,
  ): Promise<{ logits: Float32Array; present: KeyValues }>;
  /** Called with each token as it is chosen, where nothing can be taken back. */
  readonly onToken?: ((id: number) => void) | undefined;
}

/** An alternative less likely than this is not worth a completion. */
const LEAST = Math.log(0.02);
/** Alternatives kept at a time: each holds keys and values of its own. */
const OPEN = 8;

/** log-softmax of the raw logits at one id: a mask must not make a forced token look certain. */
function logShare(logits: Float32Array): (id: number) => number {
  const top = logits[greedy(logits)]!;
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - top);
  const norm = top + Math.log(sum);
  return (id) => logits[id]! - norm;
}

/**
 * The likeliest turn, by branch and bound: the greedy turn first; then the likeliest alternatives met on the way are
 * completed too, while one could still win, because a score only falls. With one branch this is greedy decoding. A row
 * is chosen by its first characters, before the model sees whether the rest fits: a second look is cheap where the
 * choice was close and costs nothing where it was not.
 */
export async function likeliestTurn(search: Search): Promise<{ said: number[]; past: KeyValues; fed: number }> {
  const open: Branch[] = [{ said: [], score: 0, past: search.past, fed: search.fed, logits: search.logits }];
  let best: Branch | undefined;
  for (let done = 0; done < search.branches; done++) {
    open.sort((a, b) => b.score - a.score);
    const next = open.shift();
    if (!next || (best && next.score <= best.score)) break;
    const whole = await complete(search, next, open, best?.score ?? Number.NEGATIVE_INFINITY);
    if (!best || whole.score > best.score) best = whole;
  }
  const { said, past, fed } = best as Branch;
  return { said: [...said], past, fed };
}

/** Goes on greedily to the end, or until `bound` cannot be beaten, and leaves the likely alternatives in `open`. */
async function complete(search: Search, from: Branch, open: Branch[], bound: number): Promise<Branch> {
  let { past, fed, logits, score } = from;
  const said = [...from.said];
  while (said.length < search.limit && said.at(-1) !== search.end) {
    if (!logits) {
      const result = await search.feed(said.slice(-1), fed, past);
      past = result.present;
      logits = result.logits;
      fed++;
    }
    const share = logShare(logits);
    const allowed = logits.slice();
    search.mask?.(said, allowed);
    const id = greedy(allowed);
    if (search.branches > 1) {
      for (let other = 0; other < allowed.length; other++) {
        if (other === id || allowed[other] === Number.NEGATIVE_INFINITY || share(other) < LEAST) continue;
        open.push({ said: [...said, other], score: score + share(other), past, fed, logits: undefined });
      }
      open.sort((a, b) => b.score - a.score);
      open.length = Math.min(open.length, OPEN);
    }
    score += share(id);
    said.push(id);
    logits = undefined;
    if (search.branches === 1) search.onToken?.(id);
    if (score < bound) break;
  }
  // A turn without its end is no turn while another one has it.
  if (said.at(-1) !== search.end && search.branches > 1) score -= 20;
  return { said, score, past, fed, logits: undefined };
}
