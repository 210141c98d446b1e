/**
 * What a fine-tuning job tells, in order. The newest events are in Redis; each hundred of them goes into a file of the
 * store, so that a job of many days costs Redis what a short one does. The unfinished hundred is written there now and
 * then too: a Redis that was lost costs what came since.
 */
import { z } from 'zod';
import { paths } from '../keys.ts';
import { ObjectMissing, type ObjectStore } from '../object-store.ts';
import { type TrainEvent, trainEvent } from './job.ts';
import type { TrainJobState } from './job-state.ts';

/** Events of a file. */
export const CHUNK = 100;

interface Place {
  readonly tenant: string;
  readonly id: string;
}

const lines = (events: readonly TrainEvent[]): Buffer =>
  Buffer.from(events.map((event) => `${JSON.stringify(event)}\n`).join(''));

const write = (objects: ObjectStore, { tenant, id }: Place, chunk: number, events: readonly TrainEvent[]) =>
  objects.put(paths.trainEvents(tenant, id, chunk), lines(events), { contentType: 'application/jsonl' });

/** Events of one file, oldest first; none where there is no such file. */
async function read(objects: ObjectStore, { tenant, id }: Place, chunk: number): Promise<TrainEvent[]> {
  try {
    const { bytes } = await objects.get(paths.trainEvents(tenant, id, chunk));
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
    const some = await state.tail(at.id, 0, CHUNK - 1);
    if (some.length > 0) await write(objects, at, kept / CHUNK, some);
    if (some.length < CHUNK) return;
    await state.kept(at.id, kept, CHUNK);
  }
}

/** What a state that Redis has lost is to begin with. */
export async function eventsInStore(
  objects: ObjectStore,
  at: Place,
): Promise<{ readonly kept: number; readonly rest: readonly TrainEvent[] }> {
  let chunk = 0;
  for (; ; chunk++) {
    const events = await read(objects, at, chunk);
    if (events.length < CHUNK) return { kept: chunk * CHUNK, rest: events };
  }
}

/**
 * Events `from` to `to`, numbered from 0, without `to`; oldest first.
 * @param kept how many of them are in files; the others are in Redis
 */
export async function readEvents(
  objects: ObjectStore,
  state: TrainJobState,
  at: Place,
  { from, to, kept }: { readonly from: number; readonly to: number; readonly kept: number },
): Promise<readonly { readonly number: number; readonly event: TrainEvent }[]> {
  const found: { number: number; event: TrainEvent }[] = [];
  const inFiles = Math.min(to, kept);
  for (let chunk = Math.floor(from / CHUNK); chunk * CHUNK < inFiles; chunk++) {
    const events = await read(objects, at, chunk);
    for (const [index, event] of events.entries()) {
      const number = chunk * CHUNK + index;
      if (number >= from && number < inFiles) found.push({ number, event });
    }
  }
  const first = Math.max(from, kept);
  if (first < to) {
    const tail = await state.tail(at.id, first - kept, to - kept - 1);
    for (const [index, event] of tail.entries()) found.push({ number: first + index, event });
  }
  return found;
}
