/** What follows from some regions being there and others not, over all that doubtful ones may be. */
import type { Derived } from '../contract.ts';
import type { Evidence, Region } from './evidence.ts';

/** One answer (in its spellings), or that it cannot be told. */
export type Outcome = readonly (string | number)[] | 'unknown';

/**
 * Thrown where something has not been looked at; ends a derivation. No Error: it is an outcome like the others, and a
 * stack for each would be a tenth of the checker's time.
 */
export class Missing {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
  /** Trials that miss different things agree in what they say: nothing. */
  toJSON(): string {
    return 'missing';
  }
}

/** So many doubtful regions are tried in all ways; with more, each way of all or none. */
const MOST_TRIED = 7;

/**
 * Regions as one derivation sees them. Which doubtful ones are taken as there changes from one trial to the next; what
 * was asked for is noted, so that only doubts that matter are tried.
 */
export class World {
  readonly evidence: Evidence;
  readonly #doubts: Region[] = [];
  readonly #lists = new Map<string, readonly Region[] | undefined>();
  #there = 0;

  constructor(evidence: Evidence) {
    this.evidence = evidence;
  }

  /** Regions that are there in this trial. @throws Missing where nobody looked for the label */
  regions(noun: string, input: number): readonly Region[] {
    const found = this.maybe(noun, input);
    if (!found) throw new Missing(`nobody looked for ${noun} in image-${input}`);
    return found;
  }

  maybe(noun: string, input: number): readonly Region[] | undefined {
    const key = `${input} ${noun}`;
    if (!this.#lists.has(key)) {
      const found = this.evidence.regions(noun, input);
      this.#lists.set(key, found);
      for (const region of found ?? []) if (region.is !== 'there') this.#doubts.push(region);
    }
    return this.#lists.get(key)?.filter((region) => region.is === 'there' || this.#taken(region));
  }

  #taken(region: Region): boolean {
    const at = this.#doubts.indexOf(region);
    return at >= MOST_TRIED ? this.#there % 2 === 1 : ((this.#there >> at) & 1) === 1;
  }

  /** What follows in all trials alike, or why nothing does. */
  settle(decide: (world: World) => Outcome): Derived {
    this.#there = 0;
    const first = this.#try(decide);
    // Labels that only a later trial asks for add doubts of their own, so the number of trials may still grow.
    const outcomes = [JSON.stringify(first)];
    for (let trial = 1; trial < this.#trials(); trial++) {
      this.#there = trial;
      outcomes.push(JSON.stringify(this.#try(decide)));
    }
    if (outcomes.every((one) => one === outcomes[0])) {
      if (first instanceof Missing) return { missing: first.message };
      return first === 'unknown' ? 'unknown' : { answers: first };
    }
    const open = this.#doubts.filter(({ is }, at) => is === 'open' && this.#matters(at, outcomes));
    if (open.length === 0) return 'unknown';
    return { missing: `${open.map(({ label, score }) => `${label} (${score})`).join(', ')} must be looked at again` };
  }

  #trials(): number {
    return 1 << Math.min(this.#doubts.length, MOST_TRIED);
  }

  /** Whether the answer hangs on this one, whatever the others are. Those beyond the tried ones are taken to matter. */
  #matters(at: number, outcomes: readonly string[]): boolean {
    return at >= MOST_TRIED || outcomes.some((one, trial) => one !== outcomes[trial ^ (1 << at)]);
  }

  #try(decide: (world: World) => Outcome): Outcome | Missing {
    try {
      return decide(this);
    } catch (error) {
      if (error instanceof Missing) return error;
      throw error;
    }
  }
}
