/** A fine-tuning job for people. */
import type { TrainEventObject, TrainJobObject } from '../../../shared/train/job-object.ts';
import { label } from '../show-run.ts';
import { duration, moment, number, paragraph, say } from '../terminal.ts';

export const trainPath = (id: string): string => `/v1/fine_tuning/jobs/${encodeURIComponent(id)}`;

export const hasEnded = ({ status }: Pick<TrainJobObject, 'status'>): boolean =>
  status === 'succeeded' || status === 'failed' || status === 'cancelled';

/** `training: step 1,200, 3,000,000 of 8,000,000 tokens, 12 min left` */
export function progressText({ cota, estimated_finish: finish }: TrainJobObject, nowS: number): string {
  const { phase, step, tokens, tokens_planned: planned } = cota;
  const left = finish === null ? undefined : (finish - nowS) * 1000;
  return [
    step > 0 ? `${phase ?? 'training'}: step ${number(step)}` : (phase ?? 'waiting'),
    ...(planned !== null ? [`${number(tokens)} of ${number(planned)} tokens`] : []),
    ...(left !== undefined && left > 0 ? [`${duration(left)} left`] : []),
  ].join(', ');
}

export const eventText = ({ created_at: at, level, message }: TrainEventObject): string =>
  `${moment(at)}  ${level === 'info' ? '' : `${level}: `}${message}`;

export function printTrainJob(job: TrainJobObject): void {
  const { id, status, error, fine_tuned_model: model, cota, created_at: made, finished_at: ended } = job;
  say(`${label('job')}${id}`);
  say(`${label('recipe')}${cota.recipe}, seed ${job.seed}`);
  say(
    `${label('data')}${job.training_file}${job.validation_file === null ? '' : `, judged by ${job.validation_file}`}`,
  );
  say(`${label('status')}${status}${ended === null ? '' : ` after ${duration((ended - made) * 1000)}`}`);
  say(`${label('made')}${moment(made)}`);
  if (!hasEnded(job)) say(`${label('progress')}${progressText(job, Date.now() / 1000)}`);
  else if (job.trained_tokens !== null) say(`${label('trained')}${number(job.trained_tokens)} tokens`);
  if (cota.notice !== null) say(paragraph('waiting', 'yellow', cota.notice));
  if (error) say(paragraph('error', 'red', `${error.message} (${error.code})`));
  if (model !== null) say(`${label('model')}${model}`);
  if (status === 'succeeded') say(`${label('files')}./cota train download ${id} --out FOLDER`);
}
