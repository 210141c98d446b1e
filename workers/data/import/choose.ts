/** Which questions of a source are asked where the recipe wants only some: the first in an order that the seed gives. */
import { hashText } from '../random.ts';

interface Placed {
  readonly id: string;
  readonly place: number;
}

const before = (a: Placed, b: Placed): number => a.place - b.place || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

/** Holds `most` ids, and some more meanwhile, whatever the number of those that it is shown. */
export function choose(seed: number, most: number): { see(id: string): void; chosen(): ReadonlySet<string> } {
  let held: Placed[] = [];
  const prune = (): void => {
    held.sort(before);
    held = held.slice(0, most);
  };
  return {
    see(id) {
      held.push({ id, place: hashText(`${seed} ${id}`) });
      if (held.length > 2 * most + 1_000) prune();
    },
    chosen() {
      prune();
      return new Set(held.map(({ id }) => id));
    },
  };
}
