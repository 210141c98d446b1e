import { ID } from '../../../shared/nano/format.ts';
import { checkVocabulary, MASKS } from '../../../workers/model/backends/vocabulary.ts';
import { readDecoderFolder } from '../../../workers/model/engine/decoder-config.ts';
import { openEngine } from '../../../workers/model/engine/engine.ts';

export interface Speaker {
  /** The likeliest turn after these ids, each token the model's own; `undefined`: nothing is forbidden. */
  speak(prompt: readonly number[], constraint: 'spans' | undefined): Promise<readonly number[]>;
  close(): Promise<void>;
}

/** Tokens of one turn at most, as models.yaml has it for cota-nano. */
const LONGEST_TURN = 400;

/** @throws Error for weights of another vocabulary */
export async function openSpeaker(folder: string, dtype: 'fp32' | 'int8'): Promise<Speaker> {
  const { config } = await readDecoderFolder(folder, dtype);
  checkVocabulary(folder, config.cota_vocabulary);
  const engine = await openEngine({
    ...{ folder, dtype, provider: 'cpu', threads: 1, masks: MASKS, cacheBytes: 2 ** 26, slotBytes: 2 ** 28 },
  });
  const never = new AbortController().signal;
  let turns = 0;
  return {
    async speak(prompt, constraint) {
      const { said } = await engine.generate(
        {
          ...{ prompt: [...prompt], constraint, branches: 1, temperature: 0, topP: undefined },
          ...{ maxTokens: LONGEST_TURN, end: [ID.end], owner: '', session: `turn-${turns++}`, seed: 1 },
        },
        never,
      );
      return said;
    },
    close: () => engine.close(),
  };
}
