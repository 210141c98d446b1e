/** What comes of a training: the model in the store, served where it can be, its metrics as a file, its page. */
import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { trainerEnv } from '../../shared/env.ts';
import { paths } from '../../shared/keys.ts';
import type { ObjectStore } from '../../shared/object-store.ts';
import { type TrainFile, trainedModelId } from '../../shared/train/job.ts';
import type { Places } from './command.ts';
import { type Attempt, type Outcome, TrainingFailed } from './desk.ts';
import { filesBelow, keyName, putFile, stepOf } from './kept-checkpoints.ts';
import { keepPage } from './kept-page.ts';
import { metricsCsv } from './metrics-csv.ts';

const EXPORT = join(import.meta.dirname, 'python/export.py');
const EXPORT_MS = 600_000;
const run = promisify(execFile);

/** @param trained path of the last checkpoint below {out}, where the trainer says it */
export async function finish(attempt: Attempt, places: Places, trained: { readonly path?: string }): Promise<Outcome> {
  const { parts, job, desk } = attempt;
  const { recipe } = job;
  const folder =
    recipe.trainer.kind === 'nano'
      ? await exportNano(attempt, places, trained)
      : join(places.out, recipe.trainer.result);
  const names = await resultNames(attempt, folder);
  if (names.length === 0) {
    const words = `The trainer ended well and left no file in its result folder (trainer.result: ${recipe.trainer.kind === 'command' ? recipe.trainer.result : '.'}).`;
    throw new TrainingFailed('no_result', words);
  }
  const isServed = recipe.serve !== undefined && names.includes('onnx/model.onnx');
  const all = isServed ? paths.trainedModel(job.tenant, job.id.slice(-10)) : paths.trainResults(job.tenant, job.id);
  const place = `${all}${attempt.name}/`;
  const files: TrainFile[] = [];
  for (const name of names) {
    if (attempt.kill.aborted) return { is: 'stopped' };
    files.push(await putFile(parts.objects, join(folder, name), `${place}${keyName(name)}`, name));
  }
  const csv = await parts.keepMetrics(job, Readable.from(metricsCsv(desk.events())));
  await keepPage(attempt, places).catch((error: unknown) => {
    // Hours of training are not to be lost for a picture of them.
    const message = `The page of the training could not be made: ${error instanceof Error ? error.message : error}`;
    return desk.say({ level: 'warn', type: 'message', message });
  });
  if (!(await desk.holds())) return { is: 'stopped' };
  if (isServed) await parts.register(job, files, recipe.description);
  else
    await parts.meter(
      job.tenant,
      files.reduce((sum, { bytes }) => sum + bytes, 0),
    );
  await removeOthers(parts.objects, all, place);
  const model = isServed ? trainedModelId(job) : null;
  return {
    is: 'done',
    result: { model, files, resultFiles: csv === undefined ? [] : [csv] },
    words: isServed ? `The model ${model} is registered: model workers serve it.` : howToServe(attempt, files),
  };
}

/** Nothing names what an earlier try had put away before it died. */
async function removeOthers(objects: ObjectStore, folder: string, kept: string): Promise<void> {
  const others: string[] = [];
  for await (const { key } of objects.list(folder)) if (!key.startsWith(kept)) others.push(key);
  for (const key of others) await objects.delete(key);
}

/** @returns the folder of the exported model */
async function exportNano(
  { parts, desk, folder, kill }: Attempt,
  places: Places,
  { path }: { readonly path?: string },
): Promise<string> {
  if (path === undefined)
    throw new TrainingFailed('trainer_failed', 'The trainer ended without naming its last checkpoint.');
  const out = join(folder, 'model');
  const vocabulary = join(places.data, 'vocabulary.json');
  const args = [EXPORT, join(places.out, path), '--vocabulary', vocabulary, '--out', out];
  try {
    const { stdout } = await run(parts.python, args, {
      ...{ env: trainerEnv({}), cwd: places.out, timeout: EXPORT_MS, signal: kill, maxBuffer: 16 * 1024 * 1024 },
    });
    for (const line of stdout.split('\n')) if (line !== '') desk.log(line);
  } catch (error) {
    const { stderr = '', message, signal } = error as { stderr?: string; message: string; signal?: string | null };
    // It did not say that it cannot be done: the job is tried again.
    if (signal) throw new Error(`The export of the model was ended by ${signal}: is there memory for it?`);
    const last = stderr.trim().split('\n').at(-1) || message;
    throw new TrainingFailed('export_failed', `The model could not be written as ONNX: ${last.slice(0, 500)}`);
  }
  return out;
}

/** Files of the result; of {out} itself, without the checkpoints of its trainer. */
async function resultNames({ job: { recipe } }: Attempt, folder: string): Promise<string[]> {
  if (!(await stat(folder).catch(() => undefined))) return [];
  const all = await filesBelow(folder, '.');
  if (recipe.trainer.kind === 'nano' || recipe.trainer.result !== '.') return all;
  const { name } = recipe.trainer.checkpoints;
  return all.filter((one) => stepOf(name, one.split('/')[0] ?? '') === undefined);
}

function howToServe({ job }: Attempt, files: readonly TrainFile[]): string {
  const megabytes = Math.ceil(files.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6);
  const why = files.some(({ name }) => name === 'onnx/model.onnx')
    ? 'its recipe says not how it is served (serve)'
    : "they are no ONNX folder, which is what Cota's own engine serves";
  return `The weights are kept (${files.length} files, ${megabytes} MB): ${why}. Fetch them (cota train download ${job.id}), serve their folder by an OpenAI-compatible server such as vLLM, and give it an entry with backend openai in models.yaml (docs/models.md).`;
}
