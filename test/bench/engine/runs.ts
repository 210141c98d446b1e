import { encodeObservation, encodePrompt, ID, VOCABULARY_HASH } from '../../../shared/nano/format.ts';
import { random } from '../../../workers/data/random.ts';
import { validationChains } from './validation.ts';

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
export async function workload(
  config: { cota_vocabulary?: string | undefined; vocab_size: number },
  count: number,
): Promise<Workload> {
  return config.cota_vocabulary === VOCABULARY_HASH ? recorded(count) : drawn(config.vocab_size, count);
}

async function recorded(count: number): Promise<Workload> {
  const byLength = new Map<number, Run[]>();
  for await (const { nano } of validationChains(11)) {
    const { prompt, observations } = nano;
    const [first] = observations;
    if (!first || !('rows' in first)) continue;
    const seen = encodeObservation(first, prompt.question, 0);
    if (seen.length < OBSERVATION) continue;
    // The question stands again behind the rows: what is cut are rows.
    const behind = seen.slice(seen.lastIndexOf(ID.question));
    const asked = encodePrompt(prompt);
    const runs = byLength.get(asked.length) ?? [];
    runs.push({ parts: [asked, [...seen.slice(0, OBSERVATION - behind.length), ...behind]] });
    byLength.set(asked.length, runs);
    if (runs.length === count)
      return { runs, end: ID.end, about: `validation chains, question of ${asked.length} tokens` };
  }
  throw new Error('there are chains without end');
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
