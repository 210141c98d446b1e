import {
  encodeObservation,
  encodePrompt,
  encodeTurn,
  ID,
  type NanoObservation,
  type NanoTurn,
} from '../../../shared/nano/format.ts';
import { openReading } from '../../../shared/nano/read.ts';
import { random } from '../../../workers/data/random.ts';
import { drill } from '../../../workers/train/nano/drills/drill.ts';
import { openOurs } from './ours.ts';

const PROBES = 1_000;
const AT_ONCE = 16;
const SHAPE = { rows: [2, 30], questions: 1, regions: 0, copies: 0, lookUps: true } as const;

/** A look-up with its reading in the prompt, and the turn that answers it. */
function probe(seed: number): { parts: number[][]; wanted: number[] } {
  for (let tries = 0; ; tries++) {
    const [chain] = drill(random(seed, `copy ${tries}`), SHAPE);
    if (!chain) continue;
    const [first, answer] = chain.turns as [NanoTurn, NanoTurn];
    const [observation] = chain.observations as [NanoObservation];
    const read = openReading(chain.prompt.question);
    const seen = encodeObservation(observation, chain.prompt.question, 0);
    read.add(observation);
    return {
      parts: [[...encodePrompt(chain.prompt), ...encodeTurn(first), ...seen]],
      wanted: encodeTurn(answer, read),
    };
  }
}

/** Look-ups of names never seen among 2 to 30 rows, whose turn copies a row: are floats and 8-bit weights of one mind? */
export async function copies(folder: string): Promise<string> {
  const probes = Array.from({ length: PROBES }, (_, n) => probe(n));
  const floats = await openOurs(folder, 'fp32', ID.end);
  const integers = await openOurs(folder, 'int8', ID.end);
  const [a, b] = [await floats.say(probes, AT_ONCE, 'a'), await integers.say(probes, AT_ONCE, 'a')];
  await floats.engine.close();
  await integers.engine.close();
  const count = (test: (n: number) => boolean) => probes.filter((_, n) => test(n)).length;
  const text = (said: readonly (readonly number[])[] | undefined) => JSON.stringify(said?.[0]);
  const right = (all: typeof a) => count((n) => text(all[n]) === JSON.stringify(probes[n]?.wanted));
  return `copy probes: ${count((n) => text(a[n]) === text(b[n]))} of ${PROBES} equal; right with floats ${right(a)}, with 8-bit weights ${right(b)}`;
}
