/** Chains to be looked at: few, of as many kinds as there are, and the same ones whenever the same dataset is reported. */
import type { Chain } from '../../../shared/data/chain.ts';
import { hashText } from '../random.ts';

/** Chains kept of each kind while the dataset goes by. */
const PER_KIND = 4;
const MOST_KINDS = 2_000;

const kindOf = ({ source, outcome, facts }: Chain): string =>
  JSON.stringify([source, outcome, facts?.family, facts?.unanswerable]);

export class Sample {
  readonly #kinds = new Map<string, { readonly order: number; readonly chain: Chain }[]>();
  readonly #seed: number;
  constructor(seed: number) {
    this.#seed = seed;
  }

  add(chain: Chain): void {
    const kind = kindOf(chain);
    if (!this.#kinds.has(kind) && this.#kinds.size >= MOST_KINDS) return;
    const kept = this.#kinds.get(kind) ?? [];
    const order = hashText(`${this.#seed}/${chain.id}`);
    if (kept.length >= PER_KIND && order >= (kept.at(-1)?.order ?? 0)) return;
    kept.push({ order, chain });
    kept.sort((a, b) => a.order - b.order || (a.chain.id < b.chain.id ? -1 : 1));
    this.#kinds.set(kind, kept.slice(0, PER_KIND));
  }

  /** One of each kind in an order that the seed gives, then a second of each, until there are enough. */
  take(count: number): Chain[] {
    const kinds = [...this.#kinds].sort(([a], [b]) => this.#rank(a) - this.#rank(b) || (a < b ? -1 : 1));
    // Right and wrong chains in turn, so that a dataset of few wrong ones still shows some.
    const right = kinds.filter(([, [first]]) => !first?.chain.outcome.endsWith('neg'));
    const wrong = kinds.filter(([, [first]]) => first?.chain.outcome.endsWith('neg'));
    const turns = right.length + wrong.length;
    const order: (typeof kinds)[number][] = [];
    for (let i = 0; order.length < turns; i++) order.push(...right.slice(2 * i, 2 * i + 2), ...wrong.slice(i, i + 1));
    const taken: Chain[] = [];
    for (let round = 0; round < PER_KIND && taken.length < count; round++) {
      for (const [, kept] of order) {
        const one = kept[round];
        if (one && taken.length < count) taken.push(one.chain);
      }
    }
    return taken;
  }

  #rank(kind: string): number {
    return hashText(`${this.#seed} ${kind}`);
  }
}
