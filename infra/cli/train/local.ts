/**
 * A training in this process: the code of the train worker, on a store in a folder instead of a cluster. What it has done
 * lies in the data folder, so that the same command goes on where it was ended.
 */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { readEnv } from '../../../shared/env.ts';
import { CotaError } from '../../../shared/errors.ts';
import { type ObjectStore, openObjectStore } from '../../../shared/object-store.ts';
import { type TrainJob, type TrainSource, trainJob } from '../../../shared/train/job.ts';
import type { TrainRecipe } from '../../../shared/train/recipe.ts';
import { readChains } from '../../../workers/data/factory/chain-files.ts';
import { finalChains } from '../../../workers/data/factory/dataset.ts';
import { runHere } from '../../../workers/data/factory/here.ts';
import { attemptTraining } from '../../../workers/train/attempt.ts';
import { type Outcome, TrainingFailed, type TrainParts } from '../../../workers/train/desk.ts';
import { dataFolder, fromHere } from '../../stack/settings.ts';
import { UserError } from '../../user-error.ts';
import { readRecipe } from '../data/recipe-file.ts';
import { openProgress, type Progress } from '../progress.ts';
import { label } from '../show-run.ts';
import { number, printJson, say, warn } from '../terminal.ts';
import { openLocalDesk } from './local-desk.ts';

export interface LocalWishes {
  readonly chains: string | undefined;
  readonly validation: string | undefined;
  readonly seed: number | undefined;
  readonly out: string | undefined;
  readonly json: boolean;
  /** Data folder. */
  readonly data: string | undefined;
}

/** As in runs of the factory within one process. */
const TENANT = 'here';
const INTERRUPTED = 130;

/** @returns the exit code */
export async function trainHere(given: TrainRecipe, wishes: LocalWishes): Promise<number> {
  const recipe = wishes.seed === undefined ? given : { ...given, seed: wishes.seed };
  const env = readEnv();
  // The same recipe on the same data is the same training.
  const facts = JSON.stringify([recipe, wishes.chains, wishes.validation]);
  const name = createHash('sha256').update(facts).digest('hex').slice(0, 26);
  const folder = join(dataFolder(wishes.data), 'train-local', `${recipe.name}-${name.slice(0, 8)}`);
  const objects = await openObjectStore({
    ...{ driver: 'fs', root: join(folder, 'store'), sync: 'everysec', linkSecret: 'no link is made here' },
  });
  const progress = openProgress(wishes.json);
  const [ask, kill] = [new AbortController(), new AbortController()];
  const onSignal = (): void => {
    if (ask.signal.aborted) kill.abort();
    ask.abort();
    progress.note('saving a checkpoint; once more ends it at once');
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, onSignal);
  try {
    const job = await jobOf(recipe, `ftjob-${name}`, wishes, objects, progress);
    const work = join(folder, 'work');
    await rm(work, { recursive: true, force: true });
    await mkdir(work, { recursive: true });
    const desk = openLocalDesk(progress, join(folder, 'log.txt'));
    const parts = partsOf(objects, env.COTA_TRAIN_PYTHON, env.COTA_RETRY_MS);
    const attempt = { parts, job, desk, folder: work, name: name.slice(0, 8), ask: ask.signal, kill: kill.signal };
    const outcome = await attemptTraining(attempt).finally(() => desk.close());
    progress.end();
    if (outcome.is === 'failed') throw new UserError(outcome.error.message, 1);
    if (outcome.is === 'stopped') {
      warn('ended; the same command goes on from the last checkpoint');
      return INTERRUPTED;
    }
    const out = fromHere(wishes.out ?? `models/${recipe.base}-trained`);
    await copyResult(objects, outcome, out);
    await rm(folder, { recursive: true, force: true });
    if (wishes.json)
      printJson({
        out,
        files: outcome.result.files.map(({ name: file, bytes, sha256 }) => ({ name: file, bytes, sha256 })),
      });
    else
      say(
        `${label('model')}${outcome.result.files.length} files in ${out}; models.yaml names it as \`path\` (docs/models.md)`,
      );
    return 0;
  } catch (error) {
    progress.end();
    if (error instanceof TrainingFailed || error instanceof CotaError) throw new UserError(error.message, 1);
    throw error;
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.removeListener(signal, onSignal);
    await objects.close();
  }
}

