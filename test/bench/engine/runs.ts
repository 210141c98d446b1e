import { encodeChain, ID } from '../../../shared/nano/format.ts';
import { generateScene } from '../../../workers/data/nano/generate.ts';
import { random } from '../../../workers/data/random.ts';
import { vocabulary } from '../../../workers/model/backends/vocabularies.ts';

/** What a run gives the model to read: turn after turn, each after what the model said before. */
export interface Run {
  readonly parts: readonly (readonly number[])[];
}

export interface Workload {
  readonly runs: readonly Run[];
  readonly end: number;
  readonly about: string;
}

/** Output tokens of one turn at most. */
export const LIMIT = 96;
/** Tokens of an observation; longer ones are cut, shorter ones not taken. */
const OBSERVATION = 220;

/**
 * Runs of two turns: question, and what OCR read. All first prompts are of one length and all observations too, since
 * @huggingface/transformers cannot batch unequal ones on a graph without position_ids; that favours it.
 */
export function workload(
  config: { cota_vocabulary?: string | undefined; vocab_size: number },
  count: number,
): Workload {
  return config.cota_vocabulary === vocabulary ? recorded(count) : drawn(config.vocab_size, count);
}

function recorded(count: number): Workload {
  const byLength = new Map<number, Run[]>();
  for (let scene = 0; ; scene++) {
    for (const { chain } of generateScene(11, scene, 'validation')) {
      const { ids, weights } = encodeChain(chain);
      const own = weights.findIndex((weight) => weight > 0);
      const given = weights.findIndex((weight, at) => at > own && weight === 0);
      const next = weights.findIndex((weight, at) => at > given && weight > 0);
      if (given < 0 || next - given < OBSERVATION) continue;
      const last = ids[next - 1] as number;
      const runs = byLength.get(own) ?? [];
      runs.push({ parts: [ids.slice(0, own), [...ids.slice(given, given + OBSERVATION - 1), last]] });
      byLength.set(own, runs);
      if (runs.length === count) return { runs, end: ID.end, about: `validation chains, question of ${own} tokens` };
    }
  }
}

/** Any other decoder: tokens drawn at random, so that only speed and sameness mean something. */
function drawn(size: number, count: number): Workload {
  const runs = Array.from({ length: count }, (_, n) => {
    const draw = random(1, `run ${n}`);
    const part = (length: number) => Array.from({ length }, () => draw.int(0, size - 1));
    return { parts: [part(60), part(OBSERVATION)] };
  });
  return { runs, end: -1, about: 'random tokens' };
}
