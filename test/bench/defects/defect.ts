/** Ways in which chains go wrong, sown into sound ones to see whether the checker finds them, and for the right reason. */
import type { Chain, ChainTurn } from '../../../shared/data/chain.ts';
import type { Reason } from '../../../workers/data/check/reasons.ts';
import type { Random } from '../../../workers/data/random.ts';

export interface Defect {
  readonly name: string;
  /** Reasons that name this defect or what it leads to at once. */
  readonly right: readonly Reason[];
  /** The spoilt chain; undefined where the chain has no room for this defect. */
  sow(chain: Chain, rng: Random): Chain | undefined;
}

export const lastOf = (chain: Chain): number => chain.turns.length - 1;

export const withTurn = (chain: Chain, at: number, change: (turn: ChainTurn) => ChainTurn): Chain => ({
  ...chain,
  turns: chain.turns.map((turn, i) => (i === at ? change(turn) : turn)),
});

/** One word for another, but not within a name or a longer number. */
export const saying = (thought: string, from: string, to: string): string =>
  thought.replace(
    new RegExp(`(?<![\\w.-])${from.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\w-]|\\.\\d)`, 'g'),
    () => to,
  );

/** Another answer, and another word for it in the last thought. */
export function answering(chain: Chain, answer: string, said?: { readonly from: string; readonly to: string }): Chain {
  const changed = withTurn(chain, lastOf(chain), (turn) => ({
    ...turn,
    thought: said ? saying(turn.thought, said.from, said.to) : turn.thought,
    actions: [{ name: 'Terminate', arguments: { answer } }],
  }));
  return { ...changed, answer };
}

/** What the answer says: the option's text for a letter. */
export function saidBy({ answer, choices }: Chain): string {
  if (!choices) return answer ?? '';
  return choices['ABCDEFGH'.indexOf(answer ?? '')] ?? answer ?? '';
}

export const letterOf = (at: number): string => 'ABCDEFGH'[at] as string;

/** Where a call of some tool stands: turn and place among its actions. */
export function callsOf(chain: Chain, fits: (name: string) => boolean): { turn: number; action: number }[] {
  return chain.turns.flatMap(({ actions }, turn) =>
    actions.flatMap(({ name }, action) => (fits(name) ? [{ turn, action }] : [])),
  );
}

/** With the arguments of one call changed. */
export const withArguments = (
  chain: Chain,
  { turn, action }: { turn: number; action: number },
  change: (given: Chain['turns'][number]['actions'][number]['arguments']) => typeof given,
): Chain =>
  withTurn(chain, turn, (one) => ({
    ...one,
    actions: one.actions.map((call, i) => (i === action ? { ...call, arguments: change(call.arguments) } : call)),
  }));

/** With what one call gave changed. */
export const withObservation = (
  chain: Chain,
  { turn, action }: { turn: number; action: number },
  change: (observation: ChainTurn['observations'][number]) => ChainTurn['observations'][number],
): Chain =>
  withTurn(chain, turn, (one) => ({
    ...one,
    observations: one.observations.map((seen, i) => (i === action ? change(seen) : seen)),
  }));

/** Names of images that follow in the turns from `from` on, each lower (or higher) by `by`. */
export function renumbered(turns: readonly ChainTurn[], from: number, first: number, by: number): ChainTurn[] {
  return turns.map((turn, i) =>
    i < from
      ? turn
      : (JSON.parse(
          JSON.stringify(turn).replace(/image-(\d+)/gi, (name, n: string) =>
            Number(n) >= first ? name.replace(n, String(Number(n) + by)) : name,
          ),
        ) as ChainTurn),
  );
}
