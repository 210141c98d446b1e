import { ID } from '../../../shared/nano/format.ts';
import { lookupExample } from '../../../workers/data/nano/lookup.ts';
import { random } from '../../../workers/data/random.ts';
import { openOurs } from './ours.ts';

const PROBES = 1_000;
const AT_ONCE = 16;

/** Look-ups of names never seen among 2 to 30 rows, whose turn copies a row: are floats and 8-bit weights of one mind? */
export async function copies(folder: string): Promise<string> {
  const probes = Array.from({ length: PROBES }, (_, n) => {
    const { ids, weights } = lookupExample(random(13, `copy ${n}`), { rows: [2, 30], questions: 1, harder: 0 });
    const last = weights.findLastIndex((weight) => weight > 0);
    const own = weights.findLastIndex((weight, at) => at < last && weight === 0) + 1;
    return { parts: [ids.slice(0, own)], wanted: ids.slice(own, last + 1) };
  });
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
