/**
 * Chains as training sequences. Questions about one reading share it: the first stands as in service, the others come
 * behind an answer and are answered from the same rows, which are most of a chain's tokens.
 */
import {
  encodeObservation,
  encodePrompt,
  encodeQuestion,
  encodeTurn,
  ID,
  MARKS,
  markOf,
  marksOf,
  type NanoChain,
  type NanoExample,
  type NanoTurn,
  type RowsRead,
} from '../../../shared/nano/format.ts';
import { openReading } from '../../../shared/nano/read.ts';
import type { Random } from '../../data/random.ts';

/** Longest sequence in tokens that training takes. */
export const LONGEST = 1280;

/**
 * Loss weights are whole numbers of quarters: what the model did not say, what it said, and where it chose a row. A
 * question that stands behind its rows counts a little too: to foresee a name that is being asked for is to find it
 * among the rows. So do the marks of rows, all but the first of which follow from those before: they are many kinds, and
 * the quotes alone show each too seldom.
 */
export const WEIGHT_SCALE = 4;
const WEIGHT = { given: 0, asked: 1, own: 4, row: 8 } as const;
/** Tokens of a quote in which its row is chosen. */
const CHOOSING = 3;

const given = (ids: number[]): NanoExample => ({ ids, weights: ids.map(() => WEIGHT.given) });
/** Given, with the marks of rows and the question behind them. */
function asking(ids: number[]): NanoExample {
  const from = ids.lastIndexOf(ID.question);
  const first = ids.findIndex((id) => markOf(id) !== undefined);
  const counts = (id: number, at: number): boolean =>
    from >= 0 && (at > from ? at < ids.length - 1 : at > first && markOf(id) !== undefined);
  return { ids, weights: ids.map((id, at) => (counts(id, at) ? WEIGHT.asked : WEIGHT.given)) };
}
function own(turn: NanoTurn, read: RowsRead): NanoExample {
  const ids = encodeTurn(turn, read);
  const quoted = ids.findLastIndex((id) => markOf(id) !== undefined);
  let begun = 0;
  const weights = ids.map((id, at) => {
    if (at > quoted) return WEIGHT.own;
    if (markOf(id) !== undefined) {
      begun = 0;
      return WEIGHT.row;
    }
    return begun++ < CHOOSING ? WEIGHT.row : WEIGHT.own;
  });
  return { ids, weights };
}

function joined(parts: readonly NanoExample[]): NanoExample {
  return { ids: parts.flatMap(({ ids }) => ids), weights: parts.flatMap(({ weights }) => weights) };
}

/**
 * Turns from `first` on with what follows each.
 * @param mark of the run's first row
 * @param taught number of the first turn that is the model's own: what comes before it is given
 */
function turnsFrom(chain: NanoChain, first: number, mark: number, taught: number): NanoExample {
  const read = openReading(chain.asks ?? chain.prompt.question, mark);
  let next = mark;
  for (const observation of chain.observations.slice(0, first)) next = read.add(observation);
  const parts: NanoExample[] = [];
  for (let at = first; at < chain.turns.length; at++) {
    const turn = chain.turns[at] as NanoTurn;
    const said = own({ ...turn, quotes: turn.quotes.map((quote) => (quote + mark) % MARKS) }, read);
    parts.push(at < taught ? given(said.ids) : said);
    const observation = chain.observations[at];
    if (!observation) continue;
    parts.push(asking(encodeObservation(observation, chain.prompt.question, next)));
    next = read.add(observation);
  }
  return joined(parts);
}

/** Rows that were read before turn `first`. */
const shift = (chain: NanoChain, first: number): number =>
  chain.observations.slice(0, first).reduce((sum, observation) => sum + marksOf(observation), 0);

/** A chain as it stands in service, its marks counted from `mark` on. */
export function sequence(chain: NanoChain, mark: number, taught = 0): NanoExample {
  return joined([given(encodePrompt(chain.prompt)), turnsFrom(chain, 0, mark, taught)]);
}

/** What a chain read first, where others may share it. */
function reading(chain: NanoChain): string | undefined {
  const [first] = chain.observations;
  if (!first || !('rows' in first) || first.rows.length === 0 || first.answerNow || chain.prompt.images.length !== 1)
    return undefined;
  return JSON.stringify([chain.turns[0], first.rows, chain.prompt.budget, chain.prompt.brief ?? false]);
}

/**
 * Where a row is asked for by its place, rows are numbered as service does, so that its mark tells the third; so are half
 * of the others. The rest begin anywhere: all marks are learnt.
 */
function firstMark(rng: Random, chains: readonly NanoChain[]): number {
  const placed = chains.some(({ turns }) => turns.some((turn) => turn.placed));
  return placed || rng.chance(0.5) ? 0 : rng.int(0, MARKS - 1);
}

/**
 * Sequences for chains about one scene: those that share a reading are joined while they fit into `limit` tokens.
 * Chains that alone exceed it are left out.
 * @param taught number of the first turn that is the model's own; what comes before it is given
 */
export function sequences(rng: Random, chains: readonly NanoChain[], limit = LONGEST, taught = 0): NanoExample[] {
  const made: NanoExample[] = [];
  const byReading = Map.groupBy(chains, (chain) => reading(chain) ?? '');
  for (const chain of byReading.get('') ?? []) keep(made, sequence(chain, firstMark(rng, [chain]), taught), limit);
  byReading.delete('');
  for (const group of byReading.values()) {
    const open = rng.shuffle(group);
    while (open.length > 0) {
      const mark = firstMark(rng, group);
      const [first] = open.splice(0, 1) as [NanoChain];
      // Only what is asked first can look at more than the shared rows: marks behind it would be counted anew. Where that
      // takes marks from the shared rows, nothing more is asked of them.
      const parts = [sequence(first, mark, taught)];
      // Every prompt names Terminate, whether or not it is among its tools.
      const tools = new Set<string>([...first.prompt.tools, 'Terminate']);
      const whole = shift(first, first.observations.length) <= MARKS;
      let length = (parts[0] as NanoExample).ids.length;
      for (let at = 0; at < open.length; ) {
        const chain = open[at] as NanoChain;
        const part = more(chain, mark);
        const alike =
          whole &&
          shift(chain, chain.observations.length) === shift(chain, 1) &&
          needs(chain).every((tool) => tools.has(tool));
        if (!alike || length + part.ids.length > limit) {
          at++;
          continue;
        }
        parts.push(part);
        length += part.ids.length;
        open.splice(at, 1);
      }
      keep(made, joined(parts), limit);
    }
  }
  return made;
}

function keep(made: NanoExample[], example: NanoExample, limit: number): void {
  if (example.ids.length <= limit) made.push(example);
}

const needs = (chain: NanoChain): string[] =>
  chain.turns.flatMap(({ action }) => (typeof action === 'object' ? [action.name] : []));

/** The turns that follow the reading, with the question before them. */
function more(chain: NanoChain, mark: number): NanoExample {
  return joined([asking([...encodeQuestion(chain.prompt.question), ID.turn]), turnsFrom(chain, 1, mark, 1)]);
}
