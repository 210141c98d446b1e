/** A chain in the making: thinks, acts, and keeps what came back. Whoever plans it sees observations only. */
import type { Action, JsonObject } from '../../../../shared/contract.ts';
import type { ChainImage, ChainObservation, ChainTurn } from '../../../../shared/data/chain.ts';
import type { Random } from '../../random.ts';
import type { Eyes } from './eyes.ts';
import { Unmade } from './rules.ts';
import { inSentences, type Slots, say } from './words/template.ts';
import { THOUGHTS } from './words/thoughts.ts';

export interface Shown {
  readonly result: JsonObject;
  readonly images: readonly ChainImage[];
}

/** An action that gave an error which the plan can go on from: the object was not found. */
export type Answered = Shown | { readonly notFound: true };

export interface Look {
  readonly rng: Random;
  readonly turns: readonly ChainTurn[];
  readonly images: readonly ChainImage[];
  /** The pixels of any image there is by now. */
  sizeOf(name: string): { readonly width: number; readonly height: number };
  /** One of a step's wordings. */
  say(step: keyof typeof THOUGHTS, slots?: Slots): string;
  /** One turn. What fails for a reason of the tool's own is tried once more. @throws Unmade where it fails again */
  act(thought: string, actions: readonly Action[]): Promise<Answered[]>;
  /** The same for one action that must give a result. */
  one(thought: string, action: Action): Promise<Shown>;
  /** Ends the chain. */
  end(thought: string, answer: string): void;
}

const NEVER = new Unmade('the tool gave nothing, twice');
const NOT_FOUND = new Unmade('nothing was found where something must be');

/** Share of chains in which a tool fails once: enough to learn what to do then. Assumed, not measured. */
const FAILING = 0.02;

/** How tools fail that would do the next time. */
const FAULTS: readonly ((tool: string) => { code: string; message: string })[] = [
  (tool) => ({
    code: 'tool_failed',
    message: `${tool} failed: the engine ended unexpectedly. Do without it, or try other arguments.`,
  }),
  (tool) => ({
    code: 'tool_timeout',
    message: `${tool} took longer than 600 seconds and was stopped. Try something smaller, or do without it.`,
  }),
];

/**
 * @param mayFail whether a tool's failure may be played; not where the tools are really run
 */
export function lookWith(rng: Random, eyes: Eyes, mayFail: boolean): Look {
  const turns: ChainTurn[] = [];
  const sizes = new Map<string, { width: number; height: number }>();
  for (const image of eyes.images) sizes.set(image.name, image);
  let fails = mayFail && rng.chance(FAILING) ? rng.int(0, 2) : -1;

  async function seen(action: Action): Promise<ChainObservation> {
    if (fails-- === 0) return { ok: false, error: rng.pick(FAULTS)(action.name) };
    return eyes.see(action);
  }

  async function turn(thought: string, actions: readonly Action[]): Promise<ChainObservation[]> {
    const observations: ChainObservation[] = [];
    // In order: each image that is made takes the next name.
    for (const action of actions) observations.push(await seen(action));
    turns.push({ thought, actions: [...actions], observations });
    for (const one of observations) if (one.ok) for (const image of one.images ?? []) sizes.set(image.name, image);
    return observations;
  }

  const again = ({ ok, ...rest }: ChainObservation): boolean =>
    !ok && 'error' in rest && rest.error.code !== 'object_not_found';

  const look: Look = {
    rng,
    turns,
    images: eyes.images,
    sizeOf: (name) => sizes.get(name) ?? { width: 0, height: 0 },
    say: (step, slots = {}) => inSentences(say(rng, THOUGHTS[step], slots)),
    async act(thought, actions) {
      const first = [...(await turn(thought, actions))];
      const failed = first.flatMap((one, i) => (again(one) ? [i] : []));
      if (failed.length > 0) {
        const names = actions[failed[0]!]!.name;
        const second = await turn(
          look.say('failed', { tool: names }),
          failed.map((i) => actions[i]!),
        );
        second.forEach((one, k) => {
          if (again(one)) throw NEVER;
          first[failed[k]!] = one;
        });
      }
      return first.map((one) => (one.ok ? { result: one.result, images: one.images ?? [] } : { notFound: true }));
    },
    async one(thought, action) {
      const [got] = await look.act(thought, [action]);
      if (!got || 'notFound' in got) throw NOT_FOUND;
      return got;
    },
    end(thought, answer) {
      turns.push({ thought, actions: [{ name: 'Terminate', arguments: { answer } }], observations: [] });
    },
  };
  return look;
}
