/** cota-nano's vocabulary as the engine needs it: whether weights were trained on it, and what may be said in it. */
import { VOCABULARY_HASH } from '../../../shared/nano/format.ts';
import type { MaskMaker } from '../engine/messages.ts';

/** Where the engine's thread finds what may follow. */
export const MASKS: MaskMaker = {
  url: new URL('../../../shared/nano/speakable/mask.ts', import.meta.url).href,
  export: 'speakable',
};

/**
 * @param folder of weights, for the error
 * @param hash of the vocabulary that they were trained on, as their config.json names it
 * @throws Error for another vocabulary than this program's: ids would mean something else
 */
export function checkVocabulary(folder: string, hash: string | undefined): void {
  if (hash === VOCABULARY_HASH) return;
  throw new Error(
    `${folder} was trained on vocabulary ${hash ?? '(none named)'}, this program speaks ${VOCABULARY_HASH}: train and export the model again`,
  );
}
