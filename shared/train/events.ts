/**
 * What a fine-tuning job tells, in order. The newest events are in Redis; each hundred of them goes into a file of the
 * store, so that a job of many days costs Redis what a short one does. The unfinished hundred is written there now and
 * then too: a Redis that was lost costs what came since.
 */
import { z } from 'zod';
import { paths } from '../keys.ts';
import { ObjectMissing, type ObjectStore } from '../object-store.ts';
import { isTrainJobOver, type TrainEvent, trainEvent } from './job.ts';
import type { TrainJobState } from './job-state.ts';

/** Events of a file. */
export const CHUNK = 100;

interface Place {
  readonly tenant: string;
  readonly id: string;
}

const lines = (events: readonly TrainEvent[]): Buffer =>
  Buffer.from(events.map((event) => `${JSON.stringify(event)}\n`).join(''));

/**
 * An unfinished hundred has a name of its own: written late, by whoever was held up, it must not take the place of a
 * full one, whose events are nowhere else.
 */
function write(
  objects: ObjectStore,
  { tenant, id }: Place,
  chunk: number,
  events: readonly TrainEvent[],
  isLast: boolean,
): Promise<void> {
  const isWhole = isLast || events.length === CHUNK;
  const key = isWhole ? paths.trainEvents(tenant, id, chunk) : paths.trainEventsPart(tenant, id, chunk);
  return objects.put(key, lines(events), { contentType: 'application/jsonl' });
}

/** Events of a full file or the last one; of an unfinished hundred, as far as it was written; oldest first. */
async function read(objects: ObjectStore, { tenant, id }: Place, chunk: number): Promise<TrainEvent[]> {
  const whole = await readFile(objects, paths.trainEvents(tenant, id, chunk));
  if (whole.length === CHUNK) return whole;
  const part = await readFile(objects, paths.trainEventsPart(tenant, id, chunk));
  return part.length > whole.length ? part : whole;
}

/** None where there is no such file. */
async function readFile(objects: ObjectStore, key: string): Promise<TrainEvent[]> {
  try {
    const { bytes } = await objects.get(key);
    return z.array(trainEvent).parse(
      bytes
        .toString()
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as unknown),
    );
  } catch (error) {
    if (error instanceof ObjectMissing) return [];
    throw error;
  }
}

/**
 * Puts what has gathered in Redis into files. May be repeated, and done by several at once.
 * @param all also an unfinished hundred, which stays in Redis
 */
export async function keepEvents(objects: ObjectStore, state: TrainJobState, at: Place, all: boolean): Promise<void> {
  for (;;) {
    const live = await state.read(at.id);
    if (!live) return;
    const { kept, events } = live;
    const waiting = events - kept;
    if (waiting === 0 || (waiting < CHUNK && !all)) return;
    const some = await state.tail(at.id, kept, kept + CHUNK);
    if (some.kept !== kept) continue;
    if (some.events.length > 0) await write(objects, at, kept / CHUNK, some.events, isTrainJobOver(live));
    if (some.events.length < CHUNK) return;
    await state.kept(at.id, kept, CHUNK);
  }
}

/** What a state that Redis has lost is to begin with. */
export async function eventsInStore(
  objects: ObjectStore,
  at: Place,
): Promise<{ readonly kept: number; readonly rest: readonly TrainEvent[] }> {
  const prefix = paths.trainEventsOf(at.tenant, at.id);
  let last = 0;
  for await (const { key } of objects.list(prefix))
    last = Math.max(last, Number.parseInt(key.slice(prefix.length), 10));
  const events = await read(objects, at, last);
  // All before the last one are full: none is begun until then.
  return events.length < CHUNK ? { kept: last * CHUNK, rest: events } : { kept: (last + 1) * CHUNK, rest: [] };
}

/**
 * Events `from` to `to`, numbered from 0, without `to`; oldest first.
 * @param kept how many of them are in files as far as is known; the others are in Redis
 */
export async function readEvents(
  objects: ObjectStore,
  state: TrainJobState,
  at: Place,
  { from, to, kept }: { readonly from: number; readonly to: number; readonly kept: number },
): Promise<readonly { readonly number: number; readonly event: TrainEvent }[]> {
  // Those of Redis first: what goes into files meanwhile is found there.
  const first = Math.max(from, kept);
  const tail = first < to ? await state.tail(at.id, first, to) : { kept, events: [] };
  const found: { number: number; event: TrainEvent }[] = [];
  const inFiles = Math.min(to, Math.max(kept, tail.kept));
  for (let chunk = Math.floor(from / CHUNK); chunk * CHUNK < inFiles; chunk++) {
    const events = await read(objects, at, chunk);
    for (const [index, event] of events.entries()) {
      const number = chunk * CHUNK + index;
      if (number >= from && number < inFiles) found.push({ number, event });
    }
  }
  for (const [index, event] of tail.events.entries()) found.push({ number: Math.max(first, tail.kept) + index, event });
  return found;
}