const partsOf = (objects: ObjectStore, python: string, retryMs: number): TrainParts => ({
  ...{ objects, python, retryMs },
  findData: async () => undefined,
  meter: async () => undefined,
  keepMetrics: async () => undefined,
  register: async () => undefined,
  unregister: async () => undefined,
});

async function jobOf(
  recipe: TrainRecipe,
  id: string,
  { chains, validation }: LocalWishes,
  objects: ObjectStore,
  progress: Progress,
): Promise<TrainJob> {
  const training = chains === undefined ? await makeChains(recipe, objects, progress) : await keep(objects, chains);
  return trainJob.parse({
    ...{ id, tenant: TENANT, recipe, model: recipe.base, hyperparameters: {}, seed: recipe.seed, training },
    ...(validation === undefined ? {} : { validation: await keep(objects, validation) }),
    ...{ status: 'running', createdAt: Date.now() },
  });
}

/** A file of this machine, in the store of this training. */
async function keep(objects: ObjectStore, word: string): Promise<TrainSource> {
  const key = `t/${TENANT}/content/${createHash('sha256').update(word).digest('hex').slice(0, 26)}`;
  try {
    await objects.put(key, createReadStream(fromHere(word)), { contentType: 'application/jsonl' });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const what = code === 'ENOENT' ? `there is no file ${word}; with --local, --chains is a file of chains` : message;
    throw new UserError(what, 1);
  }
  const bytes = (await objects.head(key))?.size ?? 0;
  if (bytes === 0) throw new UserError(`${word} is empty`);
  return { id: word, kind: 'file', parts: [{ key, bytes }] };
}

/** Chains by the data recipe that the training recipe names; those of an earlier start are taken. */
async function makeChains({ name, data }: TrainRecipe, objects: ObjectStore, progress: Progress): Promise<TrainSource> {
  if (data.recipe === undefined) {
    throw new UserError(`the recipe ${name} says not what to train on: give --chains FILE, a file of chains`);
  }
  const key = `t/${TENANT}/content/made-chains`;
  const source = (bytes: number): TrainSource => ({
    id: `the data recipe ${data.recipe}`,
    kind: 'file',
    parts: [{ key, bytes }],
  });
  const there = await objects.head(key);
  if (there) return source(there.size);
  const { recipe } = readRecipe(data.recipe, []);
  const needsCluster = recipe.sources.find(
    ({ program, chains, ...others }) =>
      Object.keys(others).length > 1 || chains !== undefined || (program?.observe?.tool ?? 0) > 0,
  );
  if (needsCluster) {
    const words = `the data recipe ${data.recipe} needs a cluster (its source ${needsCluster.name} asks models or tools, or reads a file)`;
    throw new UserError(`${words}: make its chains with \`cota data run ${data.recipe}\` and give them with --chains`);
  }
  const { STAGES } = await import('../../../workers/data/factory/stages.ts');
  let rows = 0;
  const { reports } = await runHere(STAGES, { ...recipe, export: [], report: false }, objects, {
    onShard({ stage, files }) {
      rows += files.reduce((sum, file) => sum + file.rows, 0);
      progress.show(`${stage}: ${number(rows)} rows`);
    },
  });
  const view = {
    ...{ id: 'data_here', tenant: TENANT, recipe, objects },
    input: () => '',
    reports: async (stage: string) => reports.get(stage) ?? [],
    dataset: async () => [],
  };
  const files = await finalChains(view);
  async function* lines(): AsyncGenerator<string> {
    for (const file of files) for await (const chain of readChains(objects, file)) yield `${JSON.stringify(chain)}\n`;
  }
  await objects.put(key, Readable.from(lines(), { objectMode: false }), { contentType: 'application/jsonl' });
  return source((await objects.head(key))?.size ?? 0);
}

async function copyResult(objects: ObjectStore, outcome: Extract<Outcome, { is: 'done' }>, out: string): Promise<void> {
  for (const { name, key } of outcome.result.files) {
    const path = join(out, name);
    await mkdir(dirname(path), { recursive: true });
    await pipeline((await objects.stream(key)).body, createWriteStream(path));
  }
}
