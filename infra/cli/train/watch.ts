/** Looks at a fine-tuning job until it is over: a line for each event, a bar for the rest. */
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { type TrainJobObject, trainEventObject, trainJobObject } from '../../../shared/train/job-object.ts';
import { UserError } from '../../user-error.ts';
import { type Client, mayPass } from '../client.ts';
import { openProgress } from '../progress.ts';
import { duration, printJson, warn } from '../terminal.ts';
import { eventText, hasEnded, printTrainJob, progressText, trainPath } from './show.ts';

const LOOK_MS = 1_000;
const AWAY_MS = 600_000;
/** Shells give this to what Ctrl-C ended. */
const INTERRUPTED = 130;
const events = z.looseObject({ data: z.array(trainEventObject), has_more: z.boolean() });

/** @returns the exit code: 0 when the job has succeeded */
export async function watchTrainJob(client: Client, first: TrainJobObject, json: boolean): Promise<number> {
  const interrupted = new AbortController();
  const stop = (): void => interrupted.abort();
  process.once('SIGINT', stop);
  try {
    const last = await untilOver(client, first, json, interrupted.signal);
    if (json) printJson(last);
    else printTrainJob(last);
    return last.status === 'succeeded' ? 0 : 1;
  } catch (error) {
    if (!interrupted.signal.aborted) throw error;
    warn(`the training goes on: \`./cota train show ${first.id} --wait\` watches it again,`);
    warn(`                      \`./cota train cancel ${first.id}\` stops it`);
    return INTERRUPTED;
  } finally {
    process.removeListener('SIGINT', stop);
  }
}

async function untilOver(client: Client, first: TrainJobObject, json: boolean, signal: AbortSignal) {
  const progress = openProgress(json);
  let now = first;
  let after: string | undefined;
  let awaySince: number | undefined;
  try {
    for (;;) {
      try {
        const asked = hasEnded(now);
        after = await tellEvents(client, now.id, after, progress.note);
        if (asked) return now;
        now = await client.get(trainPath(now.id), trainJobObject);
        awaySince = undefined;
      } catch (error) {
        signal.throwIfAborted();
        if (!mayPass(error)) throw error;
        awaySince ??= performance.now();
        if (performance.now() - awaySince > AWAY_MS) {
          const again = `once it is back, \`./cota train show ${now.id} --wait\` watches again`;
          throw new UserError(`${(error as Error).message}; ${again}`, 1);
        }
      }
      if (awaySince !== undefined) {
        const away = duration(performance.now() - awaySince);
        progress.show(`the API has not answered for ${away}; asking again`);
      } else if (now.cota.notice !== null || now.status !== 'running') progress.show(now.cota.notice ?? now.status);
      else progress.show(progressText(now, Date.now() / 1000), now.cota.progress);
      if (!hasEnded(now)) await sleep(LOOK_MS, undefined, { signal });
    }
  } finally {
    progress.end();
  }
}

/** @returns the id of the last event that was told */
export async function tellEvents(
  client: Client,
  id: string,
  after: string | undefined,
  tell: (line: string) => void,
): Promise<string | undefined> {
  let last = after;
  for (;;) {
    const query = new URLSearchParams({ order: 'asc', limit: '1000', ...(last === undefined ? {} : { after: last }) });
    const { data, has_more: more } = await client.get(`${trainPath(id)}/events?${query}`, events);
    for (const event of data) tell(eventText(event));
    last = data.at(-1)?.id ?? last;
    if (!more || data.length === 0) return last;
  }
}
