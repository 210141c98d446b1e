/** Looks at a data job until it is over: a bar for the stage that is worked on, a line for each that is done. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type DataJobObject, dataJobObject } from '../../../shared/data/job-object.ts';
import { UserError } from '../../user-error.ts';
import { type Client, mayPass } from '../client.ts';
import { openProgress } from '../progress.ts';
import { duration, printJson, warn } from '../terminal.ts';
import { currentStage, dataPath, endedText, hasEnded, printJob, stageText } from './show.ts';

const LOOK_MS = 1_000;
const AWAY_MS = 600_000;
/** Shells give this to what Ctrl-C ended. */
const INTERRUPTED = 130;

/** @returns the exit code: 0 when the job is completed */
export async function watchJob(client: Client, first: DataJobObject, json: boolean): Promise<number> {
  const interrupted = new AbortController();
  const stop = (): void => interrupted.abort();
  process.once('SIGINT', stop);
  try {
    const last = await untilOver(client, first, json, interrupted.signal);
    if (json) printJson(last);
    else printJob(last);
    return last.status === 'completed' ? 0 : 1;
  } catch (error) {
    if (!interrupted.signal.aborted) throw error;
    warn(`the job goes on: \`./cota data show ${first.id} --wait\` watches it again,`);
    warn(`                 \`./cota data cancel ${first.id}\` stops it`);
    return INTERRUPTED;
  } finally {
    process.removeListener('SIGINT', stop);
  }
}

async function untilOver(
  client: Client,
  first: DataJobObject,
  json: boolean,
  signal: AbortSignal,
): Promise<DataJobObject> {
  const progress = openProgress(json);
  const told = new Set<string>();
  const paces = openPaces();
  let now = first;
  let awaySince: number | undefined;
  try {
    for (;;) {
      for (const stage of now.stages) {
        if (stage.ended_at === null || stage.shards === 0 || told.has(stage.name)) continue;
        told.add(stage.name);
        progress.note(endedText(stage));
      }
      if (hasEnded(now)) return now;
      const stage = currentStage(now);
      const away = awaySince === undefined ? undefined : performance.now() - awaySince;
      if (away !== undefined) progress.show(`the API has not answered for ${duration(away)}; asking again`);
      else if (!stage) progress.show(now.notice ?? now.status.replace('_', ' '));
      else {
        const { perSecond, leftMs } = paces(stage.name, stage.rows, stage.progress);
        const notice = now.notice === null ? '' : `; ${now.notice}`;
        progress.show(`${stageText(stage, perSecond ?? stage.rows_per_second, leftMs)}${notice}`, stage.progress);
      }
      await sleep(LOOK_MS, undefined, { signal });
      try {
        now = await client.get(dataPath(now.id), dataJobObject);
        awaySince = undefined;
      } catch (error) {
        signal.throwIfAborted();
        if (!mayPass(error)) throw error;
        awaySince ??= performance.now();
        if (performance.now() - awaySince > AWAY_MS) {
          const words = `${(error as Error).message}; once it is back, \`./cota data show ${now.id} --wait\` watches again`;
          throw new UserError(words, 1);
        }
      }
    }
  } finally {
    progress.end();
  }
}

const PACE_MS = 20_000;

/** Rows a second and time left, by what the last moments brought; undefined until that can be said. */
function openPaces() {
  let name = '';
  let seen: { readonly at: number; readonly rows: number; readonly share: number }[] = [];
  return (stage: string, rows: number, share: number): { readonly perSecond?: number; readonly leftMs?: number } => {
    const at = performance.now();
    if (stage !== name) seen = [];
    name = stage;
    seen = [...seen.filter((one) => at - one.at < PACE_MS), { at, rows, share }];
    const [oldest] = seen;
    if (!oldest || at - oldest.at < LOOK_MS / 2) return {};
    const grown = share - oldest.share;
    return {
      ...(rows > oldest.rows ? { perSecond: ((rows - oldest.rows) * 1000) / (at - oldest.at) } : {}),
      ...(grown > 0 ? { leftMs: ((1 - share) * (at - oldest.at)) / grown } : {}),
    };
  };
}
