import {
  encodeObservation,
  encodePrompt,
  encodeTurn,
  type NanoChain,
  VOCABULARY_SIZE,
} from '../../../shared/nano/format.ts';
import { openReading } from '../../../shared/nano/read.ts';
import { speakable } from '../../../shared/nano/speakable/mask.ts';

/** Whether the mask that serving lays over the model lets every turn of the chain be said: what it forbids is not taught. */
export function sayable(chain: NanoChain): boolean {
  const logits = new Float32Array(VOCABULARY_SIZE);
  const ids = encodePrompt(chain.prompt);
  const read = openReading(chain.asks ?? chain.prompt.question);
  let marks = 0;
  for (const [at, turn] of chain.turns.entries()) {
    const own = encodeTurn(turn, read);
    const mask = speakable(ids, 'spans');
    for (const [nth, id] of own.entries()) {
      logits.fill(0);
      mask(own.slice(0, nth), logits);
      if (logits[id] !== 0) return false;
    }
    ids.push(...own);
    const observation = chain.observations[at];
    if (!observation) continue;
    ids.push(...encodeObservation(observation, chain.prompt.question, marks));
    marks = read.add(observation);
  }
  return true;
}
