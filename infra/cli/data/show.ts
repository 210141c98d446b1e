/** A data job for people. */
import type { DataJobObject } from '../../../shared/data/job-object.ts';
import { label } from '../show-run.ts';
import { duration, moment, number, paragraph, plural, say, table } from '../terminal.ts';

export const dataPath = (id: string): string => `/v1/data/jobs/${encodeURIComponent(id)}`;

export const hasEnded = ({ status }: Pick<DataJobObject, 'status'>): boolean =>
  status !== 'queued' && status !== 'in_progress';

type StageObject = DataJobObject['stages'][number];

/** The stage that is worked on; undefined before the first and behind the last. */
export const currentStage = (job: DataJobObject): StageObject | undefined =>
  job.stages.find((stage) => stage.started_at !== null && stage.ended_at === null);

/** `make: 12 of 200 shards, 60,000 rows, 2,340/s, 5 min left` */
export function stageText(stage: StageObject, perSecond = stage.rows_per_second, leftMs?: number): string {
  return [
    stage.shards === 0 && stage.ended_at === null
      ? `${stage.name}: planning`
      : `${stage.name}: ${number(stage.done)} of ${plural(stage.shards, 'shard')}`,
    ...(stage.rows > 0 ? [plural(stage.rows, 'row')] : []),
    ...(perSecond === null ? [] : [`${perSecond < 10 ? perSecond.toFixed(1) : number(Math.round(perSecond))}/s`]),
    ...(leftMs === undefined ? [] : [leftMs < 1_000 ? 'a moment left' : `${duration(leftMs)} left`]),
  ].join(', ');
}

/** Of a stage that is over. */
export function endedText(stage: StageObject): string {
  const seconds = Math.max(0, (stage.ended_at ?? 0) - (stage.started_at ?? 0));
  return `${stageText(stage)} in ${duration(seconds * 1000)}`;
}

export function printJob(job: DataJobObject): void {
  const { id, name, status, error, notice, stages } = job;
  say(`${label('data job')}${id}`);
  say(`${label('recipe')}${name}, seed ${job.recipe.seed}`);
  const took =
    job.started_at === null ? '' : `, ${duration(((job.ended_at ?? Date.now() / 1000) - job.started_at) * 1000)}`;
  say(`${label('status')}${status.replace('_', ' ')}${took}`);
  say(`${label('made')}${moment(job.created_at)}`);
  for (const warning of job.warnings) say(paragraph('warning', 'yellow', warning));
  if (notice !== null) say(paragraph('waiting', 'yellow', notice));
  if (error) say(paragraph('error', 'red', `${error.message} (${error.code})`));
  const shown = stages.filter((stage) => stage.shards > 0 || (stage.started_at !== null && stage.ended_at === null));
  if (shown.length > 0) say();
  if (shown.length > 0) {
    const rows = shown.map((stage) => [
      stage.name,
      `${number(stage.done)}/${number(stage.shards)}`,
      `${Math.round(stage.progress * 100)} %`,
      number(stage.rows),
      stage.rows_per_second === null ? '-' : number(stage.rows_per_second),
      countsText(stage.counts),
    ]);
    say(table(['STAGE', 'SHARDS', 'DONE', 'ROWS', 'A SECOND', 'COUNTS'], rows));
  }
  if (status === 'completed') {
    say(`\n${label('files')}./cota data download ${id} --out FOLDER`);
    if (stages.some((stage) => stage.name === 'report' && stage.shards > 0)) {
      say(`${label('report')}./cota data report ${id} --out report.html`);
    }
  }
}

/** Those of a kind, `family:sums` and the like, and those of one source, `menus/asked`, are for `--json` and the report. */
const countsText = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .filter(([name]) => name.startsWith('dropped:') || !/[:/]/.test(name))
    .map(([name, value]) => `${name} ${number(value)}`)
    .join(', ');
