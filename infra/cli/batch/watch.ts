/** Looks at a batch until it is over. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type BatchObject, batchObject } from '../../../shared/batch/batch-object.ts';
import { UserError } from '../../user-error.ts';
import { type Client, mayPass } from '../client.ts';
import { openProgress } from '../progress.ts';
import { label } from '../show-run.ts';
import { duration, number, printJson, say, warn } from '../terminal.ts';
import { endedWell, hasEnded, printState } from './show.ts';

const LOOK_MS = 1_000;
/** A batch goes on without its watcher; one that waits for an API that never comes back is of no use to anybody. */
const AWAY_MS = 600_000;
/** Shells give this to what Ctrl-C ended. */
const INTERRUPTED = 130;

/**
 * Prints how the batch ended.
 * @returns the exit code: 0 when every line was answered
 */
export async function watchBatch(client: Client, first: BatchObject, json: boolean): Promise<number> {
  const interrupted = new AbortController();
  const stop = (): void => interrupted.abort();
  process.once('SIGINT', stop);
  if (!json) say(`${label('batch')}${first.id}`);
  try {
    const last = await untilOver(client, first, json, interrupted.signal);
    if (json) printJson(last);
    else printState(last);
    return endedWell(last) ? 0 : 1;
  } catch (error) {
    if (!interrupted.signal.aborted) throw error;
    warn(`the batch goes on: \`./cota batch status ${first.id} --wait\` watches it again,`);
    warn(`                   \`./cota batch cancel ${first.id}\` stops it`);
    return INTERRUPTED;
  } finally {
    process.removeListener('SIGINT', stop);
  }
}

async function untilOver(client: Client, first: BatchObject, json: boolean, signal: AbortSignal): Promise<BatchObject> {
  const progress = openProgress(json);
  const pace = openPace();
  let now = first;
  let awaySince: number | undefined;
  try {
    while (!hasEnded(now)) {
      const { total, completed, failed } = now.request_counts;
      const away = awaySince === undefined ? undefined : performance.now() - awaySince;
      const share = total === 0 ? undefined : (completed + failed) / total;
      progress.show(away === undefined ? progressText(now, pace(completed + failed)) : awayText(away), share);
      await sleep(LOOK_MS, undefined, { signal });
      try {
        now = await client.get(`/v1/batches/${now.id}`, batchObject);
        awaySince = undefined;
      } catch (error) {
        signal.throwIfAborted();
        if (!mayPass(error)) throw error;
        awaySince ??= performance.now();
        if (performance.now() - awaySince > AWAY_MS) throw givenUp(now.id, error);
      }
    }
    return now;
  } finally {
    progress.end();
  }
}

const awayText = (ms: number): string => `the API has not answered for ${duration(ms)}; asking again`;

const givenUp = (id: string, error: unknown): UserError =>
  new UserError(`${(error as Error).message}; once it is back, \`./cota batch status ${id} --wait\` watches again`, 1);

function progressText(batch: BatchObject, perSecond: number | undefined): string {
  const { status, request_counts: counts, cota } = batch;
  if (status === 'validating') return 'checking the file';
  if (status === 'finalizing' || status === 'cancelling') return `${status}: the last results are being written`;
  const ended = counts.completed + counts.failed;
  // What the cluster says before it knows this batch is a guess from others; the pace of this one is not.
  const { seconds, basis } = cota.estimate ?? { seconds: null, basis: undefined };
  const left = basis === 'this batch' || !perSecond ? seconds : (counts.total - ended) / perSecond;
  return [
    `${number(ended)} of ${number(counts.total)}`,
    ...(counts.failed > 0 ? [`${number(counts.failed)} failed`] : []),
    ...(!perSecond ? [] : [`${perSecond < 10 ? perSecond.toFixed(1) : number(Math.round(perSecond))}/s`]),
    ...(left === null || ended === 0 ? [] : [left < 1 ? 'a moment left' : `${duration(left * 1000)} left`]),
    ...(cota.notice === undefined ? [] : [cota.notice]),
  ].join(', ');
}

const PACE_MS = 20_000;

/** Lines a second over the last moments; undefined until that can be said. */
function openPace(): (ended: number) => number | undefined {
  let seen: { readonly at: number; readonly ended: number }[] = [];
  return (ended) => {
    const at = performance.now();
    seen = [...seen.filter((one) => at - one.at < PACE_MS), { at, ended }];
    const [oldest] = seen;
    if (!oldest || at - oldest.at < LOOK_MS / 2) return undefined;
    return ((ended - oldest.ended) * 1000) / (at - oldest.at);
  };
}

/** What was made, and how to come back to it. */
export function printMade(batch: BatchObject, json: boolean): void {
  if (json) printJson(batch);
  else {
    say(`${label('batch')}${batch.id}`);
    say(`${label('watch')}./cota batch status ${batch.id} --wait`);
  }
}
